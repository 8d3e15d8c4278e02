"""Routes of the ledger (spec 4.2, 7.2): entry, life, lists."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from crm_boost.access.dependencies import LISTS_CUSTOMERS
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, SharingWriter, Writer
from crm_boost.deposits import booking, reading, service
from crm_boost.deposits.ledger_config import LedgerConfig
from crm_boost.deposits.listing_repository import SHOWN, DepositFilter
from crm_boost.deposits.schemas import (
    BookedRows,
    Day,
    Decline,
    Deleted,
    DepositChange,
    DepositDetail,
    DepositDuplicates,
    DepositForm,
    DepositForms,
    DepositOut,
    Emptied,
    Explanation,
    KnownCustomer,
    LedgerSettings,
    LedgerSettingsOut,
    Preview,
    RecordTypeOut,
    Reviewed,
    Trash,
)
from crm_boost.deposits.states import CustomerType, DepositStatus
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.web.lists import Listing, list_response, paging_headers, rows_response

router = APIRouter(prefix="/omset", tags=["deposits"])

Booker = Annotated[Principal, Depends(allow(Permission.DEPOSITS_BOOK, Page.OMSET))]
Manager = Annotated[Principal, Depends(allow(Permission.DEPOSITS_MANAGE, Page.OMSET))]
Emptier = Annotated[Principal, Depends(allow(Permission.TRASH_EMPTY, Page.OMSET))]
Once = Annotated[Idempotency, Depends(idempotency)]
TextId = Annotated[str | None, Query(max_length=200)]
ToDay = Annotated[Day | None, Query()]


class DepositQuery:
    """Filters of a list of deposits. Without a status: what counts and what waits; `all` adds what was declined."""

    def __init__(
        self,
        product_id: TextId = None,
        record_date: ToDay = None,
        staff_id: TextId = None,
        start_date: ToDay = None,
        end_date: ToDay = None,
        status: Annotated[str | None, Query(pattern="^(pending|approved|declined|all)$")] = None,
        customer_type: CustomerType | None = None,
        customer_key: Annotated[str | None, Query(max_length=300)] = None,
        q: TextId = None,
    ) -> None:
        self.names_status = status is not None
        statuses = SHOWN
        if status is not None:
            statuses = tuple(DepositStatus) if status == "all" else (DepositStatus(status),)
        days = [day for day in (start_date, record_date) if day is not None]
        ends = [day for day in (end_date, record_date) if day is not None]
        self.filter = DepositFilter(
            statuses,
            product_id,
            staff_id,
            max(days) if days else None,
            min(ends) if ends else None,
            customer_type,
            q,
            customer_key,
        )


Wanted = Annotated[DepositQuery, Depends()]


@router.post("", response_model=DepositOut)
async def book(principal: Booker, session: SharingWriter, once: Once, body: DepositForm) -> Response:
    """Enter a deposit. It counts at once, or waits when somebody else has reserved the customer."""

    async def effect() -> dict[str, Any]:
        deposit = await booking.book(session, principal, body)
        return await reading.one(session, principal, deposit.id)

    return rows_response(await once.once(session, effect))


@router.post("/rows", response_model=BookedRows)
async def book_rows(principal: Booker, session: SharingWriter, once: Once, body: DepositForms) -> Response:
    """Enter several deposits, each as if it came alone. The answer says of each row, in the order given, what it became or
    what is wrong with it; rows at fault keep nothing from being booked."""

    async def effect() -> dict[str, Any]:
        found = await booking.book_rows(session, principal, body.rows)
        return {"rows": await reading.booked_rows(session, principal, found)}

    return rows_response(await once.once(session, effect))


@router.get("", response_model=list[DepositOut], dependencies=[LISTS_CUSTOMERS])
async def list_deposits(
    principal: Booker, session: Reader, request: Request, page: Listing, wanted: Wanted
) -> Response:
    """Deposits, the latest day first; staff see their own, those that wait too."""
    found = await reading.list_deposits(session, principal, wanted.filter, cursor=page.cursor, limit=page.limit)
    return list_response(request, found)


@router.post("/preview")
async def preview(principal: Booker, session: Reader, body: DepositForms) -> Preview:
    """What each form would be if it were saved now, and why; nothing is saved."""
    return Preview.model_validate({"rows": await reading.preview(session, principal, body.rows)})


@router.get("/pending", response_model=list[DepositOut])
async def list_pending(principal: Manager, session: Reader, request: Request, page: Listing) -> Response:
    """What waits for a decision, the earliest day first."""
    found = await reading.list_pending(session, principal, cursor=page.cursor, limit=page.limit)
    return list_response(request, found)


@router.get("/record-types", response_model=list[RecordTypeOut])
async def list_record_types(
    principal: Booker, session: Reader, request: Request, page: Listing, product_id: TextId = None,
    record_date: ToDay = None,
) -> Response:  # fmt: skip
    """What counts of one product and day, each row with its class."""
    wanted = DepositFilter((DepositStatus.APPROVED,), product_id, None, record_date, record_date)
    found = await reading.list_deposits(session, principal, wanted, cursor=page.cursor, limit=page.limit)
    found.rows = [{**row, "record_type": row["customer_type"]} for row in found.rows]
    return list_response(request, found)


@router.get("/customers", response_model=list[KnownCustomer])
async def known_customers(
    principal: Booker,
    session: Reader,
    q: Annotated[str, Query(max_length=200)] = "",
    product_id: TextId = None,
    staff_id: TextId = None,
) -> Response:
    """Customers booked before whose identity begins with `q`, the latest first: one's own, or of whom an admin names."""
    return rows_response(
        await reading.known_customers(session, principal, staff_id=staff_id, product_id=product_id, q=q)
    )


