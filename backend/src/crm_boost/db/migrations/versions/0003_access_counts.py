"""What people looked at, by hour."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_counts",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_access_counts_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", "hour", name=op.f("pk_access_counts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_access_counts_hour", "access_counts", ["hour", "kind"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_access_counts_hour", table_name="access_counts")
    op.drop_table("access_counts")
