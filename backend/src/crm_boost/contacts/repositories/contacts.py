"""Statements about contacts and their events. Order of locks: the records only, by their numbers."""

from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import Any, cast

from sqlalchemy import ColumnElement, Executable, Row, Select, Table, Text, bindparam, func, select, update

from crm_boost.contacts.models import Contact, ContactEvent
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_numbers, in_rows, in_texts, inserting, numbers_parameter, texts_parameter, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Builder, Write, built_once, look_up, write_each
from crm_boost.identity.models import User
from crm_boost.reservations.matching import is_taken_by_other

_record = cast(Table, Record.__table__)
_contact = cast(Table, Contact.__table__)
_event = cast(Table, ContactEvent.__table__)
_r, _c, _e = _record.c, _contact.c, _event.c
_database = cast(Table, CustomerDatabase.__table__)
_d = _database.c

_KEY = ("record_seq", "deal_rank")
_FIRSTS = ("first_wa_at", "first_respond_at", "first_verdict_at")
_FIXED = (*_KEY, "staff_id", "assigned_at")


def _is_live() -> ColumnElement[bool]:
    return (_d.state == DatabaseState.READY) & _d.deleted_at.is_(None)


_LOCKED = (
    *(_r.seq, _r.id, _r.state, _r.database_id, _r.batch_id, _r.assigned_to, _r.assigned_at, _r.deal_rank),
    *(_r.validation_status, _r.validation_reason, _d.module),
)


@cache
def _lock(*, of_holder: bool, in_modules: bool, states: tuple[RecordState, ...]) -> Builder[Select[*tuple[Any, ...]]]:
    """Return what builds the statement of `lock_dealt`, once: it runs with every mark."""
    return built_once(partial(_locking, of_holder=of_holder, in_modules=in_modules, states=states))


def _locking(
    session: ReadSession, *, of_holder: bool, in_modules: bool, states: tuple[RecordState, ...]
) -> Select[*tuple[Any, ...]]:
    # Found by their own ids: through the holder SQLite would read everything that a staff has.
    conditions = [in_texts(_r.id, texts_parameter("p_ids")), unindexed(_r.state).in_(states), _is_live()]
    if of_holder:
        conditions.append(unindexed(_r.assigned_to) == bindparam("p_holder", type_=Text))
    if in_modules:
        conditions.append(in_texts(_d.module, texts_parameter("p_modules")))
    return (
        select(*_LOCKED, is_taken_by_other(session, _r, _r.assigned_to).label("is_taken"))
        .join_from(_record, _database, _d.id == unindexed(_r.database_id))
        .where(*conditions)
        .order_by(_r.seq)
        .with_for_update(key_share=True, of=_record)
    )


_CONTACTS = select(_contact).where(in_numbers(_c.record_seq, numbers_parameter("p_seqs")))
_EVENTS = _event.insert()


@built_once
def _upsert(session: ReadSession) -> Executable:
    statement = inserting(session, _contact)
    new = statement.excluded
    changed: dict[str, Any] = {c.name: new[c.name] for c in _contact.columns if c.name not in _FIXED}
    changed.update({name: func.coalesce(_c[name], new[name]) for name in _FIRSTS})
    return statement.on_conflict_do_update(index_elements=_KEY, set_=changed)


async def lock_dealt(
    session: WriteSession,
    record_ids: Sequence[str],
    *,
    holder: str | None,
    modules: Sequence[str] | None,
    states: tuple[RecordState, ...],
) -> list[Row[*tuple[Any, ...]]]:
    """Return and lock, by id, records of live databases that somebody holds: `holder`, when given."""
    statement = _lock(of_holder=holder is not None, in_modules=modules is not None, states=states)(session)
    parameters: dict[str, Any] = {"p_ids": list(record_ids)}
    if holder is not None:
        parameters["p_holder"] = holder
    if modules is not None:
        parameters["p_modules"] = list(modules)
    return list(await look_up(session, statement, parameters))


async def contacts_of(session: ReadSession, seqs: Sequence[int]) -> dict[tuple[int, int], dict[str, Any]]:
    """Return the contacts of records, of every hand-out, by (record, hand-out).

    A statement of its own, after the lock: what is joined to a locked row is not read again once the lock is there.
    """
    rows = await look_up(session, _CONTACTS, {"p_seqs": list(seqs)})
    return {(row.record_seq, row.deal_rank): dict(row._mapping) for row in rows}


async def put_contacts(
    session: WriteSession, contacts: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]] = ()
) -> None:
    """Store contacts as they are now, and what was changed in the order given. First times that are there stay, whatever
    `contacts` say."""
    await write_each(session, [Write(_upsert(session), contacts), Write(_EVENTS, events)])


async def add_events(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store what was changed, in the order given."""
    await write_each(session, [Write(_EVENTS, rows)])


async def set_verdict(session: WriteSession, seqs: Sequence[int], status: str | None, reason: str | None) -> None:
    """Write the verdict into locked records."""
    values = {"validation_status": status, "validation_reason": reason}
    await session.execute(update(_record).where(in_numbers(_r.seq, seqs)).values(values))


async def latest_events(
    session: ReadSession, keys: Iterable[tuple[int, int, str]]
) -> dict[tuple[int, int, str], Row[*tuple[Any, ...]]]:
    """Return the last change of each (record, hand-out, field): who made it and when."""
    wanted = list(keys)
    latest = (
        select(func.max(_e.seq))
        .where(
            in_rows((_e.record_seq, _e.deal_rank, _e.field), wanted),
        )
        .group_by(_e.record_seq, _e.deal_rank, _e.field)
    )
    rows = await session.execute(
        select(_e.record_seq, _e.deal_rank, _e.field, _e.actor_name, _e.at).where(_e.seq.in_(latest))
    )
    return {(row.record_seq, row.deal_rank, row.field): row for row in rows}


async def events_of(
    session: ReadSession, record_seqs: Sequence[int], staff_id: str | None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the changes of these records' contacts in their order; with `staff_id`, of that staff's time only."""
    statement = (
        select(
            _e.record_seq,
            _e.at,
            _e.actor_name,
            _e.field,
            _e.from_value,
            _e.to_value,
            _e.reason,
            _e.note,
            User.name.label("holder_name"),
        )
        .join_from(_event, User, User.id == _e.staff_id, isouter=True)
        .where(in_numbers(_e.record_seq, record_seqs))
        .order_by(_e.seq)
    )
    if staff_id is not None:
        statement = statement.where(_e.staff_id == staff_id)
    return (await session.execute(statement)).all()
