"""The deposit ledger: deposits, what is stored per key, daily roll-ups, history, recalculations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)
_KEPT = "deleted_at IS NULL"

_INDEXES = (
    ("ix_omset_records_key", ["staff_id", "customer_key", "product_id"], None),
    ("ix_omset_records_customer", ["customer_key", "product_id"], None),
    ("ix_omset_records_day", ["record_date", "id"], _KEPT),
    ("ix_omset_records_staff_day", ["staff_id", "record_date", "id"], _KEPT),
    ("ix_omset_records_product_day", ["product_id", "record_date", "id"], _KEPT),
    ("ix_omset_records_not_approved", ["status", "record_date", "id"], f"status <> 'approved' AND {_KEPT}"),
    ("ix_omset_records_trash", ["deleted_at", "id"], "deleted_at IS NOT NULL AND purged_at IS NULL"),
    (
        "ix_omset_records_unique",
        ["record_date", "staff_id", "product_id", "customer_type", "customer_key"],
        "customer_type IS NOT NULL",
    ),
)


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{table}_{column}"))


def _product(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f(f"fk_{table}_product_id"))


def upgrade() -> None:
    op.create_table(
        "omset_records",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("record_date", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("nominal", sa.BigInteger(), nullable=False),
        sa.Column("multiplier", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tambahan", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("customer_type", sa.Text()),
        sa.Column("possible_duplicate", sa.Boolean(), nullable=False),
        sa.Column("reserved_by", sa.Text()),
        sa.Column("decline_reason", sa.Text()),
        sa.Column("reviewed_at", _INSTANT),
        sa.Column("reviewed_by_name", sa.Text()),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text()),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", _INSTANT),
        sa.Column("deleted_by_name", sa.Text()),
        sa.Column("purged_at", _INSTANT),
        sa.CheckConstraint("status IN ('pending', 'approved', 'declined')", name=op.f("ck_omset_records_status")),
        sa.CheckConstraint("customer_type IN ('NDP', 'RDP')", name=op.f("ck_omset_records_customer_type")),
        sa.CheckConstraint(
            "(customer_type IS NOT NULL) = (status = 'approved' AND deleted_at IS NULL)",
            name=op.f("ck_omset_records_counts_when_approved"),
        ),
        sa.CheckConstraint("nominal > 0 AND multiplier > 0 AND total > 0", name=op.f("ck_omset_records_amounts")),
        _person("omset_records", "staff_id"),
        _person("omset_records", "reserved_by"),
        _product("omset_records"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_omset_records")),
    )
    for name, columns, condition in _INDEXES:
        where = sa.text(condition) if condition is not None else None
        op.create_index(name, "omset_records", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "omset_keys",
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("first_date", sa.Date()),
        sa.Column("last_date", sa.Date()),
        sa.Column("forms", sa.Integer(), nullable=False),
        _person("omset_keys", "staff_id"),
        _product("omset_keys"),
        sa.PrimaryKeyConstraint("staff_id", "customer_key", "product_id", name=op.f("pk_omset_keys")),
    )
    op.create_index("ix_omset_keys_customer", "omset_keys", ["customer_key", "product_id"])
    op.create_table(
        "omset_daily",
        sa.Column("record_date", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("ndp", sa.Integer(), nullable=False),
        sa.Column("rdp", sa.Integer(), nullable=False),
        sa.Column("ndp_forms", sa.Integer(), nullable=False),
        sa.Column("rdp_forms", sa.Integer(), nullable=False),
        sa.Column("ndp_nominal", sa.BigInteger(), nullable=False),
        sa.Column("rdp_nominal", sa.BigInteger(), nullable=False),
        sa.Column("ndp_total", sa.BigInteger(), nullable=False),
        sa.Column("rdp_total", sa.BigInteger(), nullable=False),
        _person("omset_daily", "staff_id"),
        _product("omset_daily"),
        sa.PrimaryKeyConstraint("record_date", "staff_id", "product_id", name=op.f("pk_omset_daily")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_omset_daily_staff", "omset_daily", ["staff_id", "record_date"])
    op.create_table(
        "omset_events",
        sa.Column("seq", _GROWING, autoincrement=True, nullable=False),
        sa.Column("deposit_id", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor_id", sa.Text()),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text()),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", _JSON, nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["deposit_id"], ["omset_records.id"], name=op.f("fk_omset_events_deposit_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_omset_events")),
    )
    op.create_index("ix_omset_events_deposit", "omset_events", ["deposit_id", "seq"])
    op.create_table(
        "omset_recalculations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("started_by_name", sa.Text(), nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT),
        sa.Column("keys_total", sa.Integer(), nullable=False),
        sa.Column("keys_done", sa.Integer(), nullable=False),
        sa.Column("types_changed", sa.Integer(), nullable=False),
        sa.Column("keys_changed", sa.Integer(), nullable=False),
        sa.Column("days_changed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_omset_recalculations")),
    )


def downgrade() -> None:
    for table in ("omset_recalculations", "omset_events", "omset_daily", "omset_keys", "omset_records"):
        op.drop_table(table)
