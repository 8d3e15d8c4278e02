"""When a request is approved at once (spec 2.3). Pure; the facts are read by the service."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, Field

SETTINGS = "auto_approve"
"""The name of this group of settings."""

APPROVER = "Auto-approval"
"""Who such requests were reviewed by."""

Limit = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Hours = Annotated[int, Field(ge=1, le=720, strict=True)]


class AutoApproval(BaseModel):
    """The settings in force. Without `enabled` every request waits for a person, whatever its database says."""

    enabled: bool = False
    max_records_per_request: Limit | None = None
    max_records_per_staff_per_day: Limit | None = None
    hold_hours: Hours = 24

    @property
    def hold(self) -> timedelta:
        return timedelta(hours=self.hold_hours)

    def covers(self, of_database: bool | None) -> bool:
        """Whether requests of a database with this setting (None: as everywhere) are approved at once at all."""
        return self.enabled and of_database is not False

    def approves(self, wanted: "Wanted") -> bool:
        """Whether this request is approved at once. The limits hold for every database."""
        if not self.covers(wanted.of_database):
            return False
        per_request, per_day = self.max_records_per_request, self.max_records_per_staff_per_day
        if per_request is not None and wanted.record_count > per_request:
            return False
        return per_day is None or wanted.given_today + wanted.record_count <= per_day


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request before the decision; `given_today` is what the staff got by auto-approval this business day."""

    record_count: int
    of_database: bool | None
    given_today: int
