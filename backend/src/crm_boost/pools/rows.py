"""The one shape in which records and databases are shown (spec 2.7)."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.reservations.matching import is_taken_by_other, owner_name

Holder = aliased(User, name="holder")


def record_select(session: ReadSession) -> Select[*tuple[Any, ...]]:
    """Return the select whose rows `record_row` shapes; add conditions, order and limit to it."""
    return select(
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
    ).outerjoin(Holder, Holder.id == Record.assigned_to)


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
    }
    for name in ("display_name", "phone_e164", "assigned_to_name", "reserved_by_name"):
        value = getattr(row, name)
        if value is not None:
            shaped[name] = value
    return shaped


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
    }
    if database.deleted_at is not None:
        shaped["deleted_at"] = database.deleted_at
    return shaped
