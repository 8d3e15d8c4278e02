"""What is judged of a database, and what happened to it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_index(
        "ix_customer_records_judged",
        "customer_records",
        ["database_id", "validation_status", "seq", "state"],
        unique=False,
        **_where("validation_status IN ('validated', 'invalid')"),
    )
    op.create_index(
        "ix_operations_database_id",
        "operations",
        ["database_id", "at", "seq"],
        unique=False,
        **_where("database_id IS NOT NULL"),
    )
    op.create_index(
        "ix_operations_across", "operations", ["module", "at", "seq"], unique=False, **_where("database_id IS NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_operations_across", table_name="operations")
    op.drop_index("ix_operations_database_id", table_name="operations")
    op.drop_index("ix_customer_records_judged", table_name="customer_records")
