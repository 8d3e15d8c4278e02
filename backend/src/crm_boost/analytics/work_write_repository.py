"""All SQL that keeps the figures of work. Order of locks: the staff, then items, then places, at the end of a
transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, func, literal, select, union_all

from crm_boost.analytics.counting import WORK, Place, Work
from crm_boost.analytics.models import WorkDay, WorkItem
from crm_boost.assignments.models import RecordHistory
from crm_boost.contacts.models import Contact
from crm_boost.contacts.verdicts import YES
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.db.dialect import hold_names, in_numbers, in_rows, numbers_parameter, rows_parameter, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, adding, adding_rows, look_up, overwriting, write_each
from crm_boost.deposits.classification import Key
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS

_item = cast(Table, WorkItem.__table__)
_day = cast(Table, WorkDay.__table__)
_i = _item.c

_LOCK = 7_391_203
"""The first half of the advisory locks of this module; the second is the staff."""

ItemKey = tuple[int, int]
_c, _r = cast(Table, Contact.__table__).c, cast(Table, Record.__table__).c
_d = cast(Table, Deposit.__table__).c
_base = cast(Table, CustomerDatabase.__table__).c
_ANSWERED_BY = select(_i.record_seq, _i.deal_rank).where(
    in_rows((_i.staff_id, _i.customer_key), rows_parameter("of_customers")), _i.respond_status == YES
)
_PUT_ITEMS, _ADD_TO_PLACES, _ADD_LOT = overwriting(_item), adding(_day, WORK), adding_rows(_day, WORK)


async def lock_staff(session: WriteSession, staff_ids: Iterable[str]) -> None:
    """Settle the figures of these people alone until the end of the transaction, in one order for everybody: somebody
    may mark a customer while somebody else books their deposit. Where writers take turns (SQLite) they are alone."""
    await hold_names(session, _LOCK, staff_ids)


async def answered_by(session: ReadSession, keys: Collection[Key]) -> set[ItemKey]:
    """Return the hand-outs whose customers are among these and said yes, of whichever product."""
    pairs = sorted({(key.staff_id, key.customer_key) for key in keys})
    return {(seq, rank) for seq, rank in await look_up(session, _ANSWERED_BY, {"of_customers": pairs})}


async def answered_in(session: ReadSession, database_id: str) -> set[ItemKey]:
    """Return the hand-outs of a database whose customers said yes."""
    statement = select(_i.record_seq, _i.deal_rank).where(_i.database_id == database_id, _i.respond_status == YES)
    return {(row.record_seq, row.deal_rank) for row in await session.execute(statement)}


async def staff_of(session: ReadSession, seqs: Collection[int]) -> set[str]:
    """Return who worked on these records."""
    statement = select(Contact.staff_id).where(in_numbers(Contact.record_seq, sorted(seqs))).distinct()
    return set((await session.scalars(statement)).all())


_CONTACT = (
    *(_c.record_seq, _c.deal_rank, _c.staff_id, _c.assigned_at, _c.wa_status, _c.wa_at, _c.first_wa_at),
    *(_c.respond_status, _c.respond_at, _c.first_respond_at),
)
_STORED = "stored_"


def marks() -> Any:
    """Return the statement of contacts with their product and customer, and what is stored of them (`stored_in`); the
    database is joined by whoever asks."""
    # Who was removed from the trash has no record any more; the database is found by its range of numbers.
    return (
        select(
            *_CONTACT,
            _base.id.label("database_id"),
            _base.product_id,
            func.coalesce(_r.customer_key, _i.customer_key, "").label("customer_key"),
            *(column.label(_STORED + column.name) for column in _i),
        )
        .select_from(Contact)
        .outerjoin(Record, _r.seq == _c.record_seq)
        .outerjoin(_item, and_(_i.record_seq == _c.record_seq, _i.deal_rank == _c.deal_rank))
    )


def stored_in(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is stored of the contact in a row of `marks`; None when nothing is."""
    found = {column.name: row[_STORED + column.name] for column in _i}
    return found if found["record_seq"] is not None else None


_MARKS_OF = (
    marks()
    .join(CustomerDatabase, _base.id == func.coalesce(_r.database_id, _i.database_id))
    .where(in_numbers(_c.record_seq, numbers_parameter("of_seqs")))
)


