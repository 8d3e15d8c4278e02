"""PostgreSQL fills the pages of the keys of records by half: every record that moves is entered once more (ADR 73)."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_INDEXES = ("pk_customer_records", "uq_customer_records_id")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for index in _INDEXES:
            op.execute(f"ALTER INDEX {index} SET (fillfactor = 50)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for index in _INDEXES:
            op.execute(f"ALTER INDEX {index} RESET (fillfactor)")
