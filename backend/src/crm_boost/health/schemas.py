"""What goes in and out over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict


class SampleRow(BaseModel):
    """One thing at fault: ids and words that are nobody's personal data."""

    id: str
    kind: str
    database_id: str | None = None
    database_name: str | None = None
    module: str | None = None


class CheckOut(BaseModel):
    """What one check found. `checked_at` is missing where it was never asked yet."""

    type: str
    severity: str
    feature: str
    count: int
    message: str
    auto_fixable: bool
    sample: list[SampleRow]
    checked_at: datetime | None = None


class HealthStats(BaseModel):
    checks: int
    clean: int
    at_fault: int
    databases: int
    reserved_customers: int
    open_conflicts: int


class HealthCheckOut(BaseModel):
    """The score of the data and what is at fault. `checks` names every check, the clean ones too."""

    health_score: int
    status: str
    issues: list[CheckOut]
    warnings: list[CheckOut]
    checks: list[CheckOut]
    stats: HealthStats
    checked_at: datetime


class FeatureOut(BaseModel):
    feature: str
    status: str
    checks: int
    issues: int


class SyncStatusOut(BaseModel):
    overall_status: str
    synced_features: int
    total_features: int
    features: list[FeatureOut]
    checked_at: datetime


class ProactiveOut(BaseModel):
    health_score: int
    issues_found: int
    critical_issues: int
    medium_issues: int
    warnings_found: int
    notifications_sent: int
    message: str
    checked_at: datetime


class RepairAnswer(BaseModel):
    """What one repair did, or would do. `repair_id` undoes it; `remaining` is what is left for another run."""

    repair_type: str
    found: int
    fixed: int
    remaining: int
    changes: list[dict[str, Any]]
    repair_id: str | None = None


class RepairOut(BaseModel):
    success: bool
    dry_run: bool
    message: str
    total_fixed: int
    repairs: list[RepairAnswer]


class RepairUndoneOut(BaseModel):
    """`skipped_count`: what somebody has touched since stays as it is."""

    repair_id: str
    undone_count: int
    skipped_count: int


class ActivityEntry(BaseModel):
    """`type`: proactive_health_check, repair, repair_undone or monitoring_changed."""

    id: str
    type: str
    at: datetime
    actor_name: str
    detail: dict[str, Any]
    repair_id: str | None = None
    can_undo: bool | None = None


class ActivityOut(BaseModel):
    total_count: int | None = None
    logs: list[ActivityEntry]


class MonitoringUpdate(BaseModel):
    """The body of a change; what is missing stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"enabled": True, "check_interval_hours": 6, "notify_on_warning": False, "notify_on_critical": True}
            ]
        }
    )

    enabled: bool | None = None
    check_interval_hours: int | None = None
    notify_on_warning: bool | None = None
    notify_on_critical: bool | None = None


class MonitoringOut(BaseModel):
    enabled: bool
    check_interval_hours: int
    notify_on_warning: bool
    notify_on_critical: bool
    updated_at: datetime | None = None
    updated_by: str | None = None
    message: str | None = None


class ConflictLogSummary(BaseModel):
    total: int
    open: int
    ended: int
    staff: int
    owners: int


class LoggedConflict(BaseModel):
    """One entry of the conflict log; `ended_at` is missing while it lasts."""

    id: str
    record_id: str
    customer_id: str
    product_id: str
    product_name: str
    database_name: str
    module: str
    staff_id: str
    staff_name: str
    reserved_by_id: str
    reserved_by_name: str
    began_at: datetime
    ended_at: datetime | None = None
    is_open: bool


class ConflictLogOut(BaseModel):
    total_count: int
    summary: ConflictLogSummary
    records: list[LoggedConflict]


class StaffCount(BaseModel):
    staff_id: str
    staff_name: str
    count: int


class ConflictStatsOut(BaseModel):
    total_invalidated: int
    today: int
    this_week: int
    this_month: int
    top_affected_staff: list[StaffCount]
    top_reserved_by_staff: list[StaffCount]
