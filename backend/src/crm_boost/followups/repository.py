"""All SQL that changes follow-ups. Order of locks: the staff, then the counters; both at the end of a transaction."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Table, and_, delete, select, tuple_

from crm_boost.contacts.models import Contact
from crm_boost.contacts.verdicts import YES
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import hold_names, in_numbers, inserting, unindexed
from crm_boost.db.session import ReadSession, WriteSession
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

_built: dict[tuple[str, str], Any] = {}


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
    columns = (_f.staff_id, _f.customer_key, _f.product_id)
    if len(keys) == 1:
        (key,) = keys
        found = and_(*(column == value for column, value in zip(columns, key, strict=True)))
    else:
        found = tuple_(*columns).in_([tuple(key) for key in sorted(keys)])
    statement = select(_f.record_seq).where(found, unindexed(_f.state) != FollowUpState.ENDED)
    return set((await session.scalars(statement)).all())


async def stored(session: ReadSession, seqs: Collection[int]) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what is stored of these records, of every hand-out, by (record, hand-out)."""
    rows = await session.execute(select(_follow_up).where(in_numbers(_f.record_seq, sorted(seqs))))
    return {(row.record_seq, row.deal_rank): dict(row._mapping) for row in rows}


async def standing(session: ReadSession, seqs: Iterable[int]) -> list[dict[str, Any]]:
    """Return the definition: those of these records that are held by somebody to whom the customer said yes, with the day
    of the holder's last counting deposit of the customer and product."""
    return [
        dict(row._mapping)
        for row in await session.execute(defined().where(in_numbers(Contact.record_seq, sorted(seqs))))
    ]


def defined() -> Any:
    """Return the statement of the definition, over all records."""
    deposited = and_(
        DepositKey.staff_id == Contact.staff_id,
        DepositKey.customer_key == Record.customer_key,
        DepositKey.product_id == Record.product_id,
    )
    return (
        select(
            Contact.record_seq,
            Contact.deal_rank,
            Record.id.label("record_id"),
            Contact.staff_id,
            Record.product_id,
            Record.database_id,
            Record.customer_key,
            Contact.respond_at,
            DepositKey.last_date,
        )
        .select_from(Contact)
        .join(Record, and_(Record.seq == Contact.record_seq, unindexed(Record.deal_rank) == Contact.deal_rank))
        .outerjoin(DepositKey, deposited)
        .where(
            Contact.respond_status == YES,
            unindexed(Record.state) == RecordState.ASSIGNED,
            unindexed(Record.assigned_to) == Contact.staff_id,
        )
    )


async def put(session: WriteSession, rows: Collection[dict[str, Any]]) -> None:
    """Store follow-ups as they are now."""
    keys = [column.name for column in _follow_up.primary_key]

    def build() -> Any:
        statement = inserting(session, _follow_up)
        changed = {c.name: statement.excluded[c.name] for c in _follow_up.columns if c.name not in keys}
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)

    ordered = sorted(rows, key=lambda row: (row["record_seq"], row["deal_rank"]))
    await session.execute(_once(session, "put", build), ordered)


async def add_to_counters(
    session: WriteSession, totals: Mapping[tuple[Any, ...], int], days: Mapping[tuple[Any, ...], int]
) -> None:
    """Add differences to counters, in one order for everybody; a counter that comes to nothing goes."""
    for table, changes in ((_total, totals), (_day, days)):
        await _add(session, table, {key: people for key, people in changes.items() if people})


async def _add(session: WriteSession, table: Table, changes: Mapping[tuple[Any, ...], int]) -> None:
    if not changes:
        return
    names = [column.name for column in table.primary_key]

    def build() -> Any:
        statement = inserting(session, table)
        added = {"people": table.c.people + statement.excluded.people}
        return statement.on_conflict_do_update(index_elements=names, set_=added)

    rows = [{**dict(zip(names, key, strict=True)), "people": people} for key, people in sorted(changes.items())]
    await session.execute(_once(session, table.name, build), rows)
    shrunk = [key for key, people in changes.items() if people < 0]
    if shrunk:
        of_keys = tuple_(*table.primary_key).in_(sorted(shrunk))
        await session.execute(delete(table).where(of_keys, table.c.people == 0))


def _once(session: WriteSession, name: str, build: Any) -> Any:
    """Statements are built once for each database: building them costs more than running them."""
    place = (session.get_bind().dialect.name, name)
    if place not in _built:
        _built[place] = build()
    return _built[place]


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
