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
# The index that has all of it, in which nothing is looked up.
_FROM_INDEX = {"sqlite": "INDEXED BY ix_omset_records_unique", "postgresql": ""}
_DIFFERS = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}
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
# Where several deposits of a day follow each other, all but the first are at place 0 and count nowhere.
_FILL_ANY_PRODUCT = """
    INSERT INTO retention_returns (scope, product_id, day, {names})
    WITH several AS (
        SELECT customer_key FROM retention_customers WHERE scope = '' AND deposits > 0
        GROUP BY customer_key HAVING count(*) > 1
    ), visits AS (
        SELECT staff_id, record_date AS day,
            lag(record_date) OVER (PARTITION BY customer_key, product_id ORDER BY record_date) AS of_product,
            lag(record_date) OVER (PARTITION BY customer_key ORDER BY record_date) AS of_any,
            lag(record_date) OVER (PARTITION BY staff_id, customer_key, product_id ORDER BY record_date) AS own_of_product,
            lag(record_date) OVER (PARTITION BY staff_id, customer_key ORDER BY record_date) AS own_of_any
        FROM omset_records {from_index}
        WHERE customer_type IS NOT NULL AND customer_key IN (SELECT customer_key FROM several)
    ), placed AS (
        SELECT '' AS scope, day, {of_product} AS less, {of_any} AS more FROM visits WHERE of_product {differs} of_any
        UNION ALL
        SELECT staff_id, day, {own_of_product}, {own_of_any} FROM visits WHERE own_of_product {differs} own_of_any
    ), put_right AS (
        SELECT scope, day, less AS place, -1 AS customers FROM placed WHERE less > 0 AND less <> more
        UNION ALL
        SELECT scope, day, more, 1 FROM placed WHERE more > 0 AND less <> more
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
    places = {
        since: _PLACE.format(days=_DAYS[dialect].format(earlier=since, later="day"))
        for since in ("of_product", "of_any", "own_of_product", "own_of_any")
    }
    words = {"from_index": _FROM_INDEX[dialect], "differs": _DIFFERS[dialect]}
    return (
        _FILL_BY_PRODUCT.format(names=names, by_product=by_product, pivot=pivot),
        _FILL_ANY_PRODUCT.format(names=names, pivot=pivot, sums=sums, **places, **words),
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
