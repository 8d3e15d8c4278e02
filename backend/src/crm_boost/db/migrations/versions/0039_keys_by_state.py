"""What is in a state is found by an index of that state, which holds keys alone (ADR 61)."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_STATES = ("available", "requested", "assigned", "invalid_archived", "reserved", "trashed")


def upgrade() -> None:
    for state in _STATES:
        of_state = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_customer_records_{state}",
            "customer_records",
            ["seq"],
            sqlite_where=of_state,
            postgresql_where=of_state,
        )
    op.drop_index("ix_customer_records_state", "customer_records")


def downgrade() -> None:
    op.create_index("ix_customer_records_state", "customer_records", ["database_id", "state", "seq"])
    for state in _STATES:
        op.drop_index(f"ix_customer_records_{state}", "customer_records")
