"""New databases store their records in random order, so that a draw takes neighbours (ADR 64). Those there are stay as
they are."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("databases", sa.Column("is_shuffled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "file_orders",
        sa.Column("database_id", sa.Text(), sa.ForeignKey("databases.id"), primary_key=True),
        sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
    )
    op.add_column("customer_records", sa.Column("came_back", sa.Boolean()))
    back = sa.text("came_back IS NOT NULL")
    op.create_index(
        "ix_customer_records_came_back", "customer_records", ["seq"], sqlite_where=back, postgresql_where=back
    )
    op.add_column("operations", sa.Column("drawn_to", sa.BigInteger()))
    drawn = sa.text("drawn_to IS NOT NULL")
    op.create_index(
        "ix_operations_drawn", "operations", ["database_id", "drawn_to"], sqlite_where=drawn, postgresql_where=drawn
    )


def downgrade() -> None:
    op.drop_index("ix_operations_drawn", "operations")
    op.drop_column("operations", "drawn_to")
    op.drop_index("ix_customer_records_came_back", "customer_records")
    op.drop_column("customer_records", "came_back")
    op.drop_table("file_orders")
    op.drop_column("databases", "is_shuffled")
