"""Customers and when they deposited: facts, counts over days, dismissed alerts, daily briefings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MONTH = {"sqlite": "date({}, 'start of month')", "postgresql": "CAST(date_trunc('month', {}) AS date)"}
_NEVER = {"sqlite": "'1900-01-01'", "postgresql": "DATE '1900-01-01'"}
# Holds all that is asked for; SQLite would rather look up each row of the table through another one.
_FROM_INDEX = {"sqlite": "INDEXED BY ix_omset_records_unique", "postgresql": ""}

# Every counting deposit twice: among all of its customer, and among those of its staff.
_FILL_CUSTOMERS = """
WITH marked AS (
    SELECT customer_key, product_id, staff_id, id, record_date, total,
           NOT tambahan AND row_number() OVER (
               PARTITION BY customer_key, product_id ORDER BY tambahan, record_date, id) = 1 AS is_ndp
    FROM omset_records WHERE customer_type IS NOT NULL
), halves AS (
    SELECT '' AS scope, marked.* FROM marked UNION ALL SELECT staff_id, marked.* FROM marked
), scoped AS (
    SELECT halves.*, row_number() OVER (
        PARTITION BY scope, customer_key, product_id ORDER BY record_date DESC, id DESC) AS from_last
    FROM halves
)
INSERT INTO retention_customers
    (scope, customer_key, product_id, staff_id, deposit_id, first_date, last_date, ndp_date, deposits, days, total, score)
SELECT scope, customer_key, product_id, max(CASE WHEN from_last = 1 THEN staff_id END),
       max(CASE WHEN from_last = 1 THEN id END), min(record_date), max(record_date),
       max(CASE WHEN is_ndp THEN record_date END), count(*), count(DISTINCT record_date), sum(total),
       CASE WHEN 10 * count(*) + 5 * count(DISTINCT record_date) > 100 THEN 100
            ELSE 10 * count(*) + 5 * count(DISTINCT record_date) END
FROM scoped GROUP BY scope, customer_key, product_id
"""

# Each kind is added up by itself: one sort of all of them would take longer than several of some.
_FILL_COUNTS = """
WITH days AS (
    SELECT '' AS scope, customer_key, product_id, record_date AS day
    FROM omset_records {from_index} WHERE customer_type IS NOT NULL GROUP BY customer_key, product_id, record_date
    UNION ALL
    SELECT staff_id, customer_key, product_id, record_date
    FROM omset_records {from_index} WHERE customer_type IS NOT NULL GROUP BY staff_id, customer_key, product_id, record_date
), visits AS (
    SELECT days.*, lag(day) OVER (PARTITION BY scope, customer_key, product_id ORDER BY day) AS since FROM days
), months AS (
    SELECT DISTINCT scope, customer_key, product_id, {month_of_day} AS month FROM days
)
INSERT INTO retention_counts (kind, scope, day, other, product_id, customers)
SELECT 'gap', scope, since, day, product_id, count(*) FROM visits WHERE since IS NOT NULL
GROUP BY scope, since, day, product_id
UNION ALL
SELECT 'visit', scope, day, CASE WHEN since IS NULL THEN {never} ELSE {month_of_since} END, product_id, count(*)
FROM visits GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'cohort', scope, {month_of_first}, month, product_id, count(*)
FROM months JOIN retention_customers USING (scope, customer_key, product_id) GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'new', scope, ndp_date, ndp_date, product_id, count(*) FROM retention_customers
WHERE ndp_date IS NOT NULL GROUP BY scope, ndp_date, product_id
UNION ALL
SELECT 'last', '', last_date, last_date, product_id, count(*) FROM retention_customers WHERE scope = ''
GROUP BY last_date, product_id
UNION ALL
SELECT 'last', staff_id, last_date, last_date, product_id, count(*) FROM retention_customers WHERE scope = ''
GROUP BY staff_id, last_date, product_id
UNION ALL
SELECT 'again', '', last_date, last_date, product_id, count(*) FROM retention_customers
WHERE scope = '' AND deposits > 1 GROUP BY last_date, product_id
UNION ALL
SELECT 'again', staff_id, last_date, last_date, product_id, count(*) FROM retention_customers
WHERE scope = '' AND deposits > 1 GROUP BY staff_id, last_date, product_id
"""


def upgrade() -> None:
    op.create_table(
        "retention_customers",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text()),
        sa.Column("deposit_id", sa.Text()),
        sa.Column("first_date", sa.Date()),
        sa.Column("last_date", sa.Date()),
        sa.Column("ndp_date", sa.Date()),
        sa.Column("deposits", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(deposits = 0) = (last_date IS NULL)", name=op.f("ck_retention_customers_dates_with_deposits")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_retention_customers_product_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_retention_customers_staff_id")),
        sa.ForeignKeyConstraint(["deposit_id"], ["omset_records.id"], name=op.f("fk_retention_customers_deposit_id")),
        sa.PrimaryKeyConstraint("scope", "customer_key", "product_id", name=op.f("pk_retention_customers")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "retention_counts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("other", sa.Date(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_retention_counts_product_id")),
        sa.PrimaryKeyConstraint("kind", "scope", "day", "other", "product_id", name=op.f("pk_retention_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "retention_dismissals",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_retention_dismissals_product_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_retention_dismissals_user_id")),
        sa.PrimaryKeyConstraint("user_id", "customer_key", "product_id", name=op.f("pk_retention_dismissals")),
    )
    op.create_index("ix_retention_dismissals_until", "retention_dismissals", ["until"])
    op.create_table(
        "retention_briefings",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_retention_briefings_user_id")),
        sa.PrimaryKeyConstraint("user_id", "day", name=op.f("pk_retention_briefings")),
    )
    op.create_index("ix_retention_briefings_day", "retention_briefings", ["day"])
    for statement in fill_statements(op.get_bind().dialect.name):
        op.execute(statement)
    key = ["customer_key", "product_id"]
    for name, columns in (
        ("last", ["scope", "last_date", *key]),
        ("deposits", ["scope", "deposits", *key]),
        ("omset", ["scope", "total", *key]),
        ("score", ["scope", "score", *key]),
        ("new", ["scope", "ndp_date"]),
    ):
        op.create_index(f"ix_retention_customers_{name}", "retention_customers", columns)
    company = sa.text("scope = ''")
    op.create_index(
        "ix_retention_customers_owner",
        "retention_customers",
        ["staff_id", "last_date", *key],
        sqlite_where=company,
        postgresql_where=company,
    )


def fill_statements(dialect: str) -> tuple[str, str]:
    """Return what stores what the ledger already holds."""
    month = _MONTH[dialect].format
    counts = _FILL_COUNTS.format(
        from_index=_FROM_INDEX[dialect],
        month_of_first=month("first_date"),
        month_of_day=month("day"),
        month_of_since=month("since"),
        never=_NEVER[dialect],
    )
    return _FILL_CUSTOMERS, counts


def downgrade() -> None:
    for table in ("retention_briefings", "retention_dismissals", "retention_counts", "retention_customers"):
        op.drop_table(table)
