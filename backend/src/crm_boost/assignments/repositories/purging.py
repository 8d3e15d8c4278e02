"""Statements that empty the trash for good."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select, tuple_, update

from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.contacts.models import Contact, ContactEvent, RecordNote
from crm_boost.databases.counts_repository import take_out
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.state_repository import is_in
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_numbers
from crm_boost.db.session import ReadSession, WriteSession

_UNSYNCHRONISED = {"synchronize_session": False}


async def databases_trashed_before(session: ReadSession, before: datetime) -> list[str]:
    """Return the databases that have been in the trash since before an instant."""
    statement = select(CustomerDatabase.id).where(
        CustomerDatabase.state == DatabaseState.READY, CustomerDatabase.deleted_at < before
    )
    return list((await session.scalars(statement.order_by(CustomerDatabase.id))).all())


async def discard(session: WriteSession, database_id: str) -> None:
    """Take a database out of everybody's sight; its records are removed bit by bit afterwards."""
    statement = update(CustomerDatabase).where(CustomerDatabase.id == database_id)
    await session.execute(statement.values(state=DatabaseState.DISCARDED))


async def remove_trashed_records(session: WriteSession, before: datetime, limit: int) -> int:
    """Remove up to `limit` records of living databases that nobody has touched since they went to the trash before an
    instant; return how many. One that somebody restores at this moment stays."""
    happened = (RecordHistory.record_seq == Record.seq) & (RecordHistory.operation_seq == Operation.seq)
    trashed_before = exists().where(happened, RecordHistory.to_state == RecordState.TRASHED, Operation.at < before)
    touched_since = exists().where(happened, Operation.at >= before)
    old = (
        select(Record.seq)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
            is_in(RecordState.TRASHED),
            trashed_before,
            ~touched_since,
        )
        .limit(limit)
        .with_for_update(of=Record, skip_locked=True)
    )
    seqs = list((await session.scalars(old)).all())
    if not seqs:
        return 0
    chosen = in_numbers(Record.seq, seqs)
    await session.execute(
        delete(RecordKey)
        .where(
            tuple_(RecordKey.customer_key, RecordKey.record_seq).in_(
                select(Record.customer_key, Record.seq).where(chosen)
            )
        )
        .execution_options(**_UNSYNCHRONISED)
    )
    await take_out(session, seqs)
    await session.execute(delete(Record).where(chosen).execution_options(**_UNSYNCHRONISED))
    await forget_texts(session, seqs)
    return len(seqs)


async def forget_texts(session: WriteSession, seqs: Sequence[int]) -> None:
    """Remove what people wrote about these records. That they worked on them, and how it went, stays: it counts in
    what is said of a month."""
    await session.execute(
        delete(RecordNote).where(in_numbers(RecordNote.record_seq, seqs)).execution_options(**_UNSYNCHRONISED)
    )
    await session.execute(
        update(Contact)
        .where(in_numbers(Contact.record_seq, seqs), Contact.verdict_note.is_not(None))
        .values(verdict_note=None)
        .execution_options(**_UNSYNCHRONISED)
    )
    await session.execute(
        update(ContactEvent)
        .where(in_numbers(ContactEvent.record_seq, seqs), ContactEvent.note.is_not(None))
        .values(note=None)
        .execution_options(**_UNSYNCHRONISED)
    )
