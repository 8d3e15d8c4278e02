"""Request and answer shapes of the limits."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from crm_boost.access.limits import AccessLimits, Limit


class AccessLimitsUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"opens_per_hour": 300}]})

    opens_per_hour: Limit | None = None
    opens_per_day: Limit | None = None
    searches_per_hour: Limit | None = None
    searches_per_day: Limit | None = None
    rows_per_hour: Limit | None = None
    rows_per_day: Limit | None = None
    alarm_factor: Annotated[float | None, Field(ge=1.5, le=1000)] = None


class AccessLimitsOut(AccessLimits):
    """Limits per person, `null`: none; `alarm_factor`: administrators are told at so many times the team's median."""

    updated_at: datetime | None = None
    updated_by: str | None = None
