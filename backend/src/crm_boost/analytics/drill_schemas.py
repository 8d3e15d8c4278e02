"""Shapes of drill-downs (spec 5.3, 7.4). Rows link on: record ids, customer keys, deposit ids."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from crm_boost.analytics.schemas import ChartPeriod, ChartStaff, DepositCells


class RecordBehind(BaseModel):
    """The record of a hand-out. Without `record_id`, it was removed from the trash since; the work on it stays."""

    record_id: str | None = Field(default=None, description="Left out when unknown.")
    customer_id: str
    customer_key: str
    customer_name: str | None = Field(default=None, description="Left out when unknown.")
    product_id: str
    product: str
    database_id: str
    database: str
    module: str
    wa_at: datetime | None
    respond_at: datetime | None
    wa_status: str | None


class ResponseTimeRecord(RecordBehind):
    assigned_at: datetime
    wa_hours: float | None
    respond_status: str | None
    respond_hours: float | None
    deposited_on: date | None


class ResponseTimeDetail(ChartPeriod):
    records: list[ResponseTimeRecord]
    total: int


class AnswerRecord(RecordBehind):
    """Who said yes; the deposits are those with the same staff and product on or after the answer."""

    assigned_at: datetime
    deposited: bool
    first_deposit: date | None
    days: int | None
    deposit_total: float
    deposit_count: int
    last_deposit: date | None


class AnswerDetail(ChartPeriod):
    records: list[AnswerRecord]
    total: int
    converted: int
    pending: int


class WorkDoneRecord(RecordBehind, ChartStaff):
    done_on: date
    respond_status: str | None
    is_positive: bool


class WorkDoneDetail(ChartPeriod):
    records: list[WorkDoneRecord]
    total: int


class ProductStaffRow(DepositCells, ChartStaff):
    pass


class ProductStaffDetail(ChartPeriod):
    staff_breakdown: list[ProductStaffRow]
    total_staff: int


class StaffCustomerRow(BaseModel):
    customer_id: str
    customer_key: str
    customer_name: str
    product_id: str
    product: str
    type: Literal["NDP", "RDP"]
    total_amount: float
    deposit_count: int
    first_deposit: date
    last_deposit: date


class StaffCustomersDetail(ChartPeriod):
    customers: list[StaffCustomerRow]
    total: int
    total_amount: float


class DepositBehind(ChartStaff):
    id: str
    customer_id: str
    customer_key: str
    customer_name: str
    product_id: str
    product: str
    amount: float
    date: date
    type: Literal["NDP", "RDP"]
    note: str


class DepositsDetail(BaseModel):
    """`total_count` deposits; `total_ndp` and `total_rdp` customers. The days are those that the rows are of."""

    start_date: date
    end_date: date
    deposits: list[DepositBehind]
    total_count: int
    total_amount: float
    total_ndp: int
    total_rdp: int
