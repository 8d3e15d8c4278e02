"""PostgreSQL's search index leaves the records' table: a hand-out no longer enters its records' texts anew (ADR 60)."""

from alembic import op

from crm_boost.db import search_index

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _run(search_index.POSTGRESQL_UP)


def downgrade() -> None:
    _run(search_index.POSTGRESQL_DOWN)


def _run(statements: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in statements:
            op.execute(statement)
