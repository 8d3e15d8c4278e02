"""The audit page: histories read by time and by person; the audit log can only grow."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_HISTORIES = ("operations", "reservation_events", "request_events")
_NOT_BOOKED = "kind <> 'book'"
_REFUSED = "the audit log can only grow"


def upgrade() -> None:
    op.drop_index("ix_audit_log_at", table_name="audit_log")
    op.create_index("ix_audit_log_at", "audit_log", ["at", "seq"], unique=False)
    op.create_index("ix_audit_log_kind", "audit_log", ["object_kind", "at", "seq"], unique=False)
    op.create_index("ix_audit_log_actor", "audit_log", ["actor_id", "at", "seq"], unique=False)
    for table in _HISTORIES:
        _index(table)
    _index("omset_events", sqlite_where=sa.text(_NOT_BOOKED), postgresql_where=sa.text(_NOT_BOOKED))
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_log_no_{verb.lower()} BEFORE {verb} ON audit_log"
                f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE ON audit_log"
            " FOR EACH ROW EXECUTE FUNCTION audit_log_only_grows()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_log_no_{verb}")
    else:
        op.execute("DROP TRIGGER audit_log_only_grows ON audit_log")
        op.execute("DROP FUNCTION audit_log_only_grows()")
    for table in ("omset_events", *reversed(_HISTORIES)):
        op.drop_index(f"ix_{table}_actor", table_name=table)
        op.drop_index(f"ix_{table}_at", table_name=table)
    op.drop_index("ix_audit_log_actor", table_name="audit_log")
    op.drop_index("ix_audit_log_kind", table_name="audit_log")
    op.drop_index("ix_audit_log_at", table_name="audit_log")
    op.create_index("ix_audit_log_at", "audit_log", ["at"], unique=False)


def _index(table: str, **partial: Any) -> None:
    op.create_index(f"ix_{table}_at", table, ["at", "seq"], unique=False, **partial)
    op.create_index(f"ix_{table}_actor", table, ["actor_id", "at", "seq"], unique=False, **partial)
