"""The addresses existing clients call (spec 2.7, 7.7), made from the policies on top of the same verbs.

They differ from the others in names and status codes only: one receiver, unknown fields ignored, 400 where fewer
records are eligible than asked for.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from crm_boost.assignments import hand_out, queries, recall, trash
from crm_boost.assignments.dependencies import in_module
from crm_boost.assignments.errors import AsBadRequest, NotEnoughEligible, NothingMoved, UnknownRecords
from crm_boost.assignments.policies import all_policies
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.repositories import listing
from crm_boost.assignments.schemas import (
    DatabaseRestored,
    DatabaseTrashed,
    KeptAssigned,
    KeptAssignedRandom,
    KeptAssignRandomRequest,
    KeptAssignRequest,
    KeptDeleted,
    KeptRecalled,
    KeptRecordsRequest,
    KeptTrashRequest,
    ReceiverOut,
)
from crm_boost.assignments.writing import HandOut
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, SharingWriter, Writer
from crm_boost.identity.permissions import Permission, roles_with
from crm_boost.kit.errors import FieldError, Problem
from crm_boost.web.lists import rows_response

Once = Annotated[Idempotency, Depends(idempotency)]


class NoRecordsGiven(Problem):
    code = "no_records"
    title = "No records given"


async def _as_ever(answer: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    try:
        return await answer()
    except (NotEnoughEligible, NothingMoved) as error:
        raise AsBadRequest(error) from error


def _ensure_given(record_ids: list[str]) -> None:
    if not record_ids:
        message = "Name at least one record."
        raise NoRecordsGiven(message, errors=[FieldError("record_ids", message)])


def kept_router_of(policy: Policy) -> APIRouter:
    """Return the kept routes of one module."""
    router = APIRouter(tags=[f"kept {policy.module}"])
    path = f"/{policy.module}"
    managing = in_module(Permission.DATABASES_MANAGE, policy.module)
    if policy.has_kept_paths:
        _add_hand_outs(router, path, policy)

    @router.delete(f"/bulk/{policy.module}-records", name=f"{policy.module}_bulk_delete")
    async def bulk_delete(
        own: Annotated[Policy, Depends(managing)], session: Writer, body: KeptTrashRequest
    ) -> KeptDeleted:
        """Move records to the trash; assigned ones only with `force`."""
        _ensure_given(body.record_ids)
        return KeptDeleted.model_validate(await trash.trash_records(session, own, body.record_ids, force=body.force))

    @router.delete(f"{policy.kept_databases_path}/{{database_id}}", name=f"{policy.module}_delete_database")
    async def delete_database(
        own: Annotated[Policy, Depends(managing)], session: Writer, database_id: str, force: bool = False
    ) -> DatabaseTrashed:
        """Move a database to the trash; 409 with `assigned_count` unless `force`."""
        return DatabaseTrashed.model_validate(await trash.trash_database(session, own, database_id, force=force))

    @router.post(f"{policy.kept_databases_path}/{{database_id}}/restore", name=f"{policy.module}_restore_database")
    async def restore_database(
        own: Annotated[Policy, Depends(managing)], session: Writer, database_id: str
    ) -> DatabaseRestored:
        """Bring a database back from the trash."""
        return DatabaseRestored.model_validate(await trash.restore_database(session, own, database_id))

    return router


def _add_hand_outs(router: APIRouter, path: str, policy: Policy) -> None:
    assigning = in_module(Permission.RECORDS_ASSIGN, policy.module)
    recalling = in_module(Permission.RECORDS_RECALL, policy.module)
    listing_staff = in_module(Permission.STAFF_LIST, policy.module)

    @router.post(f"{path}/assign", name=f"{policy.module}_assign", response_model_exclude_none=True)
    async def assign(
        own: Annotated[Policy, Depends(assigning)], session: SharingWriter, once: Once, body: KeptAssignRequest
    ) -> KeptAssigned:
        """Hand out the records picked; those reserved for somebody else are blocked."""

        async def effect() -> dict[str, Any]:
            receivers = hand_out.Receivers([body.staff_id], batch_id=body.batch_id, field="staff_id")
            done = await hand_out.assign_manual(session, own, body.record_ids, receivers)
            answer = {"operation_id": done.operation_id, "assigned_count": done.assigned}
            return {**answer, "batch_id": _batch_of(done), "blocked_records": done.blocked}

        return KeptAssigned.model_validate(await once.once(session, lambda: _as_ever(effect)))

    @router.post(f"{path}/assign-random", name=f"{policy.module}_assign_random", response_model_exclude_none=True)
    async def assign_random(
        own: Annotated[Policy, Depends(assigning)], session: SharingWriter, once: Once, body: KeptAssignRandomRequest
    ) -> KeptAssignedRandom:
        """Hand out random eligible records; 400 when there are too few."""

        async def effect() -> dict[str, Any]:
            receivers = hand_out.Receivers([body.staff_id], batch_id=body.batch_id, field="staff_id")
            done = await hand_out.assign_random(session, own, body.database_id, receivers, body.quantity)
            reserved, eligible = await queries.reserved_and_eligible(session, body.database_id, body.staff_id)
            answer = {"operation_id": done.operation_id, "assigned_count": done.assigned, "batch_id": _batch_of(done)}
            return {**answer, "total_reserved_in_db": reserved, "remaining_eligible": eligible}

        return KeptAssignedRandom.model_validate(await once.once(session, lambda: _as_ever(effect)))

    @router.post(f"{path}/admin/recall-records", name=f"{policy.module}_recall")
    async def recall_records(
        own: Annotated[Policy, Depends(recalling)], session: Writer, once: Once, body: KeptRecordsRequest
    ) -> KeptRecalled:
        """Take records back: 400 for an empty list, 404 when none of them is held."""
        _ensure_given(body.record_ids)

        async def effect() -> dict[str, Any]:
            try:
                return await recall.recall(session, own, body.record_ids)
            except NothingMoved as error:
                raise UnknownRecords("None of these records is assigned.", **error.extras) from error

        return KeptRecalled.model_validate(await once.once(session, effect))

    @router.get(
        f"{path}/staff",
        name=f"{policy.module}_staff",
        response_model=list[ReceiverOut],
        dependencies=[Depends(listing_staff)],
    )
    async def list_receivers(session: Reader) -> Response:
        """Active people who may receive records."""
        return rows_response(await listing.receivers(session, roles_with(Permission.RECEIVE_RECORDS)))


def _batch_of(done: HandOut) -> str | None:
    return done.per_staff[0].get("batch_id") if done.per_staff else None


kept_routers = [kept_router_of(policy) for policy in all_policies()]
