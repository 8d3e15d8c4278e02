"""What somebody holds is counted and grouped within one index: the rows of a pool lie as far apart as they were drawn."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0017"
branch_labels = None
depends_on = None

_HELD = ("ix_customer_records_holder", "assigned_to IS NOT NULL", ("assigned_to", "deal_rank", "id"))
_INVALID = (
    "ix_customer_records_invalid",
    "validation_status = 'invalid' AND state = 'assigned'",
    ("assigned_to", "database_id", "seq"),
)


def _replace(index: tuple[str, str, tuple[str, ...]], *more: str) -> None:
    name, condition, columns = index
    op.drop_index(name, "customer_records")
    where = sa.text(condition)
    op.create_index(name, "customer_records", [*columns, *more], postgresql_where=where, sqlite_where=where)


def upgrade() -> None:
    _replace(_HELD, "state", "database_id", "batch_id", "assigned_at", "validation_status")
    # Otherwise the index above, which answers all by itself, would be preferred to it.
    _replace(_INVALID, "state", "validation_status")


def downgrade() -> None:
    _replace(_INVALID)
    _replace(_HELD)
