"""Routes of targets, ranking and progress (spec 4.4, 7.3)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response

from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, Writer
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.performance import progress, targets_service
from crm_boost.performance.schemas import (
    Leaderboard,
    OwnProgress,
    StaffTargets,
    TargetsChange,
    TargetsInForce,
    TargetsReset,
    TeamProgress,
)
from crm_boost.web.lists import rows_response

router = APIRouter(tags=["performance"])

RankingReader = Annotated[Principal, Depends(allow(Permission.PERFORMANCE_READ, Page.LEADERBOARD))]
# One's own progress is on the first page too: it is behind no page of its own.
OwnReader = Annotated[Principal, Depends(allow(Permission.PERFORMANCE_READ))]
Manager = Annotated[Principal, Depends(allow(Permission.PERFORMANCE_MANAGE, Page.TEAM))]
Once = Annotated[Idempotency, Depends(idempotency)]
Year = Annotated[int | None, Query(ge=2000, le=2100)]
MonthNumber = Annotated[int | None, Query(ge=1, le=12)]


@router.get("/leaderboard", response_model=Leaderboard)
async def leaderboard(
    _: RankingReader,
    session: Reader,
    period: Literal["month", "all"] = "month",
    year: Year = None,
    month: MonthNumber = None,
) -> Response:
    """The ranking of a month (this one unless named) or of all time; who ties shares a place."""
    return rows_response(await progress.leaderboard(session, period, progress.month_named(session, year, month)))


@router.get("/leaderboard/targets", response_model=TargetsInForce)
async def get_targets(_: OwnReader, session: Reader) -> Response:
    """What is expected today of everybody without targets of their own, and every change made or planned."""
    return rows_response(await targets_service.in_force(session))


@router.put("/leaderboard/targets", response_model=TargetsInForce)
async def put_targets(_: Manager, session: Writer, once: Once, body: TargetsChange) -> Response:
    """Set what is expected of everybody from a day on; past months keep the targets they were judged by."""

    async def effect() -> dict[str, Any]:
        return await targets_service.change(session, body)

    return rows_response(await once.once(session, effect))


@router.post("/leaderboard/targets/reset", response_model=TargetsInForce)
async def reset_targets(_: Manager, session: Writer, once: Once, body: TargetsReset | None = None) -> Response:
    """Go back to the targets that came with the desk."""

    async def effect() -> dict[str, Any]:
        return await targets_service.reset(session, body.effective_from if body else None)

    return rows_response(await once.once(session, effect))


@router.get("/leaderboard/targets/staff/{staff_id}", response_model=StaffTargets)
async def get_staff_targets(_: Manager, session: Reader, staff_id: str) -> Response:
    """What is expected of one staff today, whether that is their own, and every change made or planned."""
    return rows_response(await targets_service.in_force(session, staff_id))


@router.put("/leaderboard/targets/staff/{staff_id}", response_model=StaffTargets)
async def put_staff_targets(_: Manager, session: Writer, once: Once, staff_id: str, body: TargetsChange) -> Response:
    """Set what is expected of one staff from a day on."""

    async def effect() -> dict[str, Any]:
        return await targets_service.change(session, body, staff_id)

    return rows_response(await once.once(session, effect))


@router.post("/leaderboard/targets/staff/{staff_id}/reset", response_model=StaffTargets)
async def reset_staff_targets(
    _: Manager, session: Writer, once: Once, staff_id: str, body: TargetsReset | None = None
) -> Response:
    """From a day on the targets of everybody hold for this staff."""

    async def effect() -> dict[str, Any]:
        return await targets_service.reset(session, body.effective_from if body else None, staff_id)

    return rows_response(await once.once(session, effect))


@router.get("/staff/target-progress", response_model=OwnProgress)
async def own_progress(principal: OwnReader, session: Reader, year: Year = None, month: MonthNumber = None) -> Response:
    """How the caller stands in a month, day by day."""
    wanted = progress.month_named(session, year, month)
    return rows_response(await progress.of_staff(session, principal.id, wanted, own=True))


@router.get("/admin/staff-target-progress/{staff_id}", response_model=OwnProgress)
async def staff_progress(
    _: Manager, session: Reader, staff_id: str, year: Year = None, month: MonthNumber = None
) -> Response:
    """How one staff stands in a month, day by day."""
    wanted = progress.month_named(session, year, month)
    return rows_response(await progress.of_staff(session, staff_id, wanted, own=False))


@router.get("/leaderboard/admin-progress", response_model=TeamProgress)
@router.get("/admin/staff-target-progress", response_model=TeamProgress, name="team_target_progress")
async def team_progress(_: Manager, session: Reader, year: Year = None, month: MonthNumber = None) -> Response:
    """How everybody stands in a month, day by day; those in trouble first."""
    return rows_response(await progress.team(session, progress.month_named(session, year, month)))
