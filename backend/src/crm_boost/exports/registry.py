"""Every kind of export, one line each: who may, which filters, which columns, where the rows come from (spec 5.5)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from crm_boost.assignments.policies import all_policies
from crm_boost.assignments.reading_endpoints import RecordQuery
from crm_boost.customers.endpoints import MarkFilter
from crm_boost.db.session import ReadSession
from crm_boost.deposits.endpoints import DepositQuery
from crm_boost.exports import sources
from crm_boost.exports.columns import Column, Language
from crm_boost.exports.errors import UnknownKind
from crm_boost.health.endpoints import ConflictQuery
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, ensure_page
from crm_boost.kit.errors import Forbidden
from crm_boost.requests.endpoints import RequestQuery
from crm_boost.reservations.endpoints import ReservationQuery

Fetch = Callable[[ReadSession, Principal, tuple[Any, ...], str | None, int], Awaitable[sources.Rows]]
MoreColumns = Callable[[ReadSession, tuple[Any, ...]], Awaitable[list[Column]]]
Count = Callable[[ReadSession, tuple[Any, ...]], Awaitable[int | None]]


async def _uncounted(_session: ReadSession, _wanted: tuple[Any, ...]) -> int | None:
    return None


async def _none(_session: ReadSession, _wanted: tuple[Any, ...]) -> list[Column]:
    return []


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `queries` are the classes of the list's own filters; a page is what its list would answer.

    Where it `counts`, its rows are customers somebody looks at, and count against the limits for that.
    """

    key: str
    permission: Permission
    page: str
    title: tuple[str, str]
    queries: tuple[type, ...]
    columns: tuple[Column, ...]
    fetch: Fetch
    counts: bool = True
    more_columns: MoreColumns = _none
    count: Count = _uncounted
    """How many rows there are, where no page says so."""

    def title_in(self, language: Language) -> str:
        """Return what the file is called in a language."""
        return self.title[0] if language == "en" else self.title[1]

    def ensure_open_to(self, principal: Principal) -> None:
        """Refuse who may not see the list itself."""
        if not principal.can(self.permission):
            raise Forbidden("Your role does not allow this.", permission=self.permission.value)
        ensure_page(principal, self.page)


_STAFF = Column("staff_name", "Staff", "Staf")
_PRODUCT = Column("product_name", "Product", "Produk")
_CUSTOMER = Column("customer_id", "Customer", "Pelanggan")
_FOUND_OUT = (
    Column("whatsapp_status", "WhatsApp", "WhatsApp"),
    Column("whatsapp_status_at", "WhatsApp at", "WhatsApp pada"),
    Column("respond_status", "Response", "Respons"),
    Column("respond_status_at", "Response at", "Respons pada"),
    Column("validation_status", "Verdict", "Penilaian"),
    Column("validation_reason", "Reason", "Alasan"),
)
_RECORD = (
    Column("database_name", "Database", "Database"),
    _CUSTOMER,
    Column("display_name", "Name", "Nama"),
    Column("phone_e164", "Phone", "Telepon"),
    Column("status", "Status", "Status"),
    Column("assigned_to_name", "Staff", "Staf"),
    Column("assigned_at", "Assigned at", "Dibagikan pada"),
    *_FOUND_OUT,
    Column("reserved_by_name", "Reserved by", "Dipesan oleh"),
    Column("is_reservation_conflict", "Conflict", "Konflik"),
)
_DEPOSIT = (
    Column("record_date", "Date", "Tanggal"),
    _PRODUCT,
    _STAFF,
    _CUSTOMER,
    Column("customer_name", "Customer name", "Nama pelanggan"),
    Column("nominal", "Nominal", "Nominal", money=True),
    Column("depo_kelipatan", "Kelipatan", "Kelipatan"),
    Column("depo_total", "Depo total", "Depo total", money=True),
    Column("customer_type", "Type", "Tipe"),
    Column("tambahan", "Tambahan", "Tambahan"),
    Column("approval_status", "Status", "Status"),
    Column("keterangan", "Keterangan", "Keterangan"),
    Column("created_at", "Entered at", "Dicatat pada"),
    Column("created_by_name", "Entered by", "Dicatat oleh"),
)
_FIGURES = (
    Column("date", "Date", "Tanggal"),
    _STAFF,
    _PRODUCT,
    Column("ndp", "NDP", "NDP"),
    Column("rdp", "RDP", "RDP"),
    Column("forms", "Forms", "Form"),
    Column("ndp_total", "NDP total", "Total NDP", money=True),
    Column("rdp_total", "RDP total", "Total RDP", money=True),
    Column("nominal", "Nominal", "Nominal", money=True),
    Column("depo_total", "Depo total", "Depo total", money=True),
)
_REPORT = (
    Column("period", "Period", "Periode"),
    _STAFF,
    Column("new_id", "NDP", "NDP"),
    Column("rdp", "RDP", "RDP"),
    Column("total_form", "Forms", "Form"),
    Column("nominal", "Nominal", "Nominal", money=True),
)
_RESERVATION = (
    _CUSTOMER,
    Column("customer_name", "Customer name", "Nama pelanggan"),
    Column("phone_number", "Phone", "Telepon"),
    _PRODUCT,
    _STAFF,
    Column("status", "Status", "Status"),
    Column("is_permanent", "Permanent", "Permanen"),
    Column("last_omset_date", "Last deposit", "Deposit terakhir"),
    Column("remaining_days", "Days left", "Sisa hari"),
    Column("expires_on", "Expires on", "Berakhir pada"),
    Column("created_at", "Asked at", "Diminta pada"),
    Column("created_by_name", "Asked by", "Diminta oleh"),
    Column("approved_at", "Approved at", "Disetujui pada"),
    Column("approved_by_name", "Approved by", "Disetujui oleh"),
    Column("ended_at", "Ended at", "Diakhiri pada"),
    Column("deleted_reason", "Why it ended", "Alasan berakhir"),
)
_REQUEST = (
    Column("requested_at", "Asked at", "Diminta pada"),
    Column("requested_by_name", "Staff", "Staf"),
    Column("database_name", "Database", "Database"),
    _PRODUCT,
    Column("record_count", "Records", "Data"),
    Column("status", "Status", "Status"),
    Column("auto_approved", "Approved at once", "Disetujui otomatis"),
    Column("assigned_count", "Given", "Diberikan"),
    Column("skipped_reserved_count", "Left out as reserved", "Dilewati karena dipesan"),
    Column("reviewed_at", "Decided at", "Diputuskan pada"),
    Column("reviewed_by_name", "Decided by", "Diputuskan oleh"),
    Column("reason", "Reason", "Alasan"),
)
_CONFLICT = (
    Column("began_at", "Began at", "Mulai pada"),
    Column("ended_at", "Ended at", "Selesai pada"),
    _CUSTOMER,
    _PRODUCT,
    Column("database_name", "Database", "Database"),
    Column("staff_name", "Held by", "Dipegang oleh"),
    Column("reserved_by_name", "Reserved by", "Dipesan oleh"),
    Column("is_open", "Open", "Terbuka"),
)

