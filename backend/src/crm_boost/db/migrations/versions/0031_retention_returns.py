"""How many customers came on a day, by how long before they had come last; and a lock of each customer.

What is there is taken from what retention has counted by product, by sums of days. Only customers of several products have to
be looked at one by one: by product they count once for each of them, whatever the product once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_NAMES = (*(f"after_{days}" for days in range(1, 31)), "after_more")
_DAYS = {
    "sqlite": "CAST(julianday({later}) - julianday({earlier}) AS INTEGER)",
    "postgresql": "({later} - {earlier})",
}
_PLACE = "CASE WHEN {days} <= 30 THEN {days} ELSE 31 END"
# A visit is counted by the month before; those of which the gap is short are taken from there.
_BY_PRODUCT = """
    SELECT scope, product_id, day, place, sum(customers) AS customers FROM (
        SELECT scope, product_id, day, 31 AS place, customers FROM retention_counts WHERE kind = 'visit'
        UNION ALL
        SELECT scope, product_id, other, {days}, customers FROM retention_counts WHERE kind = 'gap' AND {days} <= 30
        UNION ALL
        SELECT scope, product_id, other, 31, -customers FROM retention_counts WHERE kind = 'gap' AND {days} <= 30
    ) AS counted GROUP BY scope, product_id, day, place
"""
_FILL_BY_PRODUCT = """
    INSERT INTO retention_returns (scope, product_id, day, {names})
    WITH by_product AS ({by_product})
    SELECT scope, product_id, day, {pivot} FROM by_product GROUP BY scope, product_id, day
"""
_FILL_ANY_PRODUCT = """
    INSERT INTO retention_returns (scope, product_id, day, {names})
    WITH several AS (
        SELECT customer_key FROM retention_customers WHERE scope = '' AND deposits > 0
        GROUP BY customer_key HAVING count(*) > 1
    ), booked AS (
        SELECT DISTINCT staff_id, customer_key, product_id, record_date AS day FROM omset_records
        WHERE customer_type IS NOT NULL AND customer_key IN (SELECT customer_key FROM several)
    ), scoped AS (
        SELECT '' AS scope, customer_key, product_id, day FROM booked
        UNION
        SELECT staff_id, customer_key, product_id, day FROM booked
    ), visits AS (
        SELECT scope, day, -1 AS sign,
            lag(day) OVER (PARTITION BY scope, customer_key, product_id ORDER BY day) AS since
        FROM scoped
        UNION ALL
        SELECT scope, day, 1, lag(day) OVER (PARTITION BY scope, customer_key ORDER BY day)
        FROM (SELECT DISTINCT scope, customer_key, day FROM scoped) AS days
    ), put_right AS (
        SELECT scope, day, {place} AS place, sum(sign) AS customers FROM visits GROUP BY scope, day, {place}
    )
    SELECT scope, '', day, {sums} FROM (
        SELECT scope, day, {names} FROM retention_returns
        UNION ALL
        SELECT scope, day, {pivot} FROM put_right GROUP BY scope, day
    ) AS every_product GROUP BY scope, day
"""


def fill_statements(dialect: str) -> tuple[str, str]:
    """Return what stores what the ledger already holds."""
    names = ", ".join(_NAMES)
    pivot = ", ".join(
        f"sum(CASE WHEN place = {place} THEN customers ELSE 0 END) AS {name}" for place, name in enumerate(_NAMES, 1)
    )
    sums = ", ".join(f"sum({name})" for name in _NAMES)
    by_product = _BY_PRODUCT.format(days=_DAYS[dialect].format(earlier="day", later="other"))
    place = _PLACE.format(days=_DAYS[dialect].format(earlier="since", later="day"))
    return (
        _FILL_BY_PRODUCT.format(names=names, by_product=by_product, pivot=pivot),
        _FILL_ANY_PRODUCT.format(names=names, pivot=pivot, sums=sums, place=place),
    )


def upgrade() -> None:
    op.create_table(
        "retention_returns",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _NAMES),
        sa.PrimaryKeyConstraint("scope", "product_id", "day", name=op.f("pk_retention_returns")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "retention_locks",
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", name=op.f("pk_retention_locks")),
    )
    for statement in fill_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("retention_locks")
    op.drop_table("retention_returns")
