"""Routes of reservations (spec 3.4, 7.6, 7.9)."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from crm_boost.db.engine import Database
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, Writer
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.paging import decode_cursor
from crm_boost.reservations import bulk_service, cleanup, reading, service
from crm_boost.reservations import listing_repository as listing
from crm_boost.reservations.listing_repository import ARCHIVE, ConflictFilter, ReservationFilter
from crm_boost.reservations.schemas import (
    BulkChanged,
    BulkCommand,
    BulkReserve,
    BulkReserved,
    Changed,
    CleanupConfigOut,
    CleanupPreview,
    CleanupRun,
    ConflictOut,
    Duplicates,
    Impact,
    Permanence,
    PermanentOut,
    Rejection,
    ReservationDetail,
    ReservationOut,
    Reserve,
)
from crm_boost.reservations.states import ACTIVE, ReservationStatus
from crm_boost.web.lists import Listing, list_response, rows_response

router = APIRouter(tags=["reservations"])
PATH = "/reserved-members"

Asker = Annotated[Principal, Depends(allow(Permission.RESERVATIONS_READ, Page.RESERVED))]
Manager = Annotated[Principal, Depends(allow(Permission.RESERVATIONS_MANAGE, Page.RESERVED))]
Purger = Annotated[Principal, Depends(allow(Permission.TRASH_EMPTY, Page.RESERVED))]
Once = Annotated[Idempotency, Depends(idempotency)]
TextId = Annotated[str | None, Query(max_length=200)]


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Transactions = Annotated[Database, Depends(_database)]


class ReservationQuery:
    """Filters of a list of reservations; without a status, the active ones."""

    def __init__(
        self,
        status: ReservationStatus | None = None,
        product_id: TextId = None,
        staff_id: TextId = None,
        q: TextId = None,
    ) -> None:
        self.status = status
        self.product_id = product_id
        self.staff_id = staff_id
        self.q = q

    def filter(self, default: tuple[ReservationStatus, ...]) -> ReservationFilter:
        statuses = default if self.status is None else (self.status,)
        return ReservationFilter(statuses, self.product_id, self.staff_id, self.q)


Wanted = Annotated[ReservationQuery, Depends()]


@router.post(PATH, status_code=201, response_model=Changed)
async def reserve(principal: Asker, session: Writer, once: Once, body: Reserve) -> Response:
    """Reserve a customer: approved at once by an admin, a request by a staff. 409 while somebody has them."""

    async def effect() -> dict[str, Any]:
        done = await service.reserve(session, principal, body)
        return await reading.one(session, done.ids[0], done.effects)

    response = rows_response(await once.once(session, effect))
    response.status_code = 201
    return response


@router.post(f"{PATH}/bulk")
async def reserve_many(_: Manager, session: Writer, once: Once, body: BulkReserve) -> BulkReserved:
    """Reserve many customers for one person; those that cannot be are skipped, each with a reason."""

    async def effect() -> dict[str, Any]:
        done, added, skipped = await service.reserve_many(session, body)
        effects = done.effects.as_answer()
        return {
            "success": True,
            "added_count": len(added),
            "skipped_count": len(skipped),
            "invalidated_conflicts": effects["invalidated_records"],
            "added": added,
            "skipped": skipped,
            "records_marked_reserved": effects["records_marked_reserved"],
            "notified_staff_count": effects["notified_staff_count"],
        }

    return BulkReserved.model_validate(await once.once(session, effect))


@router.post(f"{PATH}/bulk-review")
async def change_many(_: Manager, transactions: Transactions, body: BulkCommand) -> BulkChanged:
    """Approve, reject, release or extend reservations one by one; what one is refused with changes no other."""
    done = await bulk_service.change_many(transactions, body.reservation_ids, body.action, body.reason)
    return BulkChanged.model_validate(done)


@router.get(PATH, response_model=list[ReservationOut])
async def list_reservations(
    principal: Asker, session: Reader, request: Request, page: Listing, wanted: Wanted
) -> Response:
    """Reservations, the newest first; without a status the active ones; staff see their own."""
    found = await reading.list_reservations(
        session, principal, wanted.filter(tuple(sorted(ACTIVE))), cursor=page.cursor, limit=page.limit
    )
    return list_response(request, found)


@router.get(f"{PATH}/counts")
async def count_reservations(principal: Asker, session: Reader) -> dict[str, int]:
    """How many reservations there are of each status; staff count their own."""
    return await reading.counts(session, principal)


@router.get(f"{PATH}/deleted", response_model=list[ReservationOut])
async def list_archive(principal: Asker, session: Reader, request: Request, page: Listing, wanted: Wanted) -> Response:
    """The archive: reservations that expired or were released, and why."""
    found = await reading.list_reservations(
        session, principal, wanted.filter(ARCHIVE), cursor=page.cursor, limit=page.limit
    )
    return list_response(request, found)


@router.post(f"{PATH}/deleted/{{reservation_id}}/restore", response_model=Changed)
async def restore(_: Manager, session: Writer, reservation_id: str) -> Response:
    """Bring a reservation back from the archive, approved anew with a fresh grace; 409 when somebody has the customer."""
    done = await service.restore(session, reservation_id)
    return rows_response(await reading.one(session, reservation_id, done.effects))


@router.delete(f"{PATH}/deleted/{{reservation_id}}", status_code=204)
async def purge(_: Purger, session: Writer, reservation_id: str) -> None:
    """Take a reservation out of the archive for good."""
    await service.purge(session, reservation_id)


@router.get(f"{PATH}/duplicates")
async def list_duplicates(_: Manager, session: Reader) -> Duplicates:
    """Active reservations that look like one customer."""
    return Duplicates.model_validate(await reading.duplicates(session))


@router.get(f"{PATH}/impact", response_model_exclude_none=True)
async def preview_impact(
    _: Manager,
    session: Reader,
    customer_id: Annotated[str, Query(min_length=1, max_length=300)],
    product_id: Annotated[str, Query(min_length=1, max_length=200)],
    staff_id: Annotated[str, Query(min_length=1, max_length=200)],
) -> Impact:
    """What reserving this customer for this person would do now."""
    return Impact.model_validate(await reading.impact(session, customer_id, [], product_id, staff_id))


@router.get(f"{PATH}/cleanup-config", response_model_exclude_none=True)
async def get_cleanup_config(_: Manager, session: Reader) -> CleanupConfigOut:
    """The days of grace without a deposit."""
    return CleanupConfigOut.model_validate(await reading.config(session))


@router.put(f"{PATH}/cleanup-config", response_model_exclude_none=True)
async def put_cleanup_config(
    _: Manager,
    session: Writer,
    body: Annotated[dict[str, Any], Body(examples=[{"global_grace_days": 30, "warning_days": 7}])],
) -> CleanupConfigOut:
    """Change the days of grace; 400 for values that are not possible."""
    await cleanup.change_config(session, cleanup.checked_config(body))
    return CleanupConfigOut.model_validate(await reading.config(session))


@router.get(f"{PATH}/conflicts", response_model=list[ConflictOut])
async def list_conflicts(
    _: Manager,
    session: Reader,
    request: Request,
    page: Listing,
    only_open: bool = False,
    staff_id: TextId = None,
    product_id: TextId = None,
) -> Response:
    """The conflict log: records somebody holds whose customers are somebody else's; it outlives the conflicts."""
    after = decode_cursor(page.cursor, kinds=(int,))[0] if page.cursor else None
    found = await listing.list_conflicts(
        session,
        ConflictFilter(True if only_open else None, staff_id, product_id),
        after=after,
        limit=page.limit,
    )
    return list_response(request, found)


