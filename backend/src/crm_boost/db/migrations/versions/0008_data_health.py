"""What the checks of the data found, and repairs with what they changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "health_findings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("sample", _JSON, nullable=False),
        sa.Column("checked_at", _INSTANT),
        sa.Column("since", _INSTANT),
        sa.Column("told_at", _INSTANT),
        sa.CheckConstraint("count >= 0", name=op.f("ck_health_findings_count")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_health_findings")),
    )
    op.create_table(
        "health_repairs",
        sa.Column("seq", _GROWING, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("module", sa.Text()),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor_id", sa.Text()),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("undone_at", _INSTANT),
        sa.Column("undone_by_name", sa.Text()),
        sa.CheckConstraint("changed > 0", name=op.f("ck_health_repairs_changed")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_health_repairs")),
        sa.UniqueConstraint("id", name=op.f("uq_health_repairs_id")),
    )
    op.create_table(
        "health_repair_entries",
        sa.Column("seq", _GROWING, autoincrement=True, nullable=False),
        sa.Column("repair_seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", _JSON, nullable=False),
        sa.Column("after", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["repair_seq"], ["health_repairs.seq"], name=op.f("fk_health_repair_entries_repair_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_health_repair_entries")),
    )
    op.create_index("ix_health_repair_entries_repair", "health_repair_entries", ["repair_seq", "seq"])


def downgrade() -> None:
    op.drop_table("health_repair_entries")
    op.drop_table("health_repairs")
    op.drop_table("health_findings")
