"""All SQL of recalculating, and of looking for drift: what is stored against what the ledger says (spec 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Row,
    Select,
    Subquery,
    Table,
    Text,
    and_,
    case,
    distinct,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy import cast as as_type

from crm_boost.db.dialect import has_parallel_writers, inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.deposits.classification import FIGURES, Figures, Key
from crm_boost.deposits.models import Deposit, DepositDay, DepositKey, Recalculation
from crm_boost.deposits.repository import COUNTS, DayKey, day_key, delete_empty_days, write_rows
from crm_boost.deposits.states import CustomerType

_day = cast(Table, DepositDay.__table__)
_OF_RECORD = (Deposit.staff_id, Deposit.customer_key, Deposit.product_id)
_OF_KEY = (DepositKey.staff_id, DepositKey.customer_key, DepositKey.product_id)
_SAMPLE = 10

StoredKey = tuple[date | None, date | None, int]
"""First date, last date, number of deposits."""


Question = Select[*tuple[Any, ...]]
"""A statement that finds rows at fault. Columns: `key`, `id`, `kind`; ids and days, nobody's personal data."""


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
    """Return the next keys that have deposits, in the order of the database."""
    statement = select(*_OF_RECORD).distinct().order_by(*_OF_RECORD).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*_OF_RECORD) > tuple_(*after))
    return [Key(*row) for row in await session.execute(statement)]


async def stored_keys(session: ReadSession, keys: Sequence[Key]) -> dict[Key, StoredKey]:
    """Return what is stored of these keys."""
    statement = select(*_OF_KEY, DepositKey.first_date, DepositKey.last_date, DepositKey.forms).where(
        tuple_(*_OF_KEY).in_([tuple(key) for key in keys])
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


async def days_span(session: ReadSession) -> tuple[date, date] | None:
    """Return the first and the last day on which anything counts or is stored."""
    ledger = select(func.min(Deposit.record_date), func.max(Deposit.record_date)).where(COUNTS)
    stored = select(func.min(DepositDay.record_date), func.max(DepositDay.record_date))
    ends: list[Any] = [end for statement in (ledger, stored) for end in (await session.execute(statement)).one()]
    days = [end for end in ends if end is not None]
    return (min(days), max(days)) if days else None


def _recomputed(start: date | None, end: date | None) -> Select[*tuple[Any, ...]]:
    """What the roll-ups have to be: the definition once more, over all deposits at once."""
    of_day = (Deposit.record_date, Deposit.staff_id, Deposit.product_id)
    ndp = Deposit.customer_type == str(CustomerType.NDP)

    def of(kind: CustomerType, what: Any) -> Any:
        condition = ndp if kind is CustomerType.NDP else ~ndp
        return as_type(func.coalesce(func.sum(case((condition, what), else_=0)), 0), BigInteger)

    def customers(kind: CustomerType) -> Any:
        condition = ndp if kind is CustomerType.NDP else ~ndp
        return func.count(distinct(case((condition, Deposit.customer_key), else_=null())))

    n, r = CustomerType.NDP, CustomerType.RDP
    statement = select(
        *of_day,
        customers(n).label("ndp"),
        customers(r).label("rdp"),
        of(n, 1).label("ndp_forms"),
        of(r, 1).label("rdp_forms"),
        of(n, Deposit.nominal).label("ndp_nominal"),
        of(r, Deposit.nominal).label("rdp_nominal"),
        of(n, Deposit.total).label("ndp_total"),
        of(r, Deposit.total).label("rdp_total"),
    ).where(COUNTS)
    if start is not None and end is not None:
        statement = statement.where(Deposit.record_date >= start, Deposit.record_date < end)
    return statement.group_by(*of_day)


async def days_to_check(session: ReadSession, start: date, end: date) -> set[DayKey]:
    """Return the roll-ups of a span that have deposits, or are stored."""
    ledger = select(Deposit.record_date, Deposit.staff_id, Deposit.product_id).distinct()
    ledger = ledger.where(COUNTS, Deposit.record_date >= start, Deposit.record_date < end)
    stored = select(*_day.primary_key).where(_day.c.record_date >= start, _day.c.record_date < end)
    found = [*(await session.execute(ledger)), *(await session.execute(stored))]
    return {(row[0], row[1], row[2]) for row in found}


async def lock_days(session: WriteSession, keys: set[DayKey]) -> None:
    """Hold these roll-ups alone until the end of the transaction, in the order of everybody who adds to them."""
    if not keys or not has_parallel_writers(session):
        return
    rows = [{**day_key(key), **dict.fromkeys(FIGURES, 0)} for key in sorted(keys)]

    def build() -> Any:
        same = {"ndp": _day.c.ndp}
        return inserting(session, _day).on_conflict_do_update(index_elements=list(_day.primary_key), set_=same)

    await write_rows(session, "lock days", build, rows)


async def compare_days(
    session: ReadSession, start: date, end: date
) -> tuple[dict[DayKey, Figures], dict[DayKey, Figures]]:
    """Return what the roll-ups of a span have to be, and what they are."""

    async def read(statement: Select[*tuple[Any, ...]]) -> dict[DayKey, Figures]:
        found: dict[DayKey, Figures] = {}
        for row in map(tuple, await session.execute(statement)):
            found[row[0], row[1], row[2]] = Figures(*row[3:])
        return found

    stored = select(*_day.primary_key, *(_day.c[name] for name in FIGURES))
    stored = stored.where(_day.c.record_date >= start, _day.c.record_date < end)
    return await read(_recomputed(start, end)), await read(stored)


async def set_days(session: WriteSession, figures: dict[DayKey, Figures]) -> None:
    """Store roll-ups as they have to be; those of nothing go."""
    rows = [
        {**day_key(key), **{name: getattr(found, name) for name in FIGURES}} for key, found in sorted(figures.items())
    ]

    def build() -> Any:
        statement = inserting(session, _day)
        changed = {name: statement.excluded[name] for name in FIGURES}
        return statement.on_conflict_do_update(index_elements=list(_day.primary_key), set_=changed)

    await write_rows(session, "set days", build, rows)
    await delete_empty_days(session, figures)


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
    said = _recomputed(None, None).subquery("said")
    stored = select(*_day.primary_key, *((-_day.c[name]).label(name) for name in FIGURES))
    both = union_all(select(said), stored).subquery("both_sides")
    of_day = (both.c.record_date, both.c.staff_id, both.c.product_id)
    day = as_type(both.c.record_date, Text)
    return (
        select(day.label("key"), day.label("id"), literal("deposit_day").label("kind"))
        .group_by(*of_day)
        .having(or_(*(func.sum(both.c[name]) != 0 for name in FIGURES)))
    )
