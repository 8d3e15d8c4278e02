"""Statements about the notes on records."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, insert, or_, select, true

from crm_boost.contacts.models import RecordNote
from crm_boost.databases.models import Record
from crm_boost.db.dialect import in_numbers
from crm_boost.db.session import ReadSession, WriteSession


def readable_by(staff_id: str | None, assigned_at: Any) -> ColumnElement[bool]:
    """Return the condition: this staff may read the note while they hold the record since `assigned_at`.

    Notes of their own time with the record and of their own hand; without `staff_id` every note.
    """
    if staff_id is None:
        return true()
    return or_(RecordNote.at >= assigned_at, RecordNote.author_id == staff_id)


def note_count(record: Any, staff_id: str | None) -> ScalarSelect[int]:
    """Return the expression: how many notes a record (a table) has, for a staff those they may read."""
    return (
        select(func.count())
        .select_from(RecordNote)
        .where(RecordNote.record_seq == record.seq, readable_by(staff_id, record.assigned_at))
        .correlate(record)
        .scalar_subquery()
    )


async def notes_of(session: ReadSession, record_seqs: Sequence[int], staff_id: str | None) -> Sequence[Any]:
    """Return the notes on these records, oldest first; for a staff those they may read."""
    statement = (
        select(RecordNote.record_seq, RecordNote.id, RecordNote.at, RecordNote.author_name, RecordNote.text)
        .join(Record, Record.seq == RecordNote.record_seq)
        .where(in_numbers(RecordNote.record_seq, record_seqs), readable_by(staff_id, Record.assigned_at))
        .order_by(RecordNote.seq)
    )
    return (await session.execute(statement)).all()


async def add_note(session: WriteSession, row: dict[str, Any]) -> None:
    """Store a note."""
    await session.execute(insert(RecordNote).values(row))
