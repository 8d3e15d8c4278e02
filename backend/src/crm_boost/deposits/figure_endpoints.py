"""Routes of figures over days (spec 4.2, 7.2, 7.3)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from crm_boost.db.session import Reader
from crm_boost.deposits import figures
from crm_boost.deposits.endpoints import Booker, TextId, ToDay
from crm_boost.deposits.figure_schemas import (
    DailySummary,
    DashboardStats,
    DayCounts,
    GeneratedSummary,
    History,
    NdpRdp,
    Summary,
)
from crm_boost.deposits.schemas import Day
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.clock import business_date
from crm_boost.web.lists import rows_response

router = APIRouter(tags=["deposits"])
# Daily figures are on the first page: they are not behind the page of the ledger.
Reading = Annotated[Principal, Depends(allow(Permission.DEPOSITS_BOOK))]
Generating = Annotated[Principal, Depends(allow(Permission.DEPOSITS_MANAGE, Page.OMSET))]


@router.get("/omset/summary", response_model=Summary)
async def summary(
    principal: Booker,
    session: Reader,
    product_id: TextId = None,
    staff_id: TextId = None,
    start_date: ToDay = None,
    end_date: ToDay = None,
) -> Response:
    """What counts between two days, both included: in all, by day, by staff, by product; staff see their own."""
    wanted = figures.range_of(
        principal, start_date=start_date, end_date=end_date, product_id=product_id, staff_id=staff_id
    )
    return rows_response(await figures.summary(session, wanted))


@router.get("/omset/ndp-rdp", response_model=NdpRdp)
async def ndp_rdp(
    principal: Booker,
    session: Reader,
    product_id: Annotated[str, Query(min_length=1, max_length=200)],
    record_date: Annotated[Day, Query()],
) -> Response:
    """NDP and RDP of one product on one day."""
    wanted = figures.range_of(principal, start_date=record_date, end_date=record_date, product_id=product_id)
    return rows_response(await figures.ndp_rdp(session, wanted, product_id, record_date))


@router.get("/omset/dates", response_model=list[DayCounts])
async def dates(
    principal: Booker,
    session: Reader,
    product_id: TextId = None,
    staff_id: TextId = None,
    start_date: ToDay = None,
    end_date: ToDay = None,
) -> Response:
    """The days that have deposits, the latest first."""
    wanted = figures.range_of(
        principal, start_date=start_date, end_date=end_date, product_id=product_id, staff_id=staff_id
    )
    return rows_response(await figures.days_with_deposits(session, wanted))


@router.get("/omset/dashboard-stats", response_model=DashboardStats)
async def dashboard_stats(principal: Reading, session: Reader, product_id: TextId = None) -> Response:
    """Today, yesterday, this month against the same days of the last one, and the best day; staff see their own."""
    return rows_response(await figures.dashboard(session, principal, product_id))


@router.get("/daily-summary", response_model=DailySummary)
async def daily_summary(principal: Reading, session: Reader, date: ToDay = None, product_id: TextId = None) -> Response:
    """One day (today unless named) by staff and product, always as the ledger stands; staff see own figures and rank."""
    day = date or business_date(session.business.tz)
    return rows_response(await figures.daily_summary(session, principal, day, product_id))


@router.get("/daily-summary/history", response_model=History)
async def history(
    principal: Reading,
    session: Reader,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
    product_id: TextId = None,
) -> Response:
    """The last days up to today, one entry each; staff see their own."""
    return rows_response(await figures.history(session, principal, days, product_id))


@router.post("/daily-summary/generate", response_model=GeneratedSummary)
async def generate(principal: Generating, session: Reader, date: ToDay = None) -> Response:
    """The summary of a day, null where nothing was booked. Nothing has to be made: it is always fresh (kept, 7.3)."""
    day = date or business_date(session.business.tz)
    found = await figures.daily_summary(session, principal, day, None)
    has_any = found["total_forms"] > 0
    message = "The summary is up to date." if has_any else "There are no deposits on this day."
    return rows_response({"message": message, "summary": found if has_any else None})
