"""How long a reservation lasts without a deposit (spec 3.3). Pure arithmetic on business dates.

The clock starts at the latest of: the last approved deposit of the owner, the approval, the restoration, the last
extension. So a deposit that is booked later for an earlier day never shortens it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError


class Standing(StrEnum):
    """Where a reservation stands on a day."""

    SAFE = "safe"
    EXPIRING = "expiring"
    OVER = "over"


class CleanupConfig(BaseModel):
    """Days of grace, and for how many of the last ones the owner is warned."""

    global_grace_days: int = Field(default=30, ge=2, le=3650)
    warning_days: int = Field(default=7, ge=1, le=3649)
    product_overrides: dict[str, int] = Field(default_factory=dict, max_length=1000)
    """Days of grace by product id."""

    @model_validator(mode="after")
    def _warning_is_shorter(self) -> "CleanupConfig":
        if self.warning_days >= self.global_grace_days:
            raise PydanticCustomError("warning_too_long", "warning_days must be less than global_grace_days")
        if not all(1 <= days <= 3650 for days in self.product_overrides.values()):
            raise PydanticCustomError("grace_out_of_range", "product_overrides must be 1 to 3650 days each")
        return self

    def days_for(self, product_id: str) -> int:
        """Return the days of grace of a product."""
        return self.product_overrides.get(product_id, self.global_grace_days)


@dataclass(frozen=True, slots=True)
class Grace:
    """The grace of one reservation on one day. `remaining` = days of grace left; below 0 it is over."""

    started: date
    days: int
    today: date
    warning_days: int

    @property
    def used(self) -> int:
        return (self.today - self.started).days

    @property
    def remaining(self) -> int:
        return self.days - self.used

    @property
    def expires_on(self) -> date:
        """The first day on which it is over."""
        return self.started + timedelta(days=self.days + 1)

    @property
    def standing(self) -> Standing:
        if self.remaining < 0:
            return Standing.OVER
        return Standing.EXPIRING if 1 <= self.remaining <= self.warning_days else Standing.SAFE


def grace_of(
    config: CleanupConfig, product_id: str, *, claimed_on: date, last_deposit: date | None, today: date
) -> Grace:
    """Return the grace of a reservation. `claimed_on`: approved, restored or extended, whichever was last."""
    started = claimed_on if last_deposit is None else max(claimed_on, last_deposit)
    return Grace(started, config.days_for(product_id), today, config.warning_days)
