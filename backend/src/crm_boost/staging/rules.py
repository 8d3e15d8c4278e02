"""What happens to each column that can hold a text (ADR 44). A column that no rule knows stops the copy: a new table is
thought about before its rows leave the house. Columns of other types hold figures, days and answers, and stay."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Column, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from crm_boost.staging.pseudonyms import Pseudonyms

Change = Callable[[Pseudonyms, Any], Any]


class NoRule(Exception):
    """A column holds texts, and nobody has said what is to become of them."""


EMPTIED = frozenset(
    {
        # Ways in, and secrets.
        *("sessions", "api_tokens", "login_throttle", "sealed_secrets", "webhooks", "webhook_deliveries"),
        # On its way, or said already; the new desk says it again.
        *("outbox", "channel_messages", "idempotency_keys", "exports", "retention_briefings"),
        # What one person keeps for themselves, and values as they were before a repair.
        *("user_preferences", "health_repairs", "health_repair_entries"),
        # How far a move from another system has come.
        *("mongo_imports",),
    }
)
RECORDS = "customer_records"
"""Its columns are made one from another: `Pseudonyms.record`."""
OF_A_RECORD = ("row_data", "customer_key", "display_name", "phone", "phone_e164", "search_text")


def _none(_pseudonyms: Pseudonyms, _value: Any) -> Any:
    return None


def _no_list(_pseudonyms: Pseudonyms, _value: Any) -> list[Any]:
    return []


def _numbered(_pseudonyms: Pseudonyms, columns: list[str]) -> list[str]:
    """A file without a line of headings has its first customer there."""
    return [f"Column {number}" for number in range(1, len(columns) + 1)]


_BY_COLUMN: dict[tuple[str, str], Change] = {
    ("audit_log", "address"): _none,
    ("contact_events", "note"): Pseudonyms.text,
    ("databases", "columns"): _numbered,
    ("databases", "filename"): Pseudonyms.name_of_list,
    ("databases", "name"): Pseudonyms.name_of_list,
    ("health_findings", "sample"): _no_list,
    ("imports", "columns"): _numbered,
    ("imports", "filename"): Pseudonyms.name_of_list,
    ("imports", "name"): Pseudonyms.name_of_list,
    ("imports", "preview_rows"): _no_list,
    ("imports", "sheet"): Pseudonyms.text,
    ("reserved_members", "aliases"): Pseudonyms.customers,
    ("users", "email"): Pseudonyms.email,
    ("users", "email_key"): Pseudonyms.email,
    ("users", "name"): Pseudonyms.person,
}
_BY_NAME: dict[str, Change] = {
    "actor_name": Pseudonyms.person,
    "author_name": Pseudonyms.person,
    "customer_id": Pseudonyms.customer,
    "customer_key": Pseudonyms.customer_key,
    "customer_name": Pseudonyms.customer,
    "data": Pseudonyms.json,
    "decline_reason": Pseudonyms.text,
    "description": Pseudonyms.text,
    "detail": Pseudonyms.json,
    "detected": Pseudonyms.json,
    "ended_reason": Pseudonyms.text,
    "error_message": Pseudonyms.text,
    "file_hash": Pseudonyms.fingerprint,
    "note": Pseudonyms.text,
    "phone_number": Pseudonyms.phone,
    "progress": Pseudonyms.json,
    "reason": Pseudonyms.text,
    "report": Pseudonyms.json,
    "result": Pseudonyms.json,
    "sheets": Pseudonyms.json,
    "text": Pseudonyms.text,
    "title": Pseudonyms.text,
    "verdict_note": Pseudonyms.text,
}
_STAYS_BY_COLUMN = frozenset(
    {
        # Brands, what the desk has been set to, numbers that are handed out, kinds of checks.
        *(("products", "name"), ("products", "name_key"), ("settings", "name"), ("settings", "value")),
        *(("counters", "name"), ("health_findings", "name"), ("jobs", "key"), ("users", "password_hash")),
    }
)
_STAYS = frozenset(
    {
        *("id", "kind", "state", "status", "type", "module", "action", "object_kind", "field", "scope", "role"),
        *(
            "from_state",
            "to_state",
            "from_status",
            "to_status",
            "from_value",
            "to_value",
            "from_validation",
            "from_reason",
        ),
        *("validation_status", "validation_reason", "wa_status", "respond_status", "customer_type", "outcome"),
        *("from_holder", "to_holder", "from_batch", "to_batch", "replaced_by", "quota_key", "duplicates", "reserved"),
        *("language", "theme", "blocked_pages", "schedule", "error", "error_code", "error_field", "worker", "mapping"),
    }
)
_WHO = ("approved_by", "closed_by", "created_by", "deleted_by", "ended_by", "reviewed_by", "updated_by", "uploaded_by")


def change_of(column: "Column[Any]") -> Change | None:
    """Return what happens to the values of a column; None: they stay. Raises `NoRule`."""
    table, name = column.table.name, column.name
    if found := _BY_COLUMN.get((table, name)) or _BY_NAME.get(name):
        return found
    if name.endswith("_by_name"):
        return Pseudonyms.person
    stays = (
        not holds_text(column.type)
        or column.foreign_keys
        or (table, name) in _STAYS_BY_COLUMN
        or name in _STAYS
        or name in _WHO
        or name.endswith("_id")
        or (table == RECORDS and name in OF_A_RECORD)
    )
    if not stays:
        raise NoRule(f"{table}.{name} holds texts, and no rule says what becomes of them in a copy for staging.")
    return None


def holds_text(kind: TypeEngine[Any]) -> bool:
    """Whether values of this type can say anything about a person."""
    if isinstance(kind, TypeDecorator):
        return holds_text(kind.impl_instance)
    return isinstance(kind, Text | JSON) or kind.python_type is str


def changes_of(table: Table) -> dict[str, Change]:
    """Return what happens to the columns of a table; those that stay are left out. Raises `NoRule`."""
    return {column.name: change for column in table.columns if (change := change_of(column)) is not None}


def check_all(metadata: MetaData) -> None:
    """Raise `NoRule` when a column of a table that is not emptied has none."""
    for table in metadata.sorted_tables:
        if table.name not in EMPTIED:
            changes_of(table)
