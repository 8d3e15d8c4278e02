"""The addresses existing clients call for a staff's own records (spec 2.7, 7.7), on top of the same verbs."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from crm_boost.access.dependencies import LISTS_CUSTOMERS
from crm_boost.assignments.policies import all_policies
from crm_boost.assignments.policies.base import Policy
from crm_boost.contacts.verdicts import Field
from crm_boost.customers import records, service
from crm_boost.customers.dependencies import Marking, Worker
from crm_boost.customers.endpoints import after_group, after_of
from crm_boost.customers.repositories.dealt import DealtFilter, list_dealt
from crm_boost.customers.schemas import (
    GroupUpdate,
    KeptBatch,
    KeptBatchWithRecords,
    KeptBulk,
    KeptBulkOut,
    KeptInvalidated,
    KeptName,
    KeptNamed,
    KeptPin,
    KeptRespond,
    KeptTitle,
    KeptWhatsapp,
)
from crm_boost.databases.schemas import DealtRecordOut
from crm_boost.db.session import Reader, ReadSession, SharingWriter, Writer
from crm_boost.identity.principal import Principal
from crm_boost.web.lists import Listing, ListQuery, list_response, paging_headers, rows_response

router = APIRouter(tags=["kept my customers"])

ProductId = Annotated[str | None, Query(max_length=200)]


def _requested() -> list[str]:
    return [policy.module for policy in all_policies() if policy.takes_requests]


async def _own(
    session: ReadSession, request: Request, principal: Principal, page: ListQuery, wanted: DealtFilter
) -> Response:
    found = await list_dealt(session, wanted, viewer=principal.id, after=after_of(page.cursor), limit=page.limit)
    return list_response(request, found)


async def _invalidated(
    session: ReadSession, request: Request, principal: Principal, page: ListQuery, modules: list[str]
) -> Response:
    """What a staff holds although its customer is reserved by somebody else."""
    wanted = DealtFilter(staff_id=principal.id, modules=modules, is_taken=True)
    found = await list_dealt(session, wanted, viewer=principal.id, after=after_of(page.cursor), limit=page.limit)
    headers = paging_headers(request, found)
    return rows_response({"count": found.total or 0, "records": found.rows}, headers)


@router.patch("/customer-records/{record_id}/whatsapp-status", response_model=DealtRecordOut)
async def set_whatsapp(reach: Marking, session: SharingWriter, record_id: str, body: KeptWhatsapp) -> Response:
    """Mark whether the customer is on WhatsApp; `null` clears the mark."""
    values: dict[Field, str | None] = {Field.WHATSAPP: body.whatsapp_status}
    return rows_response(await records.change_marks(session, record_id, values, reach))


@router.patch("/customer-records/{record_id}/respond-status", response_model=DealtRecordOut)
async def set_respond(reach: Marking, session: SharingWriter, record_id: str, body: KeptRespond) -> Response:
    """Mark what the customer answered; `null` clears the mark."""
    values: dict[Field, str | None] = {Field.RESPOND: body.respond_status}
    return rows_response(await records.change_marks(session, record_id, values, reach))


@router.post("/bulk/status-update")
async def bulk_status(reach: Marking, session: Writer, body: KeptBulk) -> KeptBulkOut:
    """Give up to 500 records the same marks; one that is not the caller's refuses them all."""
    return KeptBulkOut.model_validate(await records.mark_alike(session, body, reach))


@router.get("/my-request-batches", response_model=list[KeptBatch])
async def my_request_batches(principal: Worker, session: Reader, request: Request, page: Listing) -> Response:
    """The caller's batches of the module that takes requests: pinned ones first, then the newest."""
    modules = [policy.module for policy in all_policies() if policy.takes_requests and policy.batched]
    found = await service.request_batches(
        session, principal.id, modules, after=after_group(page.cursor), limit=page.limit
    )
    return list_response(request, found)


