"""Sums by staff and day, and by month, of what there is by day: filled from the ledger as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_FIGURES = ("ndp", "rdp", "ndp_forms", "rdp_forms", "ndp_nominal", "rdp_nominal", "ndp_total", "rdp_total")
_UNIQUES = ("ndp_fresh", "rdp_fresh", "ndp_last", "rdp_last")
_TIERS = ("customers_2", "customers_3", "customers_4")
_SUMS = ", ".join(f"CAST(sum({name}) AS bigint)" for name in _FIGURES)

_FILL_STAFF_DAYS = f"""
    INSERT INTO omset_staff_daily (record_date, staff_id, {", ".join(_FIGURES + _UNIQUES)})
    SELECT record_date, staff_id, {_SUMS}, 0, 0, 0, 0 FROM omset_daily GROUP BY record_date, staff_id
"""  # noqa: S608 - names of columns
_ADD_UNIQUES = """
    UPDATE omset_staff_daily SET ndp_fresh = found.ndp_fresh, rdp_fresh = found.rdp_fresh,
           ndp_last = found.ndp_last, rdp_last = found.rdp_last
    FROM (
        SELECT record_date, staff_id,
               sum(CASE WHEN customer_type = 'NDP' THEN fresh ELSE 0 END) AS ndp_fresh,
               sum(CASE WHEN customer_type = 'RDP' THEN fresh ELSE 0 END) AS rdp_fresh,
               sum(CASE WHEN customer_type = 'NDP' THEN last ELSE 0 END) AS ndp_last,
               sum(CASE WHEN customer_type = 'RDP' THEN last ELSE 0 END) AS rdp_last
        FROM (
            SELECT min(record_date) AS record_date, staff_id, customer_type, 1 AS fresh, 0 AS last
            FROM omset_records {from_index} WHERE customer_type IS NOT NULL
            GROUP BY staff_id, customer_key, customer_type, {month}
            UNION ALL
            SELECT max(record_date), staff_id, customer_type, 0, 1
            FROM omset_records {from_index} WHERE customer_type IS NOT NULL
            GROUP BY staff_id, customer_key, customer_type
        ) AS marks
        GROUP BY record_date, staff_id
    ) AS found
    WHERE omset_staff_daily.record_date = found.record_date AND omset_staff_daily.staff_id = found.staff_id
"""
_FILL_MONTHS = f"""
    INSERT INTO omset_monthly (month, staff_id, product_id, {", ".join(_FIGURES + _TIERS)})
    SELECT {{month}}, staff_id, product_id, {_SUMS}, 0, 0, 0 FROM omset_daily GROUP BY 1, staff_id, product_id
"""  # noqa: S608 - names of columns
_ADD_TIERS = """
    UPDATE omset_monthly SET customers_2 = found.twice, customers_3 = found.thrice, customers_4 = found.more
    FROM (
        SELECT month, staff_id, product_id,
               sum(CASE WHEN times = 2 THEN 1 ELSE 0 END) AS twice,
               sum(CASE WHEN times = 3 THEN 1 ELSE 0 END) AS thrice,
               sum(CASE WHEN times >= 4 THEN 1 ELSE 0 END) AS more
        FROM (
            SELECT {month} AS month, staff_id, product_id, count(*) AS times
            FROM omset_records {from_index} WHERE customer_type IS NOT NULL
            GROUP BY 1, staff_id, product_id, customer_key
        ) AS visits
        GROUP BY month, staff_id, product_id
    ) AS found
    WHERE omset_monthly.month = found.month AND omset_monthly.staff_id = found.staff_id
          AND omset_monthly.product_id = found.product_id
"""
_FIRST_OF_MONTH = {
    "sqlite": "date(record_date, 'start of month')",
    "postgresql": "CAST(date_trunc('month', record_date) AS date)",
}
# Holds all that is asked for; SQLite would rather look up each row of the table through another one.
_FROM_INDEX = {"sqlite": "INDEXED BY ix_omset_records_unique", "postgresql": ""}


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _figures(*more: str) -> list[sa.Column[int]]:
    return [
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _FIGURES[:4]),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _FIGURES[4:]),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in more),
    ]


def upgrade() -> None:
    op.create_table(
        "omset_customers",
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        _reference("omset_customers", "staff_id", "users"),
        sa.PrimaryKeyConstraint("staff_id", "customer_key", name=op.f("pk_omset_customers")),
    )
    op.create_table(
        "omset_staff_daily",
        sa.Column("record_date", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        *_figures(*_UNIQUES),
        _reference("omset_staff_daily", "staff_id", "users"),
        sa.PrimaryKeyConstraint("record_date", "staff_id", name=op.f("pk_omset_staff_daily")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_omset_staff_daily_staff", "omset_staff_daily", ["staff_id", "record_date"])
    op.create_table(
        "omset_monthly",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        *_figures(*_TIERS),
        _reference("omset_monthly", "staff_id", "users"),
        _reference("omset_monthly", "product_id", "products"),
        sa.PrimaryKeyConstraint("month", "staff_id", "product_id", name=op.f("pk_omset_monthly")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_omset_monthly_staff", "omset_monthly", ["staff_id", "month"])
    dialect = op.get_bind().dialect.name
    month, from_index = _FIRST_OF_MONTH[dialect], _FROM_INDEX[dialect]
    for statement in (_FILL_STAFF_DAYS, _ADD_UNIQUES, _FILL_MONTHS, _ADD_TIERS):
        op.execute(statement.format(month=month, from_index=from_index))


def downgrade() -> None:
    op.drop_table("omset_monthly")
    op.drop_table("omset_staff_daily")
    op.drop_table("omset_customers")
