"""Shapes of retention (spec 5.2). A rate is per cent with one decimal, null where there is nobody to divide by."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from crm_boost.retention.risk import Risk


class RetentionRange(BaseModel):
    """Two days, both included."""

    start_date: date
    end_date: date


class RetentionFigures(BaseModel):
    """`retention_rate`: of the customers of the range, how many had deposited before it. `returned_rate`: of those of the
    equal range before, how many came in this one."""

    total_customers: int
    ndp_customers: int
    rdp_customers: int
    retention_rate: float | None
    returned_rate: float | None
    total_deposits: int
    total_omset: float
    avg_deposits_per_customer: float | None
    avg_omset_per_customer: float | None


class RetainedCustomer(BaseModel):
    """A customer of a product. Figures are of the whole history; staff see those of their own deposits."""

    customer_key: str
    customer_id: str
    customer_name: str
    product_id: str
    product_name: str
    staff_id: str
    staff_name: str
    total_deposits: int
    distinct_days: int
    total_omset: float
    first_deposit_date: date
    last_deposit_date: date
    days_since_deposit: int
    avg_days_between_deposits: float | None
    loyalty_score: int
    badge: Literal["VIP", "Loyal", "Regular", "New"]


class ListedCustomer(RetainedCustomer):
    """`customer_type`: NDP where the first ordinary deposit ever is in the range."""

    customer_type: Literal["NDP", "RDP"]


class RetentionSummary(RetentionFigures):
    date_range: RetentionRange
    top_loyal_customers: list[ListedCustomer]


class RetentionDay(BaseModel):
    date: date
    total_customers: int
    ndp_customers: int
    rdp_customers: int
    total_deposits: int
    total_omset: float


class RetentionTrend(BaseModel):
    date_range: RetentionRange
    trend: list[RetentionDay]


class RetentionOfProduct(RetentionFigures):
    product_id: str
    product_name: str


class RetentionByProduct(BaseModel):
    date_range: RetentionRange
    products: list[RetentionOfProduct]


class RetentionOfStaff(RetentionFigures):
    staff_id: str
    staff_name: str


class RetentionByStaff(BaseModel):
    date_range: RetentionRange
    staff: list[RetentionOfStaff]


class CohortMonth(BaseModel):
    """How many came in the month `offset` months after their first one."""

    month: date
    offset: int
    customers: int
    rate: float | None


class Cohort(BaseModel):
    """The customers whose first deposit was in a month, that one and each later one up to this."""

    cohort: date
    size: int
    months: list[CohortMonth]


class CohortTable(BaseModel):
    cohorts: list[Cohort]


class QuietCustomer(RetainedCustomer):
    """Somebody who has not deposited for some days. Phone and source are of a record the reader may see, else empty."""

    phone_number: str
    matched_source: str


class RetentionAlert(QuietCustomer):
    risk_level: Risk


class RiskCounts(BaseModel):
    total: int
    critical: int
    high: int
    medium: int


class RetentionAlerts(BaseModel):
    alerts: list[RetentionAlert]
    summary: RiskCounts


class AlertsOfStaff(RiskCounts):
    staff_id: str
    staff_name: str


class AlertsByStaff(BaseModel):
    staff: list[AlertsOfStaff]
    summary: RiskCounts


class AlertRef(BaseModel):
    """Which alert; any spelling of the customer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"customer_id": "ana01", "product_id": "0194f5c3"}]}
    )

    customer_id: str = Field(min_length=1, max_length=300)
    product_id: str = Field(min_length=1, max_length=200)


class AlertDismissed(BaseModel):
    """`until`: the first day on which it is shown again."""

    message: str
    until: date


class AlertShownAgain(BaseModel):
    message: str


class BriefingAtRisk(BaseModel):
    critical: list[RetentionAlert]
    high: list[RetentionAlert]
    medium: list[RetentionAlert]
    total_critical: int
    total_high: int
    total_medium: int


class BriefingFollowUp(BaseModel):
    record_id: str
    customer_id: str
    customer_key: str
    customer_display: str
    product_id: str
    database_name: str
    respond_date: date
    days_since_response: int
    urgency: str


class BriefingFollowUps(BaseModel):
    items: list[BriefingFollowUp]
    total: int


class DailyBriefing(BaseModel):
    """`show` false says why in `reason`, and nothing else."""

    show: bool
    reason: Literal["already_seen", "not_staff"] | None = None
    date: date
    at_risk: BriefingAtRisk | None = None
    followups_by_product: dict[str, BriefingFollowUps] | None = None


class BriefingDismissed(BaseModel):
    message: str
