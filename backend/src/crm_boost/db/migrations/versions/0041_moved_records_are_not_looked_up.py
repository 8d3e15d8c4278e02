"""On PostgreSQL, moving a record no longer looks up its staff, its batch and its operation one by one (ADR 63): what they
point at can never be removed instead."""

from alembic import op

revision = "0041"
down_revision = "0039"
branch_labels = None
depends_on = None

_KEYS = (
    ("customer_records", "assigned_to", "users", "id"),
    ("customer_records", "batch_id", "batches", "id"),
    ("record_history", "operation_seq", "operations", "seq"),
)
_KEPT = ("users", "batches")
"""Operations can only grow in number as it is."""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column, _, _ in _KEYS:
        op.drop_constraint(f"fk_{table}_{column}", table, type_="foreignkey")
    op.execute(
        "CREATE FUNCTION crm_is_pointed_at() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'what records point at is never removed'; END $$"
    )
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION crm_is_pointed_at()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _KEPT:
        op.execute(f"DROP TRIGGER {table}_no_delete ON {table}")
    op.execute("DROP FUNCTION crm_is_pointed_at()")
    for table, column, other, key in _KEYS:
        op.create_foreign_key(f"fk_{table}_{column}", table, other, [column], [key])
