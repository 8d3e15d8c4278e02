"""Routes of Data Sync (spec 3.5, 7.8)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from crm_boost.db.engine import Database
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, ReadSession, Writer
from crm_boost.health import conflict_log, proactive, repairing, service
from crm_boost.health.schemas import (
    ActivityOut,
    ConflictLogOut,
    ConflictStatsOut,
    HealthCheckOut,
    MonitoringOut,
    MonitoringUpdate,
    ProactiveOut,
    RepairOut,
    RepairUndoneOut,
    SyncStatusOut,
)
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.reservations.listing_repository import ConflictFilter
from crm_boost.web.lists import Listing, paging_headers, rows_response

router = APIRouter(tags=["data health"])
PATH = "/data-sync"


def running_database(request: Request) -> Database:
    """Return the open database: what is looked for is looked for without a lock, and only then changed."""
    database: Database = request.app.state.database
    return database


Manager = Annotated[Principal, Depends(allow(Permission.HEALTH_MANAGE, Page.HEALTH))]
Once = Annotated[Idempotency, Depends(idempotency)]
TextId = Annotated[str | None, Query(max_length=200)]
Transactions = Annotated[Database, Depends(running_database)]
Switch = Annotated[bool | None, Query()]


@router.get(f"{PATH}/health-check", response_model_exclude_none=True)
async def health_check(_: Manager, session: Reader, module: TextId = None) -> HealthCheckOut:
    """The score of the data, what is at fault, and every check; with `module`, the checks of its records alone."""
    return HealthCheckOut.model_validate(await service.health_check(session, module))


@router.get(f"{PATH}/sync-status")
async def sync_status(_: Manager, session: Reader) -> SyncStatusOut:
    """For each part of the desk: whether everything in it is in step."""
    return SyncStatusOut.model_validate(await service.sync_status(session))


@router.post(f"{PATH}/repair", response_model_exclude_none=True)
async def repair(
    _: Manager,
    database: Transactions,
    once: Once,
    repair_type: Annotated[str, Query(max_length=100)] = repairing.ALL,
    dry_run: bool = False,
    module: TextId = None,
) -> RepairOut:
    """Repair what a check finds, or everything that can be; `dry_run`: only say what would change."""
    checks = repairing.chosen(repair_type)
    if module is not None:
        checks = [check for check in checks if check.of_records]
    async with database.read() as reading:
        found = await repairing.suspects(reading, checks, module)

    async def effect() -> dict[str, Any]:
        done = await repairing.run(session, found, dry_run=dry_run, module=module)
        total = sum(answer["fixed"] for answer in done)
        message = f"{total} would be repaired." if dry_run else f"{total} repaired."
        return {"success": True, "dry_run": dry_run, "message": message, "total_fixed": total, "repairs": done}

    async with database.write() as session:
        return RepairOut.model_validate(await once.once(session, effect))


@router.post(f"{PATH}/repairs/{{repair_id}}/undo")
async def undo_repair(_: Manager, session: Writer, repair_id: str) -> RepairUndoneOut:
    """Put back what a repair changed, where nobody has touched it since; a second time is a 409."""
    return RepairUndoneOut.model_validate(await repairing.undo(session, repair_id))


@router.get(f"{PATH}/activity-log", response_model=ActivityOut)
async def activity_log(_: Manager, session: Reader, request: Request, page: Listing) -> Response:
    """What was checked, repaired, undone and changed here, the newest first."""
    found = await service.activity(session, cursor=page.cursor, limit=page.limit)
    body: dict[str, Any] = {"logs": found.rows}
    if found.total is not None:
        body["total_count"] = found.total
    return rows_response(body, paging_headers(request, found))


@router.post(f"{PATH}/proactive-check")
async def proactive_check(_: Manager, database: Transactions) -> ProactiveOut:
    """Ask every check now and tell admins of new findings, as the clock does."""
    return ProactiveOut.model_validate(await proactive.check_now(database))


@router.get(f"{PATH}/monitoring-config", response_model_exclude_none=True)
async def get_monitoring(_: Manager, session: Reader) -> MonitoringOut:
    """How the data is watched."""
    return _monitoring(await service.monitoring(session))


@router.put(f"{PATH}/monitoring-config", response_model_exclude_none=True)
async def put_monitoring(
    _: Manager,
    session: Writer,
    body: Annotated[MonitoringUpdate | None, Body()] = None,
    enabled: Switch = None,
    check_interval_hours: Annotated[int | None, Query()] = None,
    notify_on_warning: Switch = None,
    notify_on_critical: Switch = None,
) -> MonitoringOut:
    """Change how the data is watched: by a JSON body, or by query parameters as ever."""
    query = {
        "enabled": enabled,
        "check_interval_hours": check_interval_hours,
        "notify_on_warning": notify_on_warning,
        "notify_on_critical": notify_on_critical,
    }
    given = {**query, **({} if body is None else body.model_dump(exclude_none=True))}
    changed = await service.merged_monitoring(
        session, {name: value for name, value in given.items() if value is not None}
    )
    stored = _monitoring(await service.change_monitoring(session, changed))
    return stored.model_copy(update={"message": "The monitoring was changed."})


def _monitoring(stored: Any) -> MonitoringOut:
    return MonitoringOut(**stored.value.model_dump(), updated_at=stored.updated_at, updated_by=stored.updated_by_name)


class ConflictQuery:
    """Filters of the log of conflicts; business dates, `date_to` includes its day."""

    def __init__(
        self,
        date_from: date | None = None,
        date_to: date | None = None,
        staff_id: TextId = None,
        product_id: TextId = None,
        is_open: bool | None = None,
    ) -> None:
        self._given: dict[str, Any] = {
            "is_open": is_open,
            "staff_id": staff_id,
            "product_id": product_id,
            "date_from": date_from,
            "date_to": date_to,
        }

    def filter(self, session: ReadSession) -> ConflictFilter:
        """Return the filter in the business zone."""
        return conflict_log.log_filter(session, **self._given)


@router.get(f"{PATH}/conflict-resolution-log", response_model=ConflictLogOut)
async def conflict_resolution_log(
    _: Manager, session: Reader, request: Request, page: Listing, query: Annotated[ConflictQuery, Depends()]
) -> Response:
    """The log of conflicts, which outlives them; business dates, `date_to` includes its day."""
    wanted = query.filter(session)
    found, body = await conflict_log.log(session, wanted, cursor=page.cursor, limit=page.limit)
    found.total = body["total_count"]
    return rows_response(body, paging_headers(request, found))


@router.get(f"{PATH}/conflict-resolution-stats")
async def conflict_resolution_stats(_: Manager, session: Reader) -> ConflictStatsOut:
    """How many conflicts there were, and whom they concerned most."""
    return ConflictStatsOut.model_validate(await conflict_log.stats(session))
