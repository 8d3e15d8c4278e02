"""How many requests a personal token has made in the running minute, of all processes together."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_tokens", sa.Column("minute", sa.DateTime(timezone=True), nullable=True))
    op.add_column("api_tokens", sa.Column("minute_requests", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("api_tokens", "minute_requests")
    op.drop_column("api_tokens", "minute")