@router.patch("/my-request-batches/{batch_id}/title")
async def name_request_batch(principal: Worker, session: Writer, batch_id: str, body: KeptTitle) -> KeptTitle:
    """Give one of the caller's batches a title; an empty one takes it away."""
    await service.change_group(session, principal.id, "batch", batch_id, GroupUpdate(title=body.title))
    return body


@router.patch("/my-request-batches/{batch_id}/pin")
async def pin_request_batch(principal: Worker, session: Writer, batch_id: str, body: KeptPin) -> KeptPin:
    """Pin one of the caller's batches, or let it go."""
    await service.change_group(session, principal.id, "batch", batch_id, GroupUpdate(is_pinned=body.is_pinned))
    return body


@router.get("/my-assigned-records-by-batch", response_model=list[DealtRecordOut], dependencies=[LISTS_CUSTOMERS])
async def my_records_by_batch(
    principal: Worker,
    session: Reader,
    request: Request,
    page: Listing,
    request_id: Annotated[str, Query(max_length=200)],
) -> Response:
    """The caller's records of one batch, named by its id or by the request it answered."""
    batch_id = await service.own_batch(session, principal.id, request_id)
    return await _own(session, request, principal, page, DealtFilter(staff_id=principal.id, batch_id=batch_id))


@router.get("/my-assigned-records", response_model=list[DealtRecordOut], dependencies=[LISTS_CUSTOMERS])
async def my_assigned_records(
    principal: Worker, session: Reader, request: Request, page: Listing, product_id: ProductId = None
) -> Response:
    """The caller's records of the module that takes requests."""
    wanted = DealtFilter(staff_id=principal.id, modules=_requested(), product_id=product_id)
    return await _own(session, request, principal, page, wanted)


@router.get("/my-invalidated-by-reservation", response_model=KeptInvalidated)
async def my_invalidated(principal: Worker, session: Reader, request: Request, page: Listing) -> Response:
    """The caller's records whose customer is reserved by somebody else."""
    return await _invalidated(session, request, principal, page, _requested())


def _add_module(policy: Policy) -> None:
    """Register the kept addresses of one module."""
    path, module = f"/{policy.module}/staff", policy.module

    @router.get(
        f"{path}/records",
        response_model=list[DealtRecordOut],
        name=f"{module}_staff_records",
        dependencies=[LISTS_CUSTOMERS],
    )
    async def staff_records(
        principal: Worker, session: Reader, request: Request, page: Listing, product_id: ProductId = None
    ) -> Response:
        """The caller's records of this module."""
        wanted = DealtFilter(staff_id=principal.id, modules=[module], product_id=product_id)
        return await _own(session, request, principal, page, wanted)

    @router.get(f"{path}/invalidated-by-reservation", response_model=KeptInvalidated, name=f"{module}_invalidated")
    async def staff_invalidated(principal: Worker, session: Reader, request: Request, page: Listing) -> Response:
        """The caller's records of this module whose customer is reserved by somebody else."""
        return await _invalidated(session, request, principal, page, [module])

    if not policy.batched:
        return

    @router.get(f"{path}/batches", response_model=list[KeptBatchWithRecords], name=f"{module}_staff_batches")
    async def staff_batches(principal: Worker, session: Reader, request: Request, page: Listing) -> Response:
        """The caller's batches with a page of their records; the counts are of the whole batch."""
        found = await service.batches_with_records(
            session, principal.id, module, after=after_of(page.cursor), limit=page.limit
        )
        return list_response(request, found)

    @router.patch(f"{path}/batches/{{batch_id}}/rename", name=f"{module}_rename_batch")
    async def rename_batch(principal: Worker, session: Writer, batch_id: str, body: KeptName) -> KeptNamed:
        """Name one of the caller's batches; an empty name takes it away."""
        await service.change_group(session, principal.id, "batch", batch_id, GroupUpdate(title=body.custom_name))
        return KeptNamed(id=batch_id, custom_name=body.custom_name)


for _policy in all_policies():
    if _policy.has_kept_paths:
        _add_module(_policy)
