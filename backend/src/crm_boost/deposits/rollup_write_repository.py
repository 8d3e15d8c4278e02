"""All SQL that changes the roll-ups: adding differences, setting what has to be, dropping what has come to nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, delete

from crm_boost.db.dialect import has_parallel_writers, in_rows
from crm_boost.db.session import WriteSession
from crm_boost.db.statements import Write, adding, overwriting, write_each
from crm_boost.deposits.classification import FIGURES
from crm_boost.deposits.models import DepositDay, DepositMonth, DepositStaffDay
from crm_boost.deposits.rollups import TIERS, UNIQUES

_FORMS = [FIGURES.index(name) for name in ("ndp_forms", "rdp_forms")]

RowKey = tuple[Any, ...]
"""The primary key of a row of a roll-up, in the order of its columns."""

RowAmounts = Sequence[int]
"""The figures of a row, in the order of `Rollup.names`."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """One of the tables of sums. The first column of its key is a day."""

    table: Table
    names: tuple[str, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """The columns of the primary key."""
        return tuple(self.table.primary_key)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns: those of the key, then the figures."""
        return (*(column.name for column in self.key), *self.names)


DAYS = Rollup(cast(Table, DepositDay.__table__), FIGURES)
STAFF_DAYS = Rollup(cast(Table, DepositStaffDay.__table__), FIGURES + UNIQUES)
MONTHS = Rollup(cast(Table, DepositMonth.__table__), FIGURES + TIERS)
ROLLUPS = (DAYS, STAFF_DAYS, MONTHS)
"""In the order in which everybody locks them."""


async def add_to(session: WriteSession, rollup: Rollup, changes: Mapping[Any, RowAmounts]) -> None:
    """Add differences to rows, in one order for everybody; a row that comes to nothing goes."""
    await add_to_each(session, ((rollup, changes),))


async def add_to_each(session: WriteSession, changes: Sequence[tuple[Rollup, Mapping[Any, RowAmounts]]]) -> None:
    """The same for several roll-ups, which have to be in the order in which everybody locks them."""
    await write_each(session, [_to_add(session, rollup, rows) for rollup, rows in changes])
    for rollup, rows in changes:
        shrunk = [key for key, amounts in rows.items() if sum(amounts[place] for place in _FORMS) < 0]
        if shrunk:
            await delete_empty(session, rollup, shrunk)


def _to_add(session: WriteSession, rollup: Rollup, changes: Mapping[Any, RowAmounts]) -> Write:
    rows = [(*key, *amounts) for key, amounts in sorted(changes.items())]
    return Write(adding(rollup.table, rollup.names)(session), rows, rollup.columns)


async def set_to(session: WriteSession, rollup: Rollup, rows: Mapping[RowKey, RowAmounts]) -> None:
    """Store rows as they have to be; those of nothing go."""
    wanted = [(*key, *amounts) for key, amounts in sorted(rows.items())]
    await write_each(session, [Write(overwriting(rollup.table, rollup.names)(session), wanted, rollup.columns)])
    await delete_empty(session, rollup, rows)


async def lock(session: WriteSession, rollup: Rollup, keys: Collection[RowKey]) -> None:
    """Hold these rows alone until the end of the transaction, in the order of everybody who adds to them."""
    if keys and has_parallel_writers(session):
        await add_to(session, rollup, {key: [0] * len(rollup.names) for key in keys})


async def delete_empty(session: WriteSession, rollup: Rollup, keys: Iterable[RowKey]) -> None:
    """Drop those of these rows that have no deposit."""
    columns = rollup.table.c
    of_keys = in_rows(rollup.key, list(keys))
    await session.execute(delete(rollup.table).where(of_keys, columns.ndp_forms + columns.rdp_forms == 0))
