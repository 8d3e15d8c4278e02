"""Shapes of jobs."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from crm_boost.jobs.schedules import MAX_LENGTH
from crm_boost.jobs.states import AttemptState, RunKind, RunState


class AttemptOut(BaseModel):
    number: int
    state: AttemptState
    started_at: datetime
    ended_at: datetime | None = None
    error: str | None = None


class RunOut(BaseModel):
    """`next_try_at` while a run waits; `duration_ms` is that of the last attempt."""

    id: str
    kind: RunKind
    state: RunState
    due_at: datetime
    attempt_count: int
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_ms: int | None = None
    next_try_at: datetime | None = None
    result: dict[str, int] | None = None
    error: str | None = None
    asked_by_name: str | None = None


class RunDetail(RunOut):
    attempts: list[AttemptOut]


class JobOut(BaseModel):
    """`open_run` is the run that waits or is at work now. `schedule_error`: the stored schedule cannot be read."""

    key: str
    schedule: str
    default_schedule: str
    essential: bool
    paused: bool
    next_due: datetime | None = None
    schedule_error: str | None = None
    open_run: RunOut | None = None
    last_run: RunOut | None = None
    changed_at: datetime | None = None
    changed_by_name: str | None = None


class JobChange(BaseModel):
    """What is to change; `confirmed` is needed to pause an essential job."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"schedule": "0 11 * * *"}]})

    schedule: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_LENGTH)] | None = (
        None
    )
    paused: bool | None = None
    confirmed: bool = False

    @model_validator(mode="after")
    def _something(self) -> "JobChange":
        if self.schedule is None and self.paused is None:
            raise PydanticCustomError("missing", "Say what is to change: schedule or paused.")
        return self


class ReportsConfig(BaseModel):
    """Kept (spec 7.6): whether anything runs by the clock."""

    id: str
    enabled: bool
    zone: str
    jobs: list[JobOut]
