"""The life of reservations: who, when, why, their history, and the log of conflicts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)
_OPEN = sa.text("ended_at IS NULL")


def _columns() -> list[sa.Column[object]]:
    """New columns of `reserved_members`; there is no reservation yet that a person made."""
    return [
        sa.Column("customer_key", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("phone_number", sa.Text(), server_default="", nullable=False),
        sa.Column("aliases", _JSON, server_default="[]", nullable=False),
        sa.Column("created_by", sa.Text()),
        sa.Column("created_by_name", sa.Text(), server_default="system", nullable=False),
        sa.Column("approved_by", sa.Text()),
        sa.Column("approved_by_name", sa.Text()),
        sa.Column("is_permanent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("auto_reassigned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("claimed_at", _INSTANT),
        sa.Column("last_omset_date", sa.Date()),
        sa.Column("warned_on", sa.Date()),
        sa.Column("ended_at", _INSTANT),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_by_name", sa.Text()),
        sa.Column("ended_reason", sa.Text()),
        sa.Column("grace_days_used", sa.Integer()),
        sa.Column("purged_at", _INSTANT),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("reserved_members", column)
    op.create_index("ix_reserved_members_customer", "reserved_members", ["customer_key", "product_id"])
    op.create_index("ix_reserved_members_status", "reserved_members", ["status", "created_at", "id"])
    op.create_table(
        "reservation_events",
        sa.Column("seq", _GROWING, autoincrement=True, nullable=False),
        sa.Column("reservation_id", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor_id", sa.Text()),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text()),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", _JSON, nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reserved_members.id"], name=op.f("fk_reservation_events_reservation_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_reservation_events")),
    )
    op.create_index("ix_reservation_events_reservation", "reservation_events", ["reservation_id", "seq"])
    op.create_table(
        "reservation_conflicts",
        sa.Column("seq", _GROWING, autoincrement=True, nullable=False),
        sa.Column("record_seq", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_reservation_conflicts_owner_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_reservation_conflicts_staff_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_reservation_conflicts")),
    )
    op.create_index("ix_reservation_conflicts_began", "reservation_conflicts", ["began_at", "seq"])
    op.create_index(
        "uq_reservation_conflicts_open",
        "reservation_conflicts",
        ["record_seq"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_table("reservation_conflicts")
    op.drop_table("reservation_events")
    op.drop_index("ix_reserved_members_status", table_name="reserved_members")
    op.drop_index("ix_reserved_members_customer", table_name="reserved_members")
    for column in reversed(_columns()):
        op.drop_column("reserved_members", column.name)
