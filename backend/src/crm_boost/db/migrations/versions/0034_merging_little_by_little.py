"""SQLite's search index is merged little by little only: nobody waits for a large merge (ADR 57)."""

from alembic import op

from crm_boost.db import search_index

revision = "0034"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(search_index.SQLITE_NEVER_AT_ONCE)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(search_index.SQLITE_AT_ONCE)
