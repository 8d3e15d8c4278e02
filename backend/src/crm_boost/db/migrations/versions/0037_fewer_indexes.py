"""What a booking writes to is fewer (ADR 59): the deposits of a customer are found by one index instead of two, with one staff
and with all, and whom a staff may lose by the index over the staff's own customers."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_COMPANY = sa.text("scope = ''")


def upgrade() -> None:
    op.drop_index("ix_retention_customers_owner", "retention_customers")
    op.drop_index("ix_omset_records_key", "omset_records")
    op.drop_index("ix_omset_records_customer", "omset_records")
    op.create_index("ix_omset_records_customer", "omset_records", ["customer_key", "staff_id", "product_id"])


def downgrade() -> None:
    op.drop_index("ix_omset_records_customer", "omset_records")
    op.create_index("ix_omset_records_customer", "omset_records", ["customer_key", "product_id"])
    op.create_index("ix_omset_records_key", "omset_records", ["staff_id", "customer_key", "product_id"])
    op.create_index(
        "ix_retention_customers_owner",
        "retention_customers",
        ["staff_id", "last_date", "customer_key", "product_id"],
        sqlite_where=_COMPANY,
        postgresql_where=_COMPANY,
    )
