"""Shapes of targets, progress and ranking (spec 4.4, 7.3). Money is in plain units of the currency."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from crm_boost.deposits.schemas import Day
from crm_boost.performance.judging import Met


def _number(value: Any) -> Any:
    """A number, or digits somebody sent as a text; no truth value, no fraction that would be cut off."""
    if isinstance(value, bool):
        raise PydanticCustomError("decimal_parsing", "This is not a number.")
    return value


MonthlyOmset = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=Decimal(10) ** 12)]
DailyCount = Annotated[int, BeforeValidator(_number), Field(ge=1, le=1000)]
SuccessDays = Annotated[int, BeforeValidator(_number), Field(ge=1, le=31)]


class TargetsChange(BaseModel):
    """What is left out stays as it is. Without a date: from the first day of this month on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "monthly_omset": 100_000_000,
                    "daily_ndp": 10,
                    "daily_rdp": 15,
                    "required_success_days": 18,
                    "effective_from": "2025-03-01",
                }
            ]
        }
    )

    monthly_omset: MonthlyOmset | None = None
    daily_ndp: DailyCount | None = None
    daily_rdp: DailyCount | None = None
    required_success_days: SuccessDays | None = None
    effective_from: Day | None = None


class TargetsReset(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"effective_from": "2025-03-01"}]})

    effective_from: Day | None = None


class TargetsOut(BaseModel):
    monthly_omset: float
    daily_ndp: int
    daily_rdp: int
    required_success_days: int


class TargetRow(BaseModel):
    """One change; without figures: from then on the targets of everybody."""

    effective_from: date
    targets: TargetsOut | None = None
    set_at: datetime
    set_by_name: str


class TargetsInForce(TargetsOut):
    """What holds today, and every change that was made or is planned, the latest first."""

    effective_from: date | None = None
    earliest_change: date
    changes: list[TargetRow]


class StaffTargets(TargetsInForce):
    staff_id: str
    staff_name: str
    is_own: bool


class LeaderboardRow(BaseModel):
    staff_id: str
    staff_name: str
    total_omset: float
    total_ndp: int
    total_rdp: int
    today_ndp: int
    today_rdp: int
    days_worked: int
    avg_daily_omset: float | None
    avg_daily_ndp: float | None
    avg_daily_rdp: float | None
    omset_rank: int
    ndp_rank: int
    rdp_rank: int


class Leaderboard(BaseModel):
    """Averages are per day with deposits. `year` and `month` are those of the day the targets are told for."""

    period: Literal["month", "all"]
    year: int
    month: int
    start_date: date | None = None
    end_date: date
    leaderboard: list[LeaderboardRow]
    targets: TargetsOut


class DayProgress(BaseModel):
    date: date
    ndp: int
    rdp: int
    target_met: bool
    met_via: Met | None


class StaffProgress(BaseModel):
    """`prev_month_1_success` and `_2_`: days that succeeded last month and the one before; `…_counts`: whether it
    counts, for it does not where the staff began later."""

    staff_id: str
    staff_name: str
    today_ndp: int
    today_rdp: int
    today_target_reached: bool
    success_days: int
    required_success_days: int
    projected_success: int | None
    warning_level: int
    prev_month_1_success: int
    prev_month_2_success: int
    prev_month_1_counts: bool
    prev_month_2_counts: bool
    status_text: str
    targets: TargetsOut
    targets_are_own: bool
    daily_breakdown: list[DayProgress]


class MonthOf(BaseModel):
    year: int
    month: int
    today: date
    days_elapsed: int
    days_in_month: int
    days_remaining: int


class OwnProgress(MonthOf, StaffProgress):
    """`streak`: days in a row that succeeded, up to today, or up to yesterday while today has not."""

    streak: int
    total_omset: float
    omset_percentage: float | None


class ProgressSummary(BaseModel):
    """success: as many days as required; warning: levels 1 and 2; critical: level 3."""

    total_staff: int
    success_staff: int
    warning_staff: int
    critical_staff: int


class TeamProgress(MonthOf):
    required_success_days: int
    daily_ndp_target: int
    daily_rdp_target: int
    summary: ProgressSummary
    staff_progress: list[StaffProgress]
