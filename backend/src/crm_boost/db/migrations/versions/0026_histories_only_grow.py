"""Histories can only grow: who did what to which record, deposit, reservation and request is refused a change by the
database itself, as the audit log is.

Two things may be taken out, and nothing put in their place: what somebody wrote about a record, when the record itself is
removed for good; and rows of a command whose records somebody else took in the same instant, before it is committed.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_GROWING = ("operations", "omset_events", "reservation_events", "request_events")
_RECORDS = "record_history"
_CONTACTS = "contact_events"
_FORGOTTEN = "note"
_KEPT = "seq, record_seq, deal_rank, staff_id, at, actor_id, actor_name, field, from_value, to_value, reason, correlation_id"
_REFUSED = "a history can only grow"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        for name, event, condition in _triggers():
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} {condition} {refuse}")
        return
    op.execute(
        "CREATE FUNCTION histories_only_grow() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    for name, event, condition in _triggers():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW {condition} EXECUTE FUNCTION histories_only_grow()"
        )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, event, _condition in _triggers():
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON {event.rsplit(' ', 1)[1]}")
    if not is_sqlite:
        op.execute("DROP FUNCTION histories_only_grow()")


def _triggers() -> list[tuple[str, str, str]]:
    """Name, event with its table, and condition of each trigger."""
    found = [
        (f"{table}_no_{verb.lower()}", f"{verb} ON {table}", "") for table in _GROWING for verb in ("UPDATE", "DELETE")
    ]
    return [
        *found,
        (f"{_RECORDS}_no_update", f"UPDATE ON {_RECORDS}", ""),
        (f"{_CONTACTS}_no_delete", f"DELETE ON {_CONTACTS}", ""),
        (f"{_CONTACTS}_no_update", f"UPDATE OF {_KEPT} ON {_CONTACTS}", ""),
        (f"{_CONTACTS}_no_rewriting", f"UPDATE ON {_CONTACTS}", f"WHEN (NEW.{_FORGOTTEN} IS NOT NULL)"),
    ]
