"""Routes of drill-downs (spec 5.3, 7.4). Admins only; who looks at many customers is counted."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from crm_boost.access.dependencies import LISTS_CUSTOMERS
from crm_boost.analytics import drill_downs
from crm_boost.analytics.buckets import Granularity, bucket_named
from crm_boost.analytics.dependencies import Analyst, Asked, NamedId, TextId, ToDay, scope_of
from crm_boost.analytics.drill_repository import Measure, Outcome
from crm_boost.analytics.drill_schemas import (
    AnswerDetail,
    DepositsDetail,
    ProductStaffDetail,
    ResponseTimeDetail,
    StaffCustomersDetail,
    WorkDoneDetail,
)
from crm_boost.analytics.handed_out_repository import Stage
from crm_boost.analytics.paging import Paged, page_response
from crm_boost.db.session import Reader
from crm_boost.deposits.states import CustomerType
from crm_boost.kit.periods import Period, PeriodName

router = APIRouter(prefix="/analytics/drill-down", tags=["analytics"])

HandedSort = Literal["assigned_at", "wa_hours", "respond_hours", "customer_id"]
AnswerSort = Literal["respond_at", "assigned_at", "customer_id"]
StaffSort = Literal["total_amount", "total_count", "ndp_count", "rdp_count", "staff_name"]
CustomerSort = Literal["total_amount", "deposit_count", "first_deposit", "last_deposit", "customer_id"]
DepositSort = Literal["date", "amount", "customer_id"]


@router.get("/response-time", response_model=ResponseTimeDetail, dependencies=[LISTS_CUSTOMERS])
async def response_time(
    _: Analyst,
    request: Request,
    session: Reader,
    scope: Asked,
    staff_id: NamedId,
    page: Paged,
    stage: Stage = Stage.ASSIGNED,
    sort: HandedSort = "assigned_at",
) -> Response:
    """What one staff was handed out in the period, and how long the first check and a yes took."""
    found = await drill_downs.response_time(session, scope, staff_id, stage, sort, page)
    return page_response(request, {**scope.echo(), **found}, "records", found["total"], page)


@router.get("/followup-detail", response_model=AnswerDetail, dependencies=[LISTS_CUSTOMERS])
async def followup_detail(
    _: Analyst,
    request: Request,
    session: Reader,
    scope: Asked,
    staff_id: NamedId,
    page: Paged,
    outcome: Outcome = Outcome.ALL,
    sort: AnswerSort = "respond_at",
) -> Response:
    """Who said yes to one staff, of what was handed out in the period, and whether they deposited since."""
    found = await drill_downs.followup_detail(session, scope, staff_id, outcome, sort, page)
    return page_response(request, {**scope.echo(), **found}, "records", found["total"], page)


@router.get("/lifecycle", response_model=AnswerDetail, dependencies=[LISTS_CUSTOMERS])
async def lifecycle(
    _: Analyst,
    request: Request,
    session: Reader,
    scope: Asked,
    staff_id: NamedId,
    page: Paged,
    outcome: Outcome = Outcome.ALL,
    sort: AnswerSort = "respond_at",
) -> Response:
    """Who said yes to one staff in the period, and how many days later they deposited."""
    found = await drill_downs.lifecycle(session, scope, staff_id, outcome, sort, page)
    return page_response(request, {**scope.echo(), **found}, "records", found["total"], page)


@router.get("/work-done", response_model=WorkDoneDetail, dependencies=[LISTS_CUSTOMERS])
async def work_done(
    _: Analyst, request: Request, session: Reader, scope: Asked, page: Paged, measure: Measure = Measure.CHECKED
) -> Response:
    """The records that were checked, or answered, in the period."""
    found = await drill_downs.work_done(session, scope, measure, page)
    return page_response(request, {**scope.echo(), **found}, "records", found["total"], page)


@router.get("/product-staff", response_model=ProductStaffDetail)
async def product_staff(
    _: Analyst,
    request: Request,
    session: Reader,
    scope: Asked,
    product_id: NamedId,
    page: Paged,
    sort: StaffSort = "total_amount",
) -> Response:
    """What each staff brought of one product."""
    found = await drill_downs.product_staff(session, replace(scope, product_id=product_id), sort, page)
    return page_response(request, {**scope.echo(), **found}, "staff_breakdown", found["total_staff"], page)


@router.get("/staff-customers", response_model=StaffCustomersDetail, dependencies=[LISTS_CUSTOMERS])
async def staff_customers(
    _: Analyst,
    request: Request,
    session: Reader,
    scope: Asked,
    staff_id: NamedId,
    page: Paged,
    sort: CustomerSort = "total_amount",
) -> Response:
    """Whose deposits brought one staff what."""
    found = await drill_downs.staff_customers(session, scope, staff_id, sort, page)
    return page_response(request, {**scope.echo(), **found}, "customers", found["total"], page)


@router.get("/date-deposits", response_model=DepositsDetail, dependencies=[LISTS_CUSTOMERS])
async def date_deposits(
    _: Analyst,
    request: Request,
    session: Reader,
    page: Paged,
    date: Annotated[str, Query(min_length=1, max_length=20)],
    granularity: Granularity = Granularity.DAILY,
    period: PeriodName | None = None,
    custom_start: ToDay = None,
    custom_end: ToDay = None,
    product_id: TextId = None,
    staff_id: TextId = None,
    kind: Annotated[CustomerType | None, Query(alias="type")] = None,
    sort: DepositSort = "date",
) -> Response:
    """The deposits of a day, week or month by its label; with a period, those of its days that lie in it."""
    bucket = bucket_named(date, granularity)
    scope = scope_of(session, period or "month", custom_start, custom_end, product_id, staff_id)
    if period is not None:
        bucket = bucket.within(scope.start, scope.end)
    scope = replace(scope, period=Period(scope.period.name, bucket.start, max(bucket.end, bucket.start)))
    found = await drill_downs.deposits(session, scope, sort, page, kind=kind)
    days = {name: value for name, value in scope.echo().items() if name != "period"}
    return page_response(request, {**days, **found}, "deposits", found["total_count"], page)


@router.get("/weekday-deposits", response_model=DepositsDetail, dependencies=[LISTS_CUSTOMERS])
async def weekday_deposits(
    _: Analyst,
    request: Request,
    session: Reader,
    scope: Asked,
    staff_id: NamedId,
    weekday: Annotated[int, Query(ge=0, le=6, description="0 is Monday.")],
    page: Paged,
    sort: DepositSort = "date",
) -> Response:
    """The deposits of one staff on one day of the week."""
    found = await drill_downs.deposits(session, scope.of_staff(staff_id), sort, page, weekday=weekday)
    return page_response(request, {**scope.echo(), **found}, "deposits", found["total_count"], page)