@router.get(f"{PATH}/{{reservation_id}}", response_model=ReservationDetail)
async def get_reservation(principal: Asker, session: Reader, reservation_id: str) -> Response:
    """One reservation with its history."""
    return rows_response(await reading.detail(session, principal, reservation_id))


@router.get(f"{PATH}/{{reservation_id}}/impact", response_model_exclude_none=True)
async def preview_change(_: Manager, session: Reader, reservation_id: str, new_staff_id: TextId = None) -> Impact:
    """What approving this reservation, or moving it to somebody, would do now."""
    return Impact.model_validate(await reading.impact_of(session, reservation_id, new_staff_id))


@router.patch(f"{PATH}/{{reservation_id}}/approve", response_model=Changed)
async def approve(_: Manager, session: Writer, reservation_id: str) -> Response:
    """Approve a request; 400 when it is no longer pending."""
    done = await service.approve(session, reservation_id)
    return rows_response(await reading.one(session, reservation_id, done.effects))


@router.patch(f"{PATH}/{{reservation_id}}/reject", response_model=Changed)
async def reject(
    _: Manager, session: Writer, reservation_id: str, body: Annotated[Rejection | None, Body()] = None
) -> Response:
    """Reject a request, with a reason; 400 when it is no longer pending."""
    done = await service.reject(session, reservation_id, body.reason if body else None)
    return rows_response(await reading.one(session, reservation_id, done.effects))


