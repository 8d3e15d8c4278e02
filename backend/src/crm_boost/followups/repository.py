"""All SQL that changes follow-ups. Order of locks: the staff, then the counters; both at the end of a transaction."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Table, and_, delete, select

from crm_boost.contacts.models import Contact
from crm_boost.contacts.verdicts import YES
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import hold_names, in_numbers, in_rows, numbers_parameter, rows_parameter, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, adding, look_up, overwriting, write_each
from crm_boost.deposits.classification import Key
from crm_boost.deposits.models import DepositKey
from crm_boost.followups.models import FollowUp, FollowUpDay, FollowUpTotal
from crm_boost.followups.states import FollowUpState

_follow_up = cast(Table, FollowUp.__table__)
_total = cast(Table, FollowUpTotal.__table__)
_day = cast(Table, FollowUpDay.__table__)
_f = _follow_up.c

_LOCK = 7_391_202
"""The first half of the advisory locks of this module; the second is the staff."""

_c, _r = cast(Table, Contact.__table__).c, cast(Table, Record.__table__).c
_k = cast(Table, DepositKey.__table__).c
_PUT = overwriting(_follow_up)
_OF_CUSTOMERS = select(_f.record_seq).where(
    in_rows((_f.staff_id, _f.customer_key, _f.product_id), rows_parameter("of_keys")),
    unindexed(_f.state) != FollowUpState.ENDED,
)
_STORED = select(_follow_up).where(in_numbers(_f.record_seq, numbers_parameter("of_seqs")))


async def followed(session: ReadSession, seqs: Collection[int]) -> list[tuple[int, str]]:
    """Return which of these records are or were followed up, and by whom."""
    statement = select(_f.record_seq, _f.staff_id).where(in_numbers(_f.record_seq, sorted(seqs)))
    return [(row.record_seq, row.staff_id) for row in await session.execute(statement)]


async def lock_staff(session: WriteSession, staff_ids: Iterable[str]) -> None:
    """Settle the follow-ups of these people alone until the end of the transaction, in one order for everybody. Where
    writers take turns (SQLite) they are alone anyway."""
    await hold_names(session, _LOCK, staff_ids)


async def records_of_customers(session: ReadSession, keys: Collection[Key]) -> set[int]:
    """Return the records with follow-ups of these customers."""
    return {seq for (seq,) in await look_up(session, _OF_CUSTOMERS, {"of_keys": sorted(keys)})}


async def stored(session: ReadSession, seqs: Collection[int]) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what is stored of these records, of every hand-out, by (record, hand-out)."""
    rows = await look_up(session, _STORED, {"of_seqs": sorted(seqs)})
    return {(row.record_seq, row.deal_rank): dict(row._mapping) for row in rows}


async def standing(session: ReadSession, seqs: Iterable[int]) -> list[dict[str, Any]]:
    """Return the definition: those of these records that are held by somebody to whom the customer said yes, with the day
    of the holder's last counting deposit of the customer and product."""
    return [dict(row._mapping) for row in await look_up(session, _STANDING, {"of_seqs": sorted(seqs)})]


def defined() -> Any:
    """Return the statement of the definition, over all records."""
    deposited = and_(_k.staff_id == _c.staff_id, _k.customer_key == _r.customer_key, _k.product_id == _r.product_id)
    return (
        select(
            *(_c.record_seq, _c.deal_rank, _r.id.label("record_id"), _c.staff_id),
            *(_r.product_id, _r.database_id, _r.customer_key, _c.respond_at, _k.last_date),
        )
        .select_from(Contact)
        .join(Record, and_(_r.seq == _c.record_seq, unindexed(_r.deal_rank) == _c.deal_rank))
        .outerjoin(DepositKey, deposited)
        .where(
            _c.respond_status == YES,
            unindexed(_r.state) == RecordState.ASSIGNED,
            unindexed(_r.assigned_to) == _c.staff_id,
        )
    )


_STANDING = defined().where(in_numbers(_c.record_seq, numbers_parameter("of_seqs")))


async def put(session: WriteSession, rows: Collection[dict[str, Any]]) -> None:
    """Store follow-ups as they are now."""
    ordered = sorted(rows, key=lambda row: (row["record_seq"], row["deal_rank"]))
    await write_each(session, [Write(_PUT(session), ordered)])


async def add_to_counters(
    session: WriteSession, totals: Mapping[tuple[Any, ...], int], days: Mapping[tuple[Any, ...], int]
) -> None:
    """Add differences to counters, in one order for everybody; a counter that comes to nothing goes."""
    changed = [
        (table, {key: people for key, people in changes.items() if people})
        for table, changes in ((_total, totals), (_day, days))
    ]
    await write_each(session, [_to_add(session, table, changes) for table, changes in changed])
    for table, changes in changed:
        shrunk = sorted(key for key, people in changes.items() if people < 0)
        if shrunk:
            of_keys = in_rows(table.primary_key, shrunk)
            await session.execute(delete(table).where(of_keys, table.c.people == 0))


def _to_add(session: WriteSession, table: Table, changes: Mapping[tuple[Any, ...], int]) -> Write:
    names = [column.name for column in table.primary_key]
    rows = [{**dict(zip(names, key, strict=True)), "people": people} for key, people in sorted(changes.items())]
    return Write(adding(table, ("people",))(session), rows)


async def find(session: ReadSession, record_id: str) -> dict[str, Any] | None:
    """Return the follow-up of a record whose holder was told yes, as it is now."""
    statement = select(_follow_up).where(_f.record_id == record_id, _f.state != FollowUpState.ENDED)
    row = (await session.execute(statement)).first()
    return dict(row._mapping) if row is not None else None


async def say(session: WriteSession, row: Mapping[str, Any], outcome: str | None, snoozed_until: Any) -> None:
    """Store what a person said about an answer; the state follows when it is settled."""
    statement = _follow_up.update().where(_f.record_seq == row["record_seq"], _f.deal_rank == row["deal_rank"])
    await session.execute(statement.values(outcome=outcome, snoozed_until=snoozed_until))


async def module_of(session: ReadSession, database_id: str) -> str | None:
    """Return the module of a database."""
    return await session.scalar(select(CustomerDatabase.module).where(CustomerDatabase.id == database_id))
