"""Follow-ups of those who answered yes, and their counters. They are filled in by the job `follow_up_check`."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_PLACE = (("staff_id", "users"), ("product_id", "products"), ("database_id", "databases"))
_INDEXES = (
    ("state", ["state"]),
    ("staff", ["staff_id", "state"]),
    ("product", ["product_id", "state"]),
    ("database", ["database_id", "state"]),
    ("staff_product", ["staff_id", "product_id", "state"]),
    ("staff_database", ["staff_id", "database_id", "state"]),
)


def _of(table: str) -> list[sa.schema.SchemaItem]:
    columns: list[sa.schema.SchemaItem] = [sa.Column(name, sa.Text(), nullable=False) for name, _ in _PLACE]
    keys = [sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}")) for name, other in _PLACE]
    return [*columns, *keys]


def upgrade() -> None:
    table = "follow_ups"
    op.create_table(
        table,
        sa.Column("record_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deal_rank", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        *_of(table),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("respond_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("respond_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("snoozed_until", sa.Date()),
        sa.CheckConstraint("state IN ('open', 'deposited', 'done', 'lost', 'ended')", name=op.f("ck_follow_ups_state")),
        sa.CheckConstraint("outcome IN ('done', 'lost')", name=op.f("ck_follow_ups_outcome")),
        sa.ForeignKeyConstraint(
            ["record_seq", "deal_rank"],
            ["contacts.record_seq", "contacts.deal_rank"],
            name=op.f("fk_follow_ups_record_seq"),
        ),
        sa.PrimaryKeyConstraint("record_seq", "deal_rank", name=op.f("pk_follow_ups")),
        sqlite_with_rowid=False,
    )
    for name, columns in _INDEXES:
        op.create_index(f"ix_follow_ups_{name}", table, [*columns, "respond_at", "record_id"])
    op.create_index("ix_follow_ups_customer", table, ["staff_id", "customer_key", "product_id"])
    op.create_index("ix_follow_ups_record_id", table, ["record_id"])
    snoozed = sa.text("snoozed_until IS NOT NULL")
    op.create_index(
        "ix_follow_ups_snoozed",
        table,
        ["snoozed_until", "record_id", "staff_id", "product_id", "database_id", "respond_on", "state"],
        sqlite_where=snoozed,
        postgresql_where=snoozed,
    )
    op.create_table(
        "follow_up_totals",
        *_of("follow_up_totals"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "product_id", "database_id", "state", name=op.f("pk_follow_up_totals")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "follow_up_days",
        sa.Column("respond_on", sa.Date(), nullable=False),
        *_of("follow_up_days"),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("respond_on", "staff_id", "product_id", "database_id", name=op.f("pk_follow_up_days")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_follow_up_days_staff", "follow_up_days", ["staff_id", "respond_on"])


def downgrade() -> None:
    for table in ("follow_up_days", "follow_up_totals", "follow_ups"):
        op.drop_table(table)
