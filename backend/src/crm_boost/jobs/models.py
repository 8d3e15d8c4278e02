"""Tables of jobs, their runs, and the attempts of each run."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, Json, UtcDateTime

_OPEN = text("ended_at IS NULL")


class Job(Base):
    """What admins have said about a job. Without a schedule of its own it has the one of the registry.

    `counts_from`: due times after this instant are still to be made into runs. It moves on with each run made, and to
    the present when the schedule changes or a pause ends: what was due until then is not caught up.
    """

    __tablename__ = "jobs"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    schedule: Mapped[str | None] = mapped_column(Text)
    paused: Mapped[bool] = mapped_column(default=False)
    counts_from: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_by_name: Mapped[str | None] = mapped_column(Text)


class JobRun(Base):
    """One due time of one job, whoever runs it and however often it is tried. A job has one open run at a time.

    A run is leased: `worker` says which process has it, `heartbeat_at` that this process lives. `failures` counts the
    attempts that count against the limit; `attempts` counts all.
    """

    __tablename__ = "job_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('scheduled', 'caught_up', 'manual')", name="kind"),
        CheckConstraint("state IN ('waiting', 'running', 'succeeded', 'failed')", name="state"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'running'))", name="ended"),
        UniqueConstraint("job_key", "due_at", name="uq_job_runs_due"),
        Index("uq_job_runs_open", "job_key", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_job_runs_job", "job_key", "seq"),
        Index("ix_job_runs_ended_at", "ended_at"),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    job_key: Mapped[str] = mapped_column(ForeignKey("jobs.key"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    worker: Mapped[str | None] = mapped_column(Text)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    error: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    asked_by_name: Mapped[str | None] = mapped_column(Text)


class JobAttempt(Base):
    """One attempt of a run. Its key is what only one process can insert."""

    __tablename__ = "job_attempts"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'succeeded', 'failed', 'lost', 'handed_back')", name="state"),
    )

    run_seq: Mapped[int] = mapped_column(ForeignKey("job_runs.seq", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    worker: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