_KINDS = (
    Kind("assignments", Permission.RECORDS_READ_ALL, Page.CUSTOMERS, ("Assignments", "Penugasan"),
         (sources.HolderQuery, MarkFilter), _RECORD, sources.dealt),
    Kind("omset", Permission.DEPOSITS_BOOK, Page.OMSET, ("Deposits", "Deposit"),
         (DepositQuery,), _DEPOSIT, sources.deposits),
    Kind("omset-summary", Permission.DEPOSITS_BOOK, Page.OMSET, ("Deposit summary", "Ringkasan deposit"),
         (sources.FigureQuery,), _FIGURES, sources.deposit_figures, counts=False),
    Kind("staff-report", Permission.PERFORMANCE_READ, Page.REPORTS, ("Staff report", "Laporan staf"),
         (sources.ReportQuery,), _REPORT, sources.staff_report, counts=False),
    Kind("reserved-members", Permission.RESERVATIONS_READ, Page.RESERVED, ("Reserved members", "Member dipesan"),
         (sources.ArchiveQuery, ReservationQuery), _RESERVATION, sources.reserved_members),
    Kind("requests", Permission.REQUESTS_READ, Page.REQUESTS, ("Requests", "Permintaan"),
         (RequestQuery,), _REQUEST, sources.record_requests, counts=False),
    Kind("conflict-log", Permission.HEALTH_MANAGE, Page.HEALTH, ("Conflict log", "Log konflik"),
         (ConflictQuery,), _CONFLICT, sources.conflicts),
)  # fmt: skip


def kinds() -> dict[str, Kind]:
    """Return every kind by its key: the records of each module, and the other lists."""
    of_modules = []
    for policy in all_policies():
        records = sources.RecordsOf(policy)
        of_modules.append(
            Kind(policy.export_kind, Permission.DATABASES_READ, policy.page, policy.export_title,
                 (sources.PoolQuery, RecordQuery), _RECORD, records.fetch, more_columns=records.columns,
                 count=records.count)
        )  # fmt: skip
    return {kind.key: kind for kind in (*of_modules, *_KINDS)}


def kind_of(key: str) -> Kind:
    """Return a kind or refuse with 404."""
    kind = kinds().get(key)
    if kind is None:
        raise UnknownKind("There is no such kind of export.", kind=key)
    return kind
