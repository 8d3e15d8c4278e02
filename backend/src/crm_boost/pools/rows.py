"""The one shape in which records and databases are shown (spec 2.7)."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased

from crm_boost.contacts.models import Contact
from crm_boost.contacts.repositories.notes import note_count
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import in_texts
from crm_boost.db.session import ReadSession
from crm_boost.db.statements import built_once
from crm_boost.identity.models import User
from crm_boost.reservations.matching import is_taken_by_other, owner_name

Holder = aliased(User, name="holder")


def record_select(session: ReadSession, *, staff_id: str | None = None) -> Select[*tuple[Any, ...]]:
    """Return the select whose rows `record_row` shapes; add conditions, order and limit to it.

    The marks are those of the hand-out that gave the record to whoever holds it. With `staff_id` only the notes that
    this staff may read are counted.
    """
    return _all_notes_counted(session) if staff_id is None else _record_select(session, staff_id)


def _record_select(session: ReadSession, staff_id: str | None = None) -> Select[*tuple[Any, ...]]:
    statement = select(
        Record.seq,
        Record.id,
        Record.row_number,
        Record.row_data,
        Record.display_name,
        Record.phone_e164,
        Record.customer_key,
        Record.state,
        Record.database_id,
        Record.assigned_to,
        Holder.name.label("assigned_to_name"),
        Record.assigned_at,
        Record.deal_rank,
        Record.validation_status,
        Record.validation_reason,
        Record.batch_id,
        owner_name(session, Record).label("reserved_by_name"),
        ((Record.state == RecordState.ASSIGNED) & is_taken_by_other(session, Record, Record.assigned_to)).label(
            "is_conflict"
        ),
        Contact.version,
        Contact.wa_status,
        Contact.wa_at,
        Contact.respond_status,
        Contact.respond_at,
        Contact.verdict_note,
        note_count(Record, staff_id).label("note_count"),
    )
    of_holder = and_(Contact.record_seq == Record.seq, Contact.deal_rank == Record.deal_rank)
    return statement.outerjoin(Holder, Holder.id == Record.assigned_to).outerjoin(Contact, of_holder)


_all_notes_counted = built_once(_record_select)


def record_row(row: Any, columns: Sequence[str], mapping: Mapping[str, int | None]) -> dict[str, Any]:
    """Shape one record: `row_data` as column name -> verbatim text, `customer_id` as it stands in the file."""
    cells = orjson.loads(row.row_data)
    username = mapping.get("username")
    shaped = {
        "id": row.id,
        "row_number": row.row_number,
        "row_data": dict(zip(columns, cells, strict=False)),
        "customer_id": cells[username] if username is not None and username < len(cells) else row.customer_key,
        "status": row.state,
        "assigned_to": row.assigned_to,
        "assigned_at": row.assigned_at,
        "validation_status": row.validation_status,
        "validation_reason": row.validation_reason,
        "batch_id": row.batch_id,
        "is_reservation_conflict": bool(row.is_conflict),
        "whatsapp_status": row.wa_status,
        "respond_status": row.respond_status,
        "version": row.version or 0,
        "note_count": row.note_count,
    }
    for name, column in _LEFT_OUT_WHEN_UNKNOWN.items():
        value = getattr(row, column)
        if value is not None:
            shaped[name] = value
    return shaped


_LEFT_OUT_WHEN_UNKNOWN = {
    "display_name": "display_name",
    "phone_e164": "phone_e164",
    "assigned_to_name": "assigned_to_name",
    "reserved_by_name": "reserved_by_name",
    "whatsapp_status_at": "wa_at",
    "respond_status_at": "respond_at",
    "validation_note": "verdict_note",
}


def dealt_select(session: ReadSession, *, staff_id: str | None = None) -> Select[*tuple[Any, ...]]:
    """Return the select whose rows `dealt_row` shapes: records with what they need of their databases."""
    return (
        record_select(session, staff_id=staff_id)
        .add_columns(
            CustomerDatabase.name.label("database_name"),
            CustomerDatabase.module.label("module"),
            CustomerDatabase.columns.label("file_columns"),
            CustomerDatabase.mapping.label("file_mapping"),
        )
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
    )


def dealt_row(row: Any, *, staff_id: str | None = None) -> dict[str, Any]:
    """Shape one record with the name and the module of its database.

    For a staff the row number is left out: it would tell the order of the file. So is who owns the customer: of other
    people's reservations staff learn only that there is one (spec 1.2).
    """
    shaped = {
        **record_row(row, row.file_columns, row.file_mapping),
        "database_id": row.database_id,
        "database_name": row.database_name,
        "module": row.module,
    }
    if staff_id is not None:
        del shaped["row_number"]
        shaped.pop("reserved_by_name", None)
    return shaped


async def rows_by_id(
    session: ReadSession, record_ids: Sequence[str], *, staff_id: str | None = None
) -> list[dict[str, Any]]:
    """Return the rows of these records, as they are now, in the order asked for; unknown ones are left out.

    `staff_id` is the staff that is shown them; whether they may see them is for the caller to know.
    """
    statement = dealt_select(session, staff_id=staff_id).where(in_texts(Record.id, record_ids))
    found = {row.id: dealt_row(row, staff_id=staff_id) for row in await session.execute(statement)}
    return [found[record_id] for record_id in dict.fromkeys(record_ids) if record_id in found]


def database_row(
    database: CustomerDatabase, product_name: str, counts: Mapping[str, int], conflicts: int
) -> dict[str, Any]:
    """Shape one database with its counts; total = available + requested + assigned + archived + reserved."""
    shaped = {
        "id": database.id,
        "module": database.module,
        "name": database.name,
        "description": database.description,
        "filename": database.filename,
        "product_id": database.product_id,
        "product_name": product_name,
        "total_records": sum(n for state, n in counts.items() if state != RecordState.TRASHED),
        "available_count": counts.get(RecordState.AVAILABLE, 0),
        "requested_count": counts.get(RecordState.REQUESTED, 0),
        "assigned_count": counts.get(RecordState.ASSIGNED, 0),
        "archived_count": counts.get(RecordState.ARCHIVED, 0),
        "excluded_count": counts.get(RecordState.RESERVED, 0),
        "trashed_count": counts.get(RecordState.TRASHED, 0),
        "conflict_count": conflicts,
        "uploaded_at": database.uploaded_at,
        "uploaded_by_name": database.uploaded_by_name,
        "auto_approve": database.auto_approve,
    }
    if database.deleted_at is not None:
        shaped["deleted_at"] = database.deleted_at
    return shaped
