"""Shapes of the charts of deposits (spec 5.3, 7.4). `previous`: the same of the equal period before, when asked for."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict


class ChartPeriod(BaseModel):
    """The period a chart used: its name, its first and its last day."""

    period: str
    start_date: date
    end_date: date


class ChartStaff(BaseModel):
    staff_id: str
    staff_name: str


class BusinessSummary(BaseModel):
    total_omset: float
    total_records: int
    avg_omset_per_record: float | None
    ndp_count: int
    rdp_count: int
    ndp_omset: float
    rdp_omset: float
    ndp_percentage: float | None


class BusinessDay(BaseModel):
    """`count` deposits, `ndp` and `rdp` customers."""

    date: date
    total: float
    count: int
    ndp: int
    rdp: int
    ndp_total: float
    rdp_total: float


class ProductOmset(BaseModel):
    product_id: str
    product_name: str
    total: float
    count: int
    ndp: int
    rdp: int
    share: float | None


class DatabaseUse(BaseModel):
    database_id: str
    database_name: str
    module: str
    product_id: str
    product_name: str
    total_records: int
    assigned_count: int
    archived_count: int
    available_count: int
    utilization: float | None


class BusinessFigures(ChartPeriod):
    summary: BusinessSummary
    omset_chart: list[BusinessDay]
    product_omset: list[ProductOmset]
    database_utilization: list[DatabaseUse]


class BusinessChart(BusinessFigures):
    previous: BusinessFigures | None = None


class StaffIdName(BaseModel):
    id: str
    name: str


class NdpRdpDay(BaseModel):
    """A day, and `ndp_<staff id>` and `rdp_<staff id>` for every staff listed."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, int]
    date: date


class NdpRdpDailyFigures(ChartPeriod):
    chart_data: list[NdpRdpDay]
    staff: list[StaffIdName]


class NdpRdpDailyChart(NdpRdpDailyFigures):
    previous: NdpRdpDailyFigures | None = None


class HeatCell(BaseModel):
    day: str
    count: int
    amount: float
    avg: float | None


class HeatRow(ChartStaff):
    days: list[HeatCell]


class HeatmapFigures(ChartPeriod):
    grid: list[HeatRow]
    max_count: int
    max_amount: float
    day_names: list[str]


class HeatmapChart(HeatmapFigures):
    previous: HeatmapFigures | None = None


class DepositCells(BaseModel):
    """`*_count` are deposits, `*_customers` NDP and RDP as counted everywhere else."""

    ndp_count: int
    rdp_count: int
    total_count: int
    ndp_amount: float
    rdp_amount: float
    total_amount: float
    ndp_percentage: float | None
    ndp_customers: int
    rdp_customers: int


class ProductFigures(DepositCells):
    product_id: str
    product_name: str


class ProductPerformanceFigures(ChartPeriod):
    product_data: list[ProductFigures]


class ProductPerformanceChart(ProductPerformanceFigures):
    previous: ProductPerformanceFigures | None = None


class StaffValue(ChartStaff):
    ndp_amount: float
    rdp_amount: float
    total_amount: float
    ndp_count: int
    rdp_count: int
    avg_ndp: float | None
    avg_rdp: float | None
    ndp_share: float | None


class ValueDay(BaseModel):
    date: date
    ndp_amount: float
    rdp_amount: float


class ValueSummary(BaseModel):
    total_ndp_amount: float
    total_rdp_amount: float
    total_amount: float
    ndp_share: float | None


class CustomerValueFigures(ChartPeriod):
    staff_data: list[StaffValue]
    daily_chart: list[ValueDay]
    summary: ValueSummary


class CustomerValueChart(CustomerValueFigures):
    previous: CustomerValueFigures | None = None


class TrendBucket(BaseModel):
    """A day, the Monday of a week, or a month as YYYY-MM. `partial`: it has days beyond the period, or is not over."""

    date: str
    amount: float
    count: int
    unique_customers: int
    avg_deposit: float | None
    partial: bool


class TrendSummary(BaseModel):
    total_amount: float
    total_deposits: int
    avg_per_period: float | None
    peak_period: str | None
    peak_amount: float


class TrendFigures(ChartPeriod):
    granularity: Literal["daily", "weekly", "monthly"]
    chart_data: list[TrendBucket]
    summary: TrendSummary


class TrendChart(TrendFigures):
    previous: TrendFigures | None = None
