"""How many records of each database are in each state is stored, and kept with every move (ADR 52)."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_STATES = "'available', 'requested', 'assigned', 'invalid_archived', 'reserved', 'trashed'"


def upgrade() -> None:
    op.create_table(
        "record_counts",
        sa.Column("database_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("part", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_record_counts_state")),
        sa.ForeignKeyConstraint(["database_id"], ["databases.id"], name=op.f("fk_record_counts_database_id")),
        sa.PrimaryKeyConstraint("database_id", "state", "part", name=op.f("pk_record_counts")),
        sqlite_with_rowid=False,
    )
    # One pass over the index of states; a desk of a million records takes well under a second.
    op.execute(
        "INSERT INTO record_counts (database_id, state, part, records) "
        "SELECT database_id, state, 0, count(*) FROM customer_records GROUP BY database_id, state"
    )


def downgrade() -> None:
    op.drop_table("record_counts")