async def marks_of(session: ReadSession, seqs: Collection[int]) -> list[dict[str, Any]]:
    """Return the contacts of these records, of every hand-out, with their database, its product and their customer."""
    return [dict(row._mapping) for row in await look_up(session, _MARKS_OF, {"of_seqs": sorted(seqs)})]


_KEY = (_d.staff_id, _d.customer_key, _d.product_id)
_DAYS = select(*_KEY, _d.record_date).where(COUNTS).distinct()
_DAYS_OF_SEVERAL = _DAYS.where(in_rows(_KEY, rows_parameter("of_keys")))
_DAYS_OF_ONE = _DAYS.where(*(column == bindparam(f"of_{column.name}") for column in _KEY))


async def deposit_days(session: ReadSession, keys: Collection[Key]) -> dict[Key, list[date]]:
    """Return the days with counting deposits of each of these keys."""
    found: dict[Key, list[date]] = {}
    if not keys:
        return found
    if len(keys) == 1:
        (key,) = keys
        rows = await look_up(session, _DAYS_OF_ONE, {f"of_{name}": value for name, value in key._asdict().items()})
    else:
        rows = await look_up(session, _DAYS_OF_SEVERAL, {"of_keys": sorted(set(keys))})
    for staff_id, customer_key, product_id, day in rows:
        found.setdefault(Key(staff_id, customer_key, product_id), []).append(day)
    return found


async def put_items(session: WriteSession, items: Sequence[Mapping[str, Any]]) -> None:
    """Store the figures of hand-outs as they are now."""
    ordered = sorted(items, key=lambda row: (row["record_seq"], row["deal_rank"]))
    await write_each(session, [Write(_PUT_ITEMS(session), ordered)])


async def add_to_places(session: WriteSession, changes: Mapping[Place, Work]) -> None:
    """Add differences to the roll-up, in one order for everybody. One statement; a row may come to nothing and stays."""
    rows = [
        {**place._asdict(), **{name: getattr(work, name) for name in WORK}}
        for place, work in sorted(changes.items(), key=lambda item: item[0])
        if work
    ]
    await write_each(session, [Write(_ADD_TO_PLACES(session), rows, lot=_ADD_LOT(session))])


async def hand_outs_moved(
    session: ReadSession, operation_seq: int, seqs: Collection[int]
) -> list[tuple[int, datetime, str, str, int]]:
    """Return what an operation took (-1) and gave (+1) of hand-outs that nobody has worked on: sign, when they were
    handed out, staff, database, how many. Work that was done stays with who did it, so those count on."""
    history, moved = RecordHistory, in_numbers(RecordHistory.record_seq, sorted(seqs))
    changed = Record.deal_rank.is_distinct_from(history.from_deal_rank)
    of_operation = (history.operation_seq == operation_seq, moved, changed)

    def worked_on(rank: Any) -> Any:
        return select(Contact.record_seq).where(Contact.record_seq == Record.seq, Contact.deal_rank == rank).exists()

    count = func.count().label("count")
    taken = (
        select(
            literal(-1).label("sign"),
            history.from_assigned_at.label("at"),
            history.from_holder.label("staff_id"),
            Record.database_id,
            count,
        )
        .select_from(history)
        .join(Record, Record.seq == history.record_seq)
        .where(*of_operation, history.from_deal_rank.is_not(None), ~worked_on(history.from_deal_rank))
        .group_by(history.from_assigned_at, history.from_holder, Record.database_id)
    )
    given = (
        select(
            literal(1).label("sign"),
            Record.assigned_at.label("at"),
            Record.assigned_to.label("staff_id"),
            Record.database_id,
            count,
        )
        .select_from(history)
        .join(Record, Record.seq == history.record_seq)
        .where(*of_operation, unindexed(Record.deal_rank).is_not(None), ~worked_on(Record.deal_rank))
        .group_by(Record.assigned_at, Record.assigned_to, Record.database_id)
    )
    rows = await session.execute(union_all(taken, given))
    return [(row[0], row[1], str(row[2]), str(row[3]), row[4]) for row in rows if row[1] is not None]
