"""What is expected of staff, from a day on."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BOUNDS = "monthly_omset > 0 AND daily_ndp > 0 AND daily_rdp > 0 AND required_success_days BETWEEN 1 AND 31"
_ALL_OR_NONE = (
    "(monthly_omset IS NULL) = (daily_ndp IS NULL) AND (monthly_omset IS NULL) = (daily_rdp IS NULL)"
    " AND (monthly_omset IS NULL) = (required_success_days IS NULL)"
)


def upgrade() -> None:
    op.create_table(
        "staff_targets",
        sa.Column("seq", _GROWING, autoincrement=True, nullable=False),
        sa.Column("staff_id", sa.Text()),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("monthly_omset", sa.BigInteger()),
        sa.Column("daily_ndp", sa.Integer()),
        sa.Column("daily_rdp", sa.Integer()),
        sa.Column("required_success_days", sa.Integer()),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint(_ALL_OR_NONE, name=op.f("ck_staff_targets_all_or_none")),
        sa.CheckConstraint(
            "staff_id IS NOT NULL OR monthly_omset IS NOT NULL", name=op.f("ck_staff_targets_default_is_known")
        ),
        sa.CheckConstraint(_BOUNDS, name=op.f("ck_staff_targets_bounds")),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_staff_targets_staff_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_staff_targets")),
    )
    for name, condition, columns in (
        ("uq_staff_targets_default", "staff_id IS NULL", ["effective_from"]),
        ("uq_staff_targets_staff", "staff_id IS NOT NULL", ["staff_id", "effective_from"]),
    ):
        where = sa.text(condition)
        op.create_index(name, "staff_targets", columns, unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_table("staff_targets")
