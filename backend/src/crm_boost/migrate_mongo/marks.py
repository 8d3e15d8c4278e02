"""Contact work of old records: marks with their times, and one event for each (spec 2.4). Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

from crm_boost.contacts.verdicts import COLUMNS, OTHER, REASONS, Field, RespondStatus, WhatsappStatus, code_of
from crm_boost.migrate_mongo.desk import Desk, Row

CORRELATION = "import-mongo"
"""What history rows of an import share."""

_VALUES: dict[Field, Sequence[str]] = {
    Field.WHATSAPP: get_args(WhatsappStatus),
    Field.RESPOND: get_args(RespondStatus),
}
_FIELDS = {Field.WHATSAPP: "wa", Field.RESPOND: "respond", Field.VALIDATION: "verdict"}


def reason_of(reason: str, note: str) -> tuple[str, str]:
    """Return the code of a reason as somebody once typed it, and the note; what is no code is "other" with the text."""
    code = code_of(reason) if reason else OTHER
    if code in REASONS:
        return code, note
    return OTHER, "\n".join(text for text in (reason, note) if text)


def contact_of(desk: Desk, record: Row, body: Row, note: str) -> tuple[Row | None, list[Row]]:
    """Return the contact of a held record with an event for each mark; None where there is no mark."""
    handed_at: datetime = record["assigned_at"]
    contact: Row = {
        "record_seq": record["seq"],
        "deal_rank": record["deal_rank"],
        "staff_id": record["assigned_to"],
        "assigned_at": handed_at,
        "wa_status": None,
        "respond_status": None,
        "verdict_note": note or None,
    }
    events: list[Row] = []
    for field, name in _FIELDS.items():
        columns, value = COLUMNS[field], body[name]
        known = _VALUES.get(field)
        if known is not None and value and value not in known:
            desk.report.note("mark_unknown", record["id"])
            value = ""
        at = _marked_at(desk, record["id"], body[f"{name}_at"], handed_at) if value else None
        contact.update({columns.at: at, columns.first: at, columns.version: 0})
        if not value:
            continue
        if columns.value is not None:
            contact[columns.value] = value
        events.append(_event(desk, record, field, value, at, note))
        contact[columns.version] = len(events)
    contact["version"] = len(events)
    return (contact, events) if events else (None, [])


def _marked_at(desk: Desk, id_: str, text: str | None, handed_at: datetime) -> datetime:
    at = datetime.fromisoformat(text) if text else handed_at
    if at < handed_at:
        desk.report.note("marked_before", id_)
        return handed_at
    return at


def _event(desk: Desk, record: Row, field: Field, value: str, at: Any, note: str) -> Row:
    is_verdict = field is Field.VALIDATION
    return {
        "record_seq": record["seq"],
        "deal_rank": record["deal_rank"],
        "staff_id": record["assigned_to"],
        "at": at,
        "actor_id": record["assigned_to"],
        "actor_name": desk.directory.name_of(record["assigned_to"]),
        "field": str(field),
        "from_value": None,
        "to_value": value,
        "reason": record["validation_reason"] if is_verdict else None,
        "note": (note or None) if is_verdict else None,
        "correlation_id": CORRELATION,
    }
