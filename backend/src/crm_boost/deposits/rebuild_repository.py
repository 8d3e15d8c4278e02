"""All SQL of recalculating, and of looking for drift: what is stored against what the ledger says (spec 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Row,
    Subquery,
    Text,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy import cast as as_type

from crm_boost.db.dialect import in_rows
from crm_boost.db.session import ReadSession
from crm_boost.db.types import Question
from crm_boost.deposits.classification import Key
from crm_boost.deposits.models import Deposit, DepositKey, Recalculation
from crm_boost.deposits.recompute_repository import recomputed
from crm_boost.deposits.repository import COUNTS
from crm_boost.deposits.rollup_write_repository import ROLLUPS, Rollup
from crm_boost.deposits.states import CustomerType

_OF_RECORD = (Deposit.staff_id, Deposit.customer_key, Deposit.product_id)
_OF_KEY = (DepositKey.staff_id, DepositKey.customer_key, DepositKey.product_id)
_SAMPLE = 10

StoredKey = tuple[date | None, date | None, int]
"""First date, last date, number of deposits."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How many rows differ from what the ledger says, and some of them."""

    count: int
    sample: list[dict[str, Any]]


async def count_keys(session: ReadSession) -> int:
    """Return how many keys have counting deposits, as far as is stored."""
    statement = select(func.count()).select_from(DepositKey).where(DepositKey.forms > 0)
    return await session.scalar(statement) or 0


async def next_keys(session: ReadSession, after: Key | None, limit: int) -> list[Key]:
    """Return the next keys that have deposits, in the order of the index that they are read from."""
    order = (Deposit.customer_key, Deposit.staff_id, Deposit.product_id)
    statement = select(*_OF_RECORD).distinct().order_by(*order).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*order) > (after.customer_key, after.staff_id, after.product_id))
    return [Key(*row) for row in await session.execute(statement)]


async def stored_keys(session: ReadSession, keys: Sequence[Key]) -> dict[Key, StoredKey]:
    """Return what is stored of these keys."""
    statement = select(*_OF_KEY, DepositKey.first_date, DepositKey.last_date, DepositKey.forms).where(
        in_rows(_OF_KEY, keys)
    )
    return {
        Key(row[0], row[1], row[2]): (row.first_date, row.last_date, row.forms)
        for row in await session.execute(statement)
    }


async def keys_without_deposits(session: ReadSession, limit: int) -> list[Key]:
    """Return keys for which something is stored although they have no deposit."""
    has_deposit = select(Deposit.id).where(*(a == b for a, b in zip(_OF_RECORD, _OF_KEY, strict=True))).exists()
    statement = select(*_OF_KEY).where(or_(DepositKey.forms != 0, DepositKey.last_date.is_not(None)), ~has_deposit)
    return [Key(*row) for row in await session.execute(statement.limit(limit))]


async def latest_run(session: ReadSession) -> Recalculation | None:
    """Return the recalculation that began last."""
    statement = select(Recalculation).order_by(Recalculation.started_at.desc(), Recalculation.id.desc()).limit(1)
    return (await session.scalars(statement)).first()


def _found(key: Any, kind: str) -> Question:
    return select(key.label("key"), key.label("id"), literal(kind).label("kind"))


def _key_facts() -> Subquery:
    """What the ledger says of each key that has deposits."""
    ordinary = case((~Deposit.tambahan, Deposit.record_date), else_=null())
    return (
        select(
            *_OF_RECORD,
            func.min(ordinary).label("first_date"),
            func.max(Deposit.record_date).label("last_date"),
            func.count().label("forms"),
        )
        .where(COUNTS)
        .group_by(*_OF_RECORD)
        .subquery("facts")
    )


async def drift_of(session: ReadSession, differing: Question) -> Drift:
    """Return how many rows a question finds, and some of them. One statement."""
    found = differing.subquery("differing")
    statement = select(func.count().over().label("differing_rows"), found).limit(_SAMPLE)
    rows: Sequence[Row[Any]] = (await session.execute(statement)).all()
    sample = [{name: value for name, value in row._mapping.items() if name != "differing_rows"} for row in rows]
    return Drift(rows[0].differing_rows if rows else 0, sample)


def wrong_keys() -> Question:
    """Keys whose stored first date, last date or number of deposits is not what the ledger says."""
    facts = _key_facts()
    same = and_(*(column == facts.c[column.key] for column in _OF_KEY))

    def differs(stored: Any, said: Any) -> Any:
        return stored.is_distinct_from(said)

    names = ("first_date", "last_date", "forms")
    missing = _found(facts.c.staff_id, "deposit_key").select_from(facts).outerjoin(DepositKey, same)
    missing = missing.where(or_(*(differs(getattr(DepositKey, name), facts.c[name]) for name in names)))
    surplus = _found(DepositKey.staff_id, "deposit_key").select_from(DepositKey).outerjoin(facts, same)
    surplus = surplus.where(facts.c.forms.is_(None), or_(DepositKey.forms != 0, DepositKey.last_date.is_not(None)))
    return select(union_all(missing, surplus).subquery("wrong_keys"))


def wrong_types() -> Question:
    """Deposits whose stored class is not what the first date of their key makes them."""
    facts = _key_facts()
    wanted = case(
        (and_(~Deposit.tambahan, Deposit.record_date == facts.c.first_date), literal(str(CustomerType.NDP))),
        else_=literal(str(CustomerType.RDP)),
    )
    return (
        _found(Deposit.id, "deposit")
        .select_from(Deposit)
        .join(facts, and_(*(column == facts.c[column.key] for column in _OF_RECORD)))
        .where(COUNTS, Deposit.customer_type != wanted)
    )


def wrong_classes() -> Question:
    """Deposits and keys that are not classified as the ledger says."""
    return select(union_all(wrong_types(), wrong_keys()).subquery("wrong_classes"))


def wrong_days() -> Question:
    """Roll-ups that are not what the stored classes add up to: what is, taken away from what has to be."""
    return select(union_all(*(_wrong_rows(rollup) for rollup in ROLLUPS)).subquery("wrong_days"))


def _wrong_rows(rollup: Rollup) -> Question:
    said = recomputed(rollup, None, None).subquery("said")
    stored = select(*rollup.key, *((-rollup.table.c[name]).label(name) for name in rollup.names))
    both = union_all(select(said), stored).subquery("both_sides")
    of_row = [both.c[column.name] for column in rollup.key]
    day = as_type(of_row[0], Text)
    return (
        select(day.label("key"), day.label("id"), literal("deposit_day").label("kind"))
        .group_by(*of_row)
        .having(or_(*(func.sum(both.c[name]) != 0 for name in rollup.names)))
    )
