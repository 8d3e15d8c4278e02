"""Jobs, their runs, and the attempts of each run."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)
_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text()),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("counts_from", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT),
        sa.Column("changed_by_name", sa.Text()),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_jobs")),
    )
    op.create_table(
        "job_runs",
        sa.Column("seq", _GROWING, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("job_key", sa.Text(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("not_before", _INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("heartbeat_at", _INSTANT),
        sa.Column("started_at", _INSTANT),
        sa.Column("ended_at", _INSTANT),
        sa.Column("result", _JSON),
        sa.Column("error", sa.Text()),
        sa.Column("asked_by", sa.Text()),
        sa.Column("asked_by_name", sa.Text()),
        sa.CheckConstraint("kind IN ('scheduled', 'caught_up', 'manual')", name=op.f("ck_job_runs_kind")),
        sa.CheckConstraint("state IN ('waiting', 'running', 'succeeded', 'failed')", name=op.f("ck_job_runs_state")),
        sa.CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'running'))", name=op.f("ck_job_runs_ended")),
        sa.ForeignKeyConstraint(["job_key"], ["jobs.key"], name=op.f("fk_job_runs_job_key")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_job_runs_asked_by")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("id", name=op.f("uq_job_runs_id")),
        sa.UniqueConstraint("job_key", "due_at", name="uq_job_runs_due"),
    )
    op.create_index(
        "uq_job_runs_open", "job_runs", ["job_key"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index("ix_job_runs_job", "job_runs", ["job_key", "seq"])
    op.create_index("ix_job_runs_ended_at", "job_runs", ["ended_at"])
    op.create_table(
        "job_attempts",
        sa.Column("run_seq", _GROWING, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT),
        sa.Column("error", sa.Text()),
        sa.CheckConstraint(
            "state IN ('running', 'succeeded', 'failed', 'lost', 'handed_back')", name=op.f("ck_job_attempts_state")
        ),
        sa.ForeignKeyConstraint(
            ["run_seq"], ["job_runs.seq"], name=op.f("fk_job_attempts_run_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_seq", "number", name=op.f("pk_job_attempts")),
    )


def downgrade() -> None:
    op.drop_table("job_attempts")
    op.drop_table("job_runs")
    op.drop_table("jobs")
