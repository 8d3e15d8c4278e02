"""Response shape of the start page's counters."""

from datetime import date

from pydantic import BaseModel


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


class TodayOut(BaseModel):
    """`desk` for readers of all databases, `own` for those who work records; each absent for the others."""

    date: date
    desk: DeskToday | None = None
    own: OwnToday | None = None
