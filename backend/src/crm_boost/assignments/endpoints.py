"""Routes of the engine: one set for all modules (spec 2.1), undo, history."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from crm_boost.assignments import hand_out, queries, recall, trash, undo
from crm_boost.assignments.dealing import Dealer
from crm_boost.assignments.dependencies import in_module
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.pool_service import require_database
from crm_boost.assignments.repositories import listing
from crm_boost.assignments.schemas import (
    AssignRandomRequest,
    AssignRequest,
    BatchOut,
    DatabaseRestored,
    DatabaseTrashed,
    Eligibility,
    HandOutOut,
    HistoryEntry,
    RecallOut,
    RecordsRequest,
    RestoreOut,
    TrashOut,
    TrashRequest,
    UndoOut,
)
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, SharingWriter, Writer
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow, ensure_page
from crm_boost.kit.errors import Forbidden
from crm_boost.web.lists import rows_response

router = APIRouter(tags=["assignments"])

Assigning = Annotated[Policy, Depends(in_module(Permission.RECORDS_ASSIGN))]
Recalling = Annotated[Policy, Depends(in_module(Permission.RECORDS_RECALL))]
Managing = Annotated[Policy, Depends(in_module(Permission.DATABASES_MANAGE))]
Undoer = Annotated[Principal, Depends(allow(Permission.DATABASES_READ))]
HistoryReader = Annotated[Principal, Depends(allow(Permission.PROFILE_OWN))]
Once = Annotated[Idempotency, Depends(idempotency)]
BATCHES_SHOWN = 50


@router.post("/pools/{module}/assign")
async def assign(policy: Assigning, session: SharingWriter, once: Once, body: AssignRequest) -> HandOutOut:
    """Hand out the records picked, to one person or in equal shares to several."""

    async def effect() -> dict[str, Any]:
        receivers = hand_out.Receivers(body.staff_ids, batch_id=body.batch_id)
        done = await hand_out.assign_manual(session, policy, body.record_ids, receivers)
        return done.as_answer()

    return HandOutOut.model_validate(await once.once(session, effect))


@router.post("/pools/{module}/assign-random")
async def assign_random(policy: Assigning, dealing: Dealer, once: Once, body: AssignRandomRequest) -> HandOutOut:
    """Hand out random eligible records of a database; 409 with `eligible_count` when there are too few."""
    receivers = hand_out.Receivers(body.staff_ids, body.weights, body.batch_id)
    order = hand_out.Order(receivers, body.quantity, body.allow_partial)
    return HandOutOut.model_validate(await dealing.deal(policy, body.database_id, order, once))


@router.post("/pools/{module}/recall")
async def recall_records(policy: Recalling, session: Writer, once: Once, body: RecordsRequest) -> RecallOut:
    """Take records back; their holders are told."""

    async def effect() -> dict[str, Any]:
        return await recall.recall(session, policy, body.record_ids)

    return RecallOut.model_validate(await once.once(session, effect))


@router.post("/operations/{operation_id}/undo")
async def undo_operation(principal: Undoer, session: Writer, operation_id: str) -> UndoOut:
    """Undo a hand-out, a recall or a deletion, once, for the records nobody has touched since."""
    operation = await undo.find_operation(session, operation_id)
    permission = undo.needed_permission(operation)
    if not principal.can(permission):
        raise Forbidden("Your role does not allow this.", permission=permission.value)
    policy = policy_of(operation.module or "")
    ensure_page(principal, policy.page)
    return UndoOut.model_validate(await undo.undo(session, policy, operation))


@router.post("/pools/{module}/records/trash")
async def trash_records(policy: Managing, session: Writer, body: TrashRequest) -> TrashOut:
    """Move records to the trash; assigned ones only with `force`."""
    done = await trash.trash_records(session, policy, body.record_ids, force=body.force)
    return TrashOut.model_validate(done)


@router.post("/pools/{module}/records/restore")
async def restore_records(policy: Managing, session: Writer, body: RecordsRequest) -> RestoreOut:
    """Bring records back from the trash."""
    return RestoreOut.model_validate(await trash.restore_records(session, policy, body.record_ids))


@router.delete("/pools/{module}/databases/{database_id}")
async def trash_database(policy: Managing, session: Writer, database_id: str, force: bool = False) -> DatabaseTrashed:
    """Move a database to the trash; 409 with `assigned_count` unless `force`."""
    return DatabaseTrashed.model_validate(await trash.trash_database(session, policy, database_id, force=force))


@router.post("/pools/{module}/databases/{database_id}/restore")
async def restore_database(policy: Managing, session: Writer, database_id: str) -> DatabaseRestored:
    """Bring a database back from the trash; reservations are matched anew."""
    return DatabaseRestored.model_validate(await trash.restore_database(session, policy, database_id))


@router.get("/pools/{module}/databases/{database_id}/eligibility")
async def eligibility(
    policy: Assigning,
    session: Reader,
    database_id: str,
    staff_id: Annotated[list[str], Query(min_length=1, max_length=200)],
) -> Eligibility:
    """What a hand-out to these people could take, what is kept from it and why, and the room of each."""
    return Eligibility.model_validate(await queries.eligibility(session, policy, database_id, staff_id))


@router.get("/pools/{module}/databases/{database_id}/batches", response_model=list[BatchOut])
async def list_batches(
    policy: Assigning,
    session: Reader,
    database_id: str,
    staff_id: Annotated[str, Query(min_length=1, max_length=200)],
) -> Response:
    """The newest batches that a staff has of a database: what a hand-out may be added to."""
    await require_database(session, policy, database_id)
    return rows_response(await listing.staff_batches(session, database_id, staff_id, BATCHES_SHOWN))


@router.get("/records/{record_id}/history", response_model=list[HistoryEntry])
async def record_history(principal: HistoryReader, session: Reader, record_id: str) -> Response:
    """Everything that happened to a record, oldest first; staff see only their own."""
    return rows_response(await queries.history(session, principal, record_id))
