"""Work on records, one or many at once: look at, mark, write notes, look back (spec 2.4)."""

from collections.abc import Sequence
from typing import Any

from crm_boost.assignments.repositories import listing
from crm_boost.contacts.repositories import contacts as contacts_repository
from crm_boost.contacts.repositories import notes as notes_repository
from crm_boost.contacts.service import Mark, Marked, Reach, announce_contacts, mark, mark_all
from crm_boost.contacts.stints import Stint
from crm_boost.contacts.verdicts import Field
from crm_boost.customers.repositories import records as repository
from crm_boost.customers.schemas import KeptBulk, Marks, RecordMarks
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import InvalidInput, NotFound
from crm_boost.kit.ids import new_id
from crm_boost.pools.rows import rows_by_id

_MARKS = (Field.WHATSAPP, Field.RESPOND)


async def record(session: ReadSession, record_id: str, reach: Reach) -> dict[str, Any]:
    """Return one record within reach; 404 for any other."""
    await _require(session, record_id, reach)
    return await _row(session, record_id, reach)


async def change_marks(
    session: WriteSession, record_id: str, values: dict[Field, str | None], reach: Reach, *, version: int | None = None
) -> dict[str, Any]:
    """Mark one record and return its row; 409 with both values when somebody changed one of them after `version`."""
    await mark_all(session, [Mark(record_id, values, version)], reach)
    return await _row(session, record_id, reach)


async def mark_many(session: WriteSession, marks: Sequence[RecordMarks], reach: Reach) -> dict[str, Any]:
    """Set what can be set; what somebody else changed meanwhile and what is not held any more is told apart."""
    wanted = [Mark(m.record_id, values_of(m, f"marks.{at}."), m.version) for at, m in enumerate(marks)]
    done = await mark(session, wanted, reach)
    records = [_contact(stint) for stint in done.stints.values()]
    return {"records": records, "conflicts": done.conflicts, "missing": [*done.missing, *done.taken]}


async def mark_alike(session: WriteSession, body: KeptBulk, reach: Reach) -> dict[str, Any]:
    """Give many records the same marks, all of them or none."""
    given = {Field.WHATSAPP: body.whatsapp_status, Field.RESPOND: body.respond_status}
    values: dict[Field, str | None] = {what: value for what, value in given.items() if value is not None}
    _ensure_named(values)
    ids = list(dict.fromkeys(body.record_ids))
    done: Marked = await mark_all(session, [Mark(record_id, values) for record_id in ids], reach)
    return {
        "success": True,
        "updated_count": done.changed_count,
        "unchanged_count": len(ids) - done.changed_count,
    }


def values_of(marks: Marks, path: str = "") -> dict[Field, str | None]:
    """Return the marks a request names; `null` is a value, one that is left out is not."""
    values: dict[Field, str | None] = {
        what: getattr(marks, what.value) for what in _MARKS if what.value in marks.model_fields_set
    }
    _ensure_named(values, path)
    return values


def _ensure_named(values: dict[Field, str | None], path: str = "") -> None:
    if not values:
        raise InvalidInput.of(f"{path}{Field.WHATSAPP}", "Give whatsapp_status or respond_status.", "missing")


async def notes(session: ReadSession, record_id: str, reach: Reach) -> list[dict[str, Any]]:
    """Return the notes on a record, oldest first; a holder reads those of their own time with it."""
    found = await _require(session, record_id, reach)
    rows = await notes_repository.notes_of(session, [found.seq], reach.holder)
    return [{"id": row.id, "at": row.at, "author_name": row.author_name, "text": row.text} for row in rows]


async def add_note(session: WriteSession, record_id: str, text: str, reach: Reach) -> dict[str, Any]:
    """Write a note on a record and return it."""
    found = await _require(session, record_id, reach)
    context, now = current_context(), utc_now()
    note = {"id": new_id(), "author_name": context.actor_name, "text": text}
    row = {**note, "record_seq": found.seq, "at": now, "author_id": context.actor_id}
    await notes_repository.add_note(session, row)
    await announce_contacts(session, found.assigned_to, [found.database_id])
    return {**note, "at": now.isoformat()}


async def timeline(session: ReadSession, record_id: str, reach: Reach) -> list[dict[str, Any]]:
    """Return everything that happened to a record, oldest first: moves, marks, verdicts, notes.

    A holder sees their own time with the record and nothing of anybody else's.
    """
    found = await _require(session, record_id, reach)
    return await timelines(session, [found], reach)


async def timelines(session: ReadSession, found: Sequence[Any], reach: Reach) -> list[dict[str, Any]]:
    """The same for several records that were found within reach, merged; three statements, however many records."""
    seqs = [row.seq for row in found]
    histories = await listing.record_histories(session, seqs, reach.holder)
    entries: list[tuple[int, dict[str, Any]]] = []
    for row in found:
        moves = histories.get(row.seq, [])
        if reach.holder is None:
            imported = {"at": row.uploaded_at, "actor_name": row.uploaded_by_name, "kind": "import"}
            entries.append((row.seq, {**imported, "to": moves[0]["from_state"] if moves else row.state}))
        entries += [(row.seq, _move(entry)) for entry in moves]
    for event in await contacts_repository.events_of(session, seqs, reach.holder):
        entries.append((event.record_seq, _event(event)))
    for note in await notes_repository.notes_of(session, seqs, reach.holder):
        shaped = {"at": note.at, "actor_name": note.author_name, "kind": "note", "text": note.text}
        entries.append((note.record_seq, shaped))
    ids = {row.seq: row.id for row in found}
    merged = [{**entry, "record_id": ids[seq]} for seq, entry in entries]
    return sorted(merged, key=lambda entry: entry["at"])


async def _require(session: ReadSession, record_id: str, reach: Reach) -> Any:
    found = await repository.find_record(session, record_id, reach)
    if found is None:
        raise NotFound("There is no such record.", id=record_id)
    return found


async def _row(session: ReadSession, record_id: str, reach: Reach) -> dict[str, Any]:
    (row,) = await rows_by_id(session, [record_id], staff_id=reach.holder)
    return row


def _contact(stint: Stint) -> dict[str, Any]:
    contact = stint.contact
    shaped = {
        "id": stint.record.id,
        "version": contact["version"],
        "whatsapp_status": contact["wa_status"],
        "respond_status": contact["respond_status"],
    }
    for name, column in (("whatsapp_status_at", "wa_at"), ("respond_status_at", "respond_at")):
        if contact[column] is not None:
            shaped[name] = contact[column]
    return shaped


def _move(entry: dict[str, Any]) -> dict[str, Any]:
    renamed = {"from_state": "from", "to_state": "to"}
    return {renamed.get(name, name): value for name, value in entry.items()}


def _event(row: Any) -> dict[str, Any]:
    shaped = {"at": row.at, "actor_name": row.actor_name, "kind": row.field, "from": row.from_value, "to": row.to_value}
    optional = {"reason": row.reason, "note": row.note, "holder_name": row.holder_name}
    return {**shaped, **{name: value for name, value in optional.items() if value is not None}}
