"""Customers are counted by the day of their latest deposit in two kinds that exclude each other: those with one deposit
(`once`) and those with more (`again`), who were in both before. A booking moves half as many of these counts."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TAKEN_APART = (
    """
    UPDATE retention_counts SET kind = 'once', customers = customers - coalesce((
        SELECT again.customers FROM retention_counts AS again
        WHERE again.kind = 'again' AND again.scope = retention_counts.scope AND again.day = retention_counts.day
        AND again.other = retention_counts.other AND again.product_id = retention_counts.product_id
    ), 0) WHERE kind = 'last'
    """,
    "DELETE FROM retention_counts WHERE kind = 'once' AND customers = 0",
)
PUT_TOGETHER = (
    """
    INSERT INTO retention_counts (kind, scope, day, other, product_id, customers)
    SELECT 'last', scope, day, other, product_id, sum(customers) FROM retention_counts
    WHERE kind IN ('once', 'again') GROUP BY scope, day, other, product_id
    """,
    "DELETE FROM retention_counts WHERE kind = 'once'",
)


def upgrade() -> None:
    for statement in TAKEN_APART:
        op.execute(statement)


def downgrade() -> None:
    for statement in PUT_TOGETHER:
        op.execute(statement)
