"""Routes of the report and of the quality of work (spec 4.2, 4.4, 7.3)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.db.engine import Database
from crm_boost.db.session import Reader
from crm_boost.deposits.schemas import Day
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.clock import business_date
from crm_boost.kit.periods import PeriodName, resolve_period
from crm_boost.performance import quality, report
from crm_boost.performance.endpoints import MonthNumber, Year
from crm_boost.performance.progress import month_named
from crm_boost.performance.report_schemas import CrmReport, WorkQuality
from crm_boost.web.lists import rows_response

router = APIRouter(tags=["performance"])

ReportReader = Annotated[Principal, Depends(allow(Permission.PERFORMANCE_READ, Page.REPORTS))]
QualityReader = Annotated[Principal, Depends(allow(Permission.PERFORMANCE_READ, Page.TEAM))]
TextId = Annotated[str | None, Query(max_length=200)]
ToDay = Annotated[Day | None, Query()]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/report-crm/data", response_model=CrmReport)
async def report_data(
    principal: ReportReader,
    session: Reader,
    product_id: TextId = None,
    staff_id: TextId = None,
    year: Year = None,
    month: MonthNumber = None,
) -> Response:
    """A year by month, product and staff, and one of its months by day; staff see their own."""
    wanted = report.wanted_by(principal, month_named(session, year, month), product_id, staff_id)
    return rows_response(await report.data(session, wanted))


@router.get("/report-crm/export", response_class=Response)
async def report_export(
    principal: ReportReader,
    request: Request,
    product_id: TextId = None,
    staff_id: TextId = None,
    year: Year = None,
    month: MonthNumber = None,
) -> Response:
    """The same as a workbook, one sheet for each part. Audited."""
    database: Database = request.app.state.database
    name, content = await report.export(database, principal, year, month, product_id, staff_id)
    return Response(content, media_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/staff/quality", response_model=WorkQuality)
async def staff_quality(
    principal: QualityReader,
    session: Reader,
    period: PeriodName = "month",
    custom_start: ToDay = None,
    custom_end: ToDay = None,
    staff_id: TextId = None,
) -> Response:
    """What came of the records that were handed out in a period, by staff and database; staff see their own."""
    wanted = resolve_period(period, business_date(session.business.tz), custom_start, custom_end)
    return rows_response(await quality.of_period(session, principal, wanted, staff_id))