@router.patch(f"{PATH}/{{reservation_id}}/cancel", response_model=Changed)
async def cancel(principal: Asker, session: Writer, reservation_id: str) -> Response:
    """Take one's own request back."""
    done = await service.cancel(session, principal, reservation_id)
    return rows_response(await reading.one(session, reservation_id, done.effects))


@router.patch(f"{PATH}/{{reservation_id}}/move", response_model=Changed)
async def move(
    _: Manager, session: Writer, reservation_id: str, new_staff_id: Annotated[str, Query(min_length=1, max_length=200)]
) -> Response:
    """Give a reservation to somebody else."""
    done = await service.move(session, reservation_id, new_staff_id)
    return rows_response(await reading.one(session, reservation_id, done.effects))


@router.patch(f"{PATH}/{{reservation_id}}/extend", response_model=Changed)
async def extend(_: Manager, session: Writer, reservation_id: str) -> Response:
    """Let the grace begin anew today."""
    done = await service.extend(session, reservation_id)
    return rows_response(await reading.one(session, reservation_id, done.effects))


@router.patch(f"{PATH}/{{reservation_id}}/permanent")
async def set_permanent(
    _: Manager, session: Writer, reservation_id: str, body: Annotated[Permanence | None, Body()] = None
) -> PermanentOut:
    """Keep a reservation for ever, or no longer; without a body it is turned over."""
    row = await service.set_permanent(session, reservation_id, body.is_permanent if body else None)
    message = "The reservation is permanent." if row.is_permanent else "The reservation can expire."
    return PermanentOut(message=message, is_permanent=row.is_permanent)


@router.delete(f"{PATH}/{{reservation_id}}", response_model=Changed)
async def release(_: Manager, session: Writer, reservation_id: str) -> Response:
    """End a reservation; it goes to the archive."""
    done = await service.release(session, reservation_id)
    return rows_response(await reading.one(session, reservation_id, done.effects))


@router.get("/scheduled-reports/reserved-member-cleanup-preview", response_model_exclude_none=True)
async def preview_cleanup(_: Manager, session: Reader) -> CleanupPreview:
    """What the next run warns of and ends: a dry run of the same code."""
    return CleanupPreview.model_validate(await reading.cleanup_answer(session, await cleanup.preview(session)))


@router.post("/scheduled-reports/reserved-member-cleanup-run")
async def run_cleanup(_: Manager, session: Writer) -> CleanupRun:
    """Warn and end now what is due."""
    found = await cleanup.run(session)
    message = f"{len(found.over)} reservations ended, {found.warned} owners warned."
    return CleanupRun(success=True, message=message, expired_count=len(found.over), warned_count=found.warned)
