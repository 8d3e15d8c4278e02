"""Figures of work that charts are read from, and what people arrange to their liking."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
_FIGURES = (
    "assigned",
    "ada",
    "ceklis1",
    "tidak",
    "yes",
    "no",
    "checked_yes",
    "deposited",
    "checked_deposited",
    "done_ada",
    "done_ceklis1",
    "done_tidak",
    "done_yes",
    "done_no",
)


def upgrade() -> None:
    op.create_table(
        "work_items",
        sa.Column("record_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deal_rank", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("database_id", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("handed_at", _INSTANT, nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("wa_status", sa.Text()),
        sa.Column("wa_on", sa.Date()),
        sa.Column("wa_seconds", sa.BigInteger()),
        sa.Column("respond_status", sa.Text()),
        sa.Column("respond_on", sa.Date()),
        sa.Column("respond_seconds", sa.BigInteger()),
        sa.Column("deposited_on", sa.Date()),
        sa.CheckConstraint("(wa_status IS NULL) = (wa_on IS NULL)", name=op.f("ck_work_items_wa")),
        sa.CheckConstraint("(respond_status IS NULL) = (respond_on IS NULL)", name=op.f("ck_work_items_respond")),
        sa.CheckConstraint("deposited_on IS NULL OR deposited_on >= respond_on", name=op.f("ck_work_items_deposited")),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_work_items_staff_id")),
        sa.ForeignKeyConstraint(["database_id"], ["databases.id"], name=op.f("fk_work_items_database_id")),
        sa.PrimaryKeyConstraint("record_seq", "deal_rank", name=op.f("pk_work_items")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_work_items_handed",
        "work_items",
        ["staff_id", "handed_on", "database_id", "wa_seconds", "respond_seconds", "record_seq"],
    )
    op.create_index("ix_work_items_database", "work_items", ["database_id"])
    for name, condition, columns in (
        ("ix_work_items_wa", "wa_on IS NOT NULL", ["staff_id", "wa_on", "database_id", "wa_status"]),
        (
            "ix_work_items_respond",
            "respond_on IS NOT NULL",
            ["staff_id", "respond_on", "database_id", "respond_status", "deposited_on"],
        ),
        ("ix_work_items_customer", "respond_status = 'ya'", ["staff_id", "customer_key"]),
    ):
        where = sa.text(condition)
        op.create_index(name, "work_items", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "work_daily",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("database_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _FIGURES),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_work_daily_staff_id")),
        sa.ForeignKeyConstraint(["database_id"], ["databases.id"], name=op.f("fk_work_daily_database_id")),
        sa.PrimaryKeyConstraint("day", "staff_id", "database_id", name=op.f("pk_work_daily")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_work_daily_staff", "work_daily", ["staff_id", "day"])
    op.create_index("ix_work_daily_database", "work_daily", ["database_id"])
    op.create_table(
        "user_preferences",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_preferences_user_id")),
        sa.PrimaryKeyConstraint("user_id", "name", name=op.f("pk_user_preferences")),
    )


def downgrade() -> None:
    op.drop_table("user_preferences")
    op.drop_table("work_daily")
    op.drop_table("work_items")
