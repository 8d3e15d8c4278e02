"""Shapes of figures over days (spec 4.2, 7.2, 7.3). `total_depo` and `total_omset` are after the multiplier."""

from datetime import date

from pydantic import BaseModel


class RangeTotal(BaseModel):
    total_nominal: float
    total_depo: float
    total_records: int
    total_ndp: int
    total_rdp: int
    ndp_total: float
    rdp_total: float


class Counts(BaseModel):
    """`count` is the number of deposits (forms), `ndp_count` and `rdp_count` that of customers."""

    total_nominal: float
    total_depo: float
    count: int
    ndp_count: int
    rdp_count: int
    ndp_total: float
    rdp_total: float


class DayCounts(Counts):
    date: date


class StaffCounts(Counts):
    staff_id: str
    staff_name: str


class ProductCounts(Counts):
    product_id: str
    product_name: str


class UniqueCustomers(BaseModel):
    """Different customers over the whole range; not a sum of days."""

    staff_id: str
    staff_name: str
    unique_ndp_count: int
    unique_rdp_count: int


class Summary(BaseModel):
    total: RangeTotal
    daily: list[DayCounts]
    by_staff: list[StaffCounts]
    by_product: list[ProductCounts]
    unique_customers: list[UniqueCustomers]
    start_date: date | None = None
    end_date: date | None = None


class NdpRdp(BaseModel):
    date: date
    product_id: str
    ndp_count: int
    ndp_total: float
    rdp_count: int
    rdp_total: float
    total_records: int


class Totals(BaseModel):
    total_forms: int
    total_ndp: int
    total_rdp: int
    total_nominal: float
    total_omset: float
    ndp_total: float
    rdp_total: float


class RankedStaff(StaffCounts):
    """`rank` is by turnover; who ties shares a place."""

    rank: int


class TeamTotals(Totals):
    staff_count: int


class DailySummary(Totals):
    """Staff see their own row and their `rank`; `team` is everybody."""

    date: date
    product_id: str | None = None
    staff_breakdown: list[RankedStaff]
    product_breakdown: list[ProductCounts]
    team: TeamTotals
    rank: int | None = None


class GeneratedSummary(BaseModel):
    message: str
    summary: DailySummary | None


class DayTotals(Totals):
    date: date


class History(BaseModel):
    days: int
    start_date: date
    end_date: date
    history: list[DayTotals]


class SpanTotals(Totals):
    start_date: date
    end_date: date


class BestDay(BaseModel):
    date: date
    total_omset: float


class DashboardStats(BaseModel):
    date: date
    today: SpanTotals
    yesterday: SpanTotals
    month: SpanTotals
    last_month: SpanTotals
    best_day: BestDay | None = None
    pending_count: int
