"""What each staff was ever handed out is added up within one index: the rows of the roll-up hold fourteen more figures."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_NAME = "ix_work_daily_staff"


def _replace(*columns: str) -> None:
    op.drop_index(_NAME, "work_daily")
    op.create_index(_NAME, "work_daily", list(columns))


def upgrade() -> None:
    _replace("staff_id", "day", "assigned")


def downgrade() -> None:
    _replace("staff_id", "day")
