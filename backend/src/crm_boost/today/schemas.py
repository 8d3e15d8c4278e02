"""Response shape of the start page's counters."""

from datetime import date

from pydantic import BaseModel

from crm_boost.deposits.figure_schemas import BestDay, SpanTotals


class RecordCounts(BaseModel):
    """total = available + requested + assigned + archived + reserved, always (spec 2.6)."""

    total: int
    available: int
    requested: int
    assigned: int
    archived: int
    reserved: int


class ModuleCounts(BaseModel):
    """One module whose page the reader may open."""

    module: str
    databases: int
    records: RecordCounts


class DeskToday(BaseModel):
    """The whole desk. `staff_online` of `staff_active` people made a request within the last five minutes."""

    databases: int
    records: RecordCounts
    modules: list[ModuleCounts]
    staff_online: int
    staff_active: int
    imports_running: int


class OwnModuleCounts(BaseModel):
    module: str
    open_records: int
    received_today: int


class OwnToday(BaseModel):
    """The reader's own records. `received_today`: held now and handed out on this business day."""

    open_records: int
    received_today: int
    modules: list[OwnModuleCounts]


class WaitingToday(BaseModel):
    """What waits for a decision: of the reader, or of others about what the reader has asked for. What the reader may not
    open is absent."""

    requests: int | None = None
    held_records: int | None = None
    reservations: int | None = None
    deposits: int | None = None
    rejected_records: int | None = None
    rejected_staff: int | None = None


class DepositsToday(BaseModel):
    """Turnover of today and of this month so far, each beside the same span before, and the best day of the month; staff
    read their own."""

    today: SpanTotals
    yesterday: SpanTotals
    month: SpanTotals
    last_month: SpanTotals
    best_day: BestDay | None = None


class FollowUpsToday(BaseModel):
    """Who answered yes and waits since: the reader's, or everybody's for who sees all."""

    total: int
    critical: int
    high: int
    medium: int
    low: int


class AtRiskToday(BaseModel):
    """Whose last deposit is a while ago: the reader's customers, or all."""

    total: int
    critical: int
    high: int
    medium: int


class TodayOut(BaseModel):
    """`desk` for readers of all databases, `own` for those who work records, the rest by what the reader may open; each
    absent for the others."""

    date: date
    waiting: WaitingToday
    deposits: DepositsToday | None = None
    follow_ups: FollowUpsToday | None = None
    at_risk: AtRiskToday | None = None
    desk: DeskToday | None = None
    own: OwnToday | None = None
