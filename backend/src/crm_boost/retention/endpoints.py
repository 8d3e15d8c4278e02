"""Routes of retention (spec 5.2, 7.3, 7.9)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.access.dependencies import LISTS_CUSTOMERS
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, Writer
from crm_boost.deposits.schemas import Day
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.clock import business_date
from crm_boost.retention import figures, listing, schemas, service
from crm_boost.retention.listing_repository import SortBy, Which
from crm_boost.retention.risk import Risk
from crm_boost.retention.scope import Range, range_of, scope_of
from crm_boost.web.lists import Listing, list_response, paging_headers, rows_response

router = APIRouter(prefix="/retention", tags=["retention"])

RetentionReader = Annotated[Principal, Depends(allow(Permission.RETENTION_READ, Page.RETENTION))]
RetentionManager = Annotated[Principal, Depends(allow(Permission.RETENTION_TEAM, Page.RETENTION))]
# The briefing is on the first page: it is not behind the page of retention.
BriefingReader = Annotated[Principal, Depends(allow(Permission.RETENTION_READ))]
Once = Annotated[Idempotency, Depends(idempotency)]
TextId = Annotated[str | None, Query(max_length=200)]


def _days(
    session: Reader, start_date: Annotated[Day | None, Query()] = None, end_date: Annotated[Day | None, Query()] = None
) -> Range:
    return range_of(business_date(session.business.tz), start_date, end_date)


Days = Annotated[Range, Depends(_days)]


@router.get("/summary", response_model=schemas.RetentionSummary)
@router.get("/overview", response_model=schemas.RetentionSummary, name="retention_overview")
async def summary(
    principal: RetentionReader, session: Reader, days: Days, product_id: TextId = None, staff_id: TextId = None
) -> Response:
    """Customers of a range (the last 90 days unless named), how many are new, stayed and came back; staff: their own."""
    return rows_response(await figures.summary(session, scope_of(principal, staff_id), days, product_id))


@router.get("/customers", response_model=list[schemas.ListedCustomer], dependencies=[LISTS_CUSTOMERS])
async def customers(
    request: Request,
    principal: RetentionReader,
    session: Reader,
    days: Days,
    listing_query: Listing,
    filter_type: Which = "all",
    sort_by: SortBy = "deposits",
    product_id: TextId = None,
    staff_id: TextId = None,
    q: TextId = None,
) -> Response:
    """The customers of a range, the largest first; `q` is how their identity begins."""
    wanted = listing.wanted_customers(scope_of(principal, staff_id), days, filter_type, product_id, q)
    page = await listing.customers(session, wanted, sort_by, cursor=listing_query.cursor, limit=listing_query.limit)
    return list_response(request, page)


@router.get("/trend", response_model=schemas.RetentionTrend)
async def trend(
    principal: RetentionReader,
    session: Reader,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
    product_id: TextId = None,
    staff_id: TextId = None,
) -> Response:
    """Customers and deposits of each of the last days."""
    return rows_response(await figures.trend(session, scope_of(principal, staff_id), days, product_id))


@router.get("/by-product", response_model=schemas.RetentionByProduct)
async def by_product(
    principal: RetentionReader, session: Reader, days: Days, product_id: TextId = None, staff_id: TextId = None
) -> Response:
    """The figures of a range by product."""
    return rows_response(await figures.by_product(session, scope_of(principal, staff_id), days, product_id))


@router.get("/by-staff", response_model=schemas.RetentionByStaff)
async def by_staff(_: RetentionManager, session: Reader, days: Days, product_id: TextId = None) -> Response:
    """The figures of a range by staff, each as that staff sees them."""
    return rows_response(await figures.by_staff(session, days, product_id))


@router.get("/cohorts", response_model=schemas.CohortTable)
async def cohorts(
    principal: RetentionReader,
    session: Reader,
    months: Annotated[int, Query(ge=1, le=36)] = 12,
    product_id: TextId = None,
    staff_id: TextId = None,
) -> Response:
    """Who came first in a month, and how many of them came in each later one."""
    return rows_response(await figures.cohorts(session, scope_of(principal, staff_id), months, product_id))


@router.get("/alerts", response_model=schemas.RetentionAlerts, dependencies=[LISTS_CUSTOMERS])
async def alerts(
    request: Request,
    principal: RetentionReader,
    session: Reader,
    listing_query: Listing,
    product_id: TextId = None,
    staff_id: TextId = None,
    risk_level: Risk | None = None,
) -> Response:
    """Customers at risk, the longest away first. The counts of the levels do not depend on `risk_level`."""
    page, counted = await listing.alerts(
        session,
        principal,
        product_id=product_id,
        staff_id=staff_id,
        risk=risk_level,
        cursor=listing_query.cursor,
        limit=listing_query.limit,
    )
    request.state.row_count = len(page.rows)
    return rows_response({"alerts": page.rows, "summary": counted}, paging_headers(request, page))


@router.get("/alerts/by-staff", response_model=schemas.AlertsByStaff)
async def alerts_by_staff(principal: RetentionManager, session: Reader, product_id: TextId = None) -> Response:
    """How many customers at risk each staff has."""
    return rows_response(await listing.alerts_by_staff(session, principal, product_id))


@router.post("/alerts/dismiss", response_model=schemas.AlertDismissed)
async def dismiss(principal: RetentionReader, session: Writer, once: Once, body: schemas.AlertRef) -> Response:
    """Do not show the caller this alert for seven days."""

    async def effect() -> dict[str, Any]:
        return await service.dismiss(session, principal, body)

    return rows_response(await once.once(session, effect))


@router.post("/alerts/undismiss", response_model=schemas.AlertShownAgain)
async def undismiss(principal: RetentionReader, session: Writer, once: Once, body: schemas.AlertRef) -> Response:
    """Show the caller a dismissed alert again."""

    async def effect() -> dict[str, Any]:
        return await service.undismiss(session, principal, body)

    return rows_response(await once.once(session, effect))


@router.get("/lost-customers", response_model=list[schemas.QuietCustomer], dependencies=[LISTS_CUSTOMERS])
async def lost_customers(
    request: Request,
    principal: RetentionReader,
    session: Reader,
    listing_query: Listing,
    product_id: TextId = None,
    staff_id: TextId = None,
) -> Response:
    """Customers whose latest deposit was 31 days ago or longer, those who left last first."""
    page = await listing.lost(
        session,
        principal,
        product_id=product_id,
        staff_id=staff_id,
        cursor=listing_query.cursor,
        limit=listing_query.limit,
    )
    return list_response(request, page)


@router.get("/daily-briefing", response_model=schemas.DailyBriefing)
async def daily_briefing(principal: BriefingReader, session: Writer) -> Response:
    """What a staff should look at today, until they have seen it. The first look of a day is kept for that day."""
    return rows_response(await service.briefing(session, principal))


@router.post("/daily-briefing/dismiss", response_model=schemas.BriefingDismissed)
async def dismiss_briefing(principal: BriefingReader, session: Writer, once: Once) -> Response:
    """The caller has seen today's briefing."""

    async def effect() -> dict[str, Any]:
        return await service.dismiss_briefing(session, principal)

    return rows_response(await once.once(session, effect))
