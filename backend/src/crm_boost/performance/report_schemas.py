"""Shapes of the report and of the quality of work (spec 4.2, 4.4, 7.3)."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class ReportCells(BaseModel):
    """NDP, RDP, deposits, and turnover after the multiplier."""

    new_id: int
    rdp: int
    total_form: int
    nominal: float


class ReportMonth(ReportCells):
    month: int


class ReportProductMonth(ReportMonth):
    product_id: str
    product_name: str


class ReportStaff(ReportCells):
    staff_id: str
    staff_name: str


class ReportStaffMonth(BaseModel):
    month: int
    staff: list[ReportStaff]
    totals: ReportCells


class ReportDay(ReportCells):
    date: date


class ReportStaffDay(BaseModel):
    date: date
    staff: list[ReportStaff]
    totals: ReportCells


class StaffPerformance(ReportStaff):
    """The year of one staff, and what the month is of its target in percent."""

    rank: int
    month_nominal: float
    crm_efficiency_target: float
    crm_efficiency: float | None


class DepositTiers(BaseModel):
    """Customers (of a staff and product) with two, three, and four or more deposits in the month."""

    model_config = ConfigDict(serialize_by_alias=True)

    two: int = Field(alias="2x")
    three: int = Field(alias="3x")
    four_plus: int = Field(alias="4x_plus")


class CrmReport(BaseModel):
    """A year (`yearly`, `monthly`: by product, `monthly_by_staff`, `staff_performance`), one month of it by day, and
    the target of turnover for that month."""

    year: int
    month: int
    start_date: date
    end_date: date
    yearly: list[ReportMonth]
    monthly: list[ReportProductMonth]
    monthly_by_staff: list[ReportStaffMonth]
    daily: list[ReportDay]
    daily_by_staff: list[ReportStaffDay]
    staff_performance: list[StaffPerformance]
    deposit_tiers: DepositTiers
    crm_efficiency_target: float


class WorkCounts(BaseModel):
    """Records handed out in the period, and what their marks say now."""

    assigned: int
    wa_checked: int
    wa_ada: int
    wa_ceklis1: int
    wa_tidak: int
    responded: int
    responded_ya: int
    validated: int
    invalid: int


class WorkOfDatabase(WorkCounts):
    database_id: str
    database_name: str
    module: str


class WorkOfStaff(WorkCounts):
    staff_id: str
    staff_name: str
    databases: list[WorkOfDatabase]


class WorkQuality(BaseModel):
    period: str
    start_date: date
    end_date: date
    total: WorkCounts
    staff: list[WorkOfStaff]
