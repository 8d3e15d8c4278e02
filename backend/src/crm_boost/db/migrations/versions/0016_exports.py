"""Lists as files: what was asked for, how far it is, what became of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATES = "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted', 'expired')"
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("filters", _JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text()),
        sa.Column("rows_done", sa.BigInteger(), nullable=False),
        sa.Column("rows_total", sa.BigInteger()),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_message", sa.Text()),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("heartbeat_at", _INSTANT),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT),
        sa.Column("ended_at", _INSTANT),
        sa.Column("expires_at", _INSTANT),
        sa.CheckConstraint(_STATES, name=op.f("ck_exports_state")),
        sa.CheckConstraint("format IN ('csv', 'xlsx')", name=op.f("ck_exports_format")),
        sa.CheckConstraint(
            "state <> 'done' OR (file_name IS NOT NULL AND expires_at IS NOT NULL)", name=op.f("ck_exports_done")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_exports_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_created_by", "exports", ["created_by", "created_at", "id"])
    op.create_index("ix_exports_state", "exports", ["state", "created_at"])
    op.create_index("ix_exports_created_at", "exports", ["created_at", "id"])


def downgrade() -> None:
    op.drop_table("exports")
