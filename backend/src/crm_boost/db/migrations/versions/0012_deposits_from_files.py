"""Deposits from files: imports without one product, and which deposit came with which import."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("imports") as imports:
        imports.alter_column("product_id", existing_type=sa.Text(), nullable=True)
    op.create_table(
        "omset_imported",
        sa.Column("deposit_id", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["deposit_id"], ["omset_records.id"], name=op.f("fk_omset_imported_deposit_id")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_omset_imported_import_id")),
        sa.PrimaryKeyConstraint("deposit_id", name=op.f("pk_omset_imported")),
    )
    op.create_index("ix_omset_imported_import_id", "omset_imported", ["import_id"])


def downgrade() -> None:
    op.drop_table("omset_imported")
    op.execute("DELETE FROM imports WHERE product_id IS NULL")
    with op.batch_alter_table("imports") as imports:
        imports.alter_column("product_id", existing_type=sa.Text(), nullable=False)
