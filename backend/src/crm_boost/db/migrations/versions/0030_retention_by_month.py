"""Visits are counted by months too: a range of days is read as whole months and the days at its ends."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_MONTH = {"sqlite": "date(day, 'start of month')", "postgresql": "CAST(date_trunc('month', day) AS date)"}
_FILL = """
    INSERT INTO retention_counts (kind, scope, day, other, product_id, customers)
    SELECT 'month', scope, {month}, other, product_id, sum(customers) FROM retention_counts
    WHERE kind = 'visit' AND customers <> 0 GROUP BY scope, {month}, other, product_id
"""


def fill_statement(dialect: str) -> str:
    """Return what adds up by month what is stored by day."""
    return _FILL.format(month=_MONTH[dialect])


def upgrade() -> None:
    op.execute(fill_statement(op.get_bind().dialect.name))


def downgrade() -> None:
    op.execute("DELETE FROM retention_counts WHERE kind = 'month'")