@router.get("/duplicates")
async def list_duplicates(
    _: Manager, session: Reader, start_date: ToDay = None, end_date: ToDay = None, product_id: TextId = None
) -> DepositDuplicates:
    """Customers of a product with deposits of two or more staff; for information."""
    wanted = DepositFilter(product_id=product_id, start_date=start_date, end_date=end_date)
    return DepositDuplicates.model_validate(await reading.duplicates(session, wanted))


@router.get("/settings")
async def get_settings(_: Booker, session: Reader) -> LedgerSettingsOut:
    """Up to which day the books are closed."""
    return LedgerSettingsOut.model_validate(await reading.ledger_settings(session))


@router.put("/settings")
async def put_settings(_: Manager, session: Writer, body: LedgerSettings) -> LedgerSettingsOut:
    """Close the books up to a day, or open all of them."""
    await service.close_books(session, LedgerConfig(ledger_closed_until=body.ledger_closed_until))
    return LedgerSettingsOut.model_validate(await reading.ledger_settings(session))


@router.get("/trash", response_model=Trash)
async def list_trash(principal: Manager, session: Reader, request: Request, page: Listing) -> Response:
    """What was deleted and can be restored, the latest first."""
    found = await reading.list_trash(session, principal, cursor=page.cursor, limit=page.limit)
    answer = {"records": found.rows, "count": len(found.rows) if found.total is None else found.total}
    return rows_response(answer, paging_headers(request, found))


@router.delete("/trash")
async def empty_trash(_: Emptier, session: Writer) -> Emptied:
    """Purge everything in the trash."""
    count = await service.empty_trash(session)
    return Emptied(message=f"{count} deposits purged.", deleted_count=count)


@router.delete("/trash/{deposit_id}")
async def purge(_: Manager, session: Writer, deposit_id: str) -> Deleted:
    """Take one deposit out of the trash for good."""
    await service.purge(session, deposit_id)
    return Deleted(message="The deposit is purged.", deleted_id=deposit_id, can_restore=False)


@router.post("/restore/{deposit_id}", response_model=DepositOut)
async def restore(principal: Manager, session: Writer, once: Once, deposit_id: str) -> Response:
    """Bring a deposit back from the trash."""

    async def effect() -> dict[str, Any]:
        await service.restore(session, deposit_id)
        return await reading.one(session, principal, deposit_id)

    return rows_response(await once.once(session, effect))


@router.get("/{deposit_id}", response_model=DepositDetail)
async def get_deposit(principal: Booker, session: Reader, deposit_id: str) -> Response:
    """One deposit with its history, and why it is NDP or RDP."""
    return rows_response(await reading.detail(session, principal, deposit_id))


@router.get("/{deposit_id}/explain", response_model=Explanation)
async def explain(principal: Booker, session: Reader, deposit_id: str) -> Response:
    """Why a deposit is NDP or RDP: its key, and the first deposit that decided it."""
    return rows_response(await reading.explain(session, principal, deposit_id))


@router.put("/{deposit_id}", response_model=DepositOut)
async def edit(principal: Booker, session: Writer, once: Once, deposit_id: str, body: DepositChange) -> Response:
    """Correct a deposit: one's own, or as an admin anybody's, with its product, day and person too."""

    async def effect() -> dict[str, Any]:
        await service.edit(session, principal, deposit_id, body)
        return await reading.one(session, principal, deposit_id)

    return rows_response(await once.once(session, effect))


@router.delete("/{deposit_id}", response_model=Deleted)
async def delete(principal: Booker, session: Writer, once: Once, deposit_id: str) -> Response:
    """Put a deposit into the trash, for 30 days: one's own, or as an admin anybody's."""

    async def effect() -> dict[str, Any]:
        await service.delete(session, principal, deposit_id)
        return {"message": "The deposit is in the trash.", "deleted_id": deposit_id, "can_restore": True}

    return rows_response(await once.once(session, effect))


@router.post("/{deposit_id}/approve", response_model=Reviewed)
async def approve(principal: Manager, session: Writer, once: Once, deposit_id: str) -> Response:
    """Let a waiting deposit count; 400 when it waits no longer."""

    async def effect() -> dict[str, Any]:
        await service.approve(session, deposit_id)
        return {"success": True, **await reading.one(session, principal, deposit_id)}

    return rows_response(await once.once(session, effect))


@router.post("/{deposit_id}/decline", response_model=Reviewed)
async def decline(
    principal: Manager, session: Writer, once: Once, deposit_id: str, body: Annotated[Decline | None, Body()] = None
) -> Response:
    """Refuse a waiting deposit, with a reason; 400 when it waits no longer."""

    async def effect() -> dict[str, Any]:
        await service.decline(session, deposit_id, body.reason if body else None)
        return {"success": True, **await reading.one(session, principal, deposit_id)}

    return rows_response(await once.once(session, effect))
