"""What somebody holds is counted and grouped within one index: the rows of a pool lie as far apart as they were drawn."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0017"
branch_labels = None
depends_on = None

_NAME = "ix_customer_records_holder"
_ORDER = ("assigned_to", "deal_rank", "id")
_COUNTED = ("state", "database_id", "batch_id", "assigned_at", "validation_status")


def _replace(*columns: str) -> None:
    op.drop_index(_NAME, "customer_records")
    held = sa.text("assigned_to IS NOT NULL")
    op.create_index(_NAME, "customer_records", list(columns), postgresql_where=held, sqlite_where=held)


def upgrade() -> None:
    _replace(*_ORDER, *_COUNTED)


def downgrade() -> None:
    _replace(*_ORDER)
