"""What people do not want to be told, and what is told outside of the app."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notification_mutes",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notification_mutes_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notification_mutes")),
    )
    op.create_table(
        "sealed_secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sealed_secrets")),
    )
    op.create_table(
        "channel_messages",
        sa.Column("seq", _GROWING, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text()),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed', 'off')", name=op.f("ck_channel_messages_state")),
        sa.CheckConstraint("(ended_at IS NULL) = (state = 'waiting')", name=op.f("ck_channel_messages_ended")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_channel_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_channel_messages_key")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_channel_messages_waiting",
        "channel_messages",
        ["not_before"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_channel_messages_created_at", "channel_messages", ["created_at"])


def downgrade() -> None:
    for table in ("channel_messages", "sealed_secrets", "notification_mutes"):
        op.drop_table(table)
