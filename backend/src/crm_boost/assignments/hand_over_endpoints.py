"""The route that hands records over to another staff; one for all modules."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from crm_boost.assignments import hand_over
from crm_boost.assignments.dependencies import in_module
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.schemas import Blocked, Excluded, Id, RecordIds, Strict
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Writer
from crm_boost.identity.permissions import Permission

router = APIRouter(tags=["assignments"])

Assigning = Annotated[Policy, Depends(in_module(Permission.RECORDS_ASSIGN))]
Once = Annotated[Idempotency, Depends(idempotency)]


class HandOverRequest(Strict):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"record_ids": ["0194f5c2", "0194f5c3"], "staff_id": "0194f5c1"}]},
    )

    record_ids: RecordIds
    staff_id: Id


class HandOverOut(BaseModel):
    """`excluded` says why records stayed where they were; `blocked_records` are reserved for somebody else."""

    operation_id: str
    moved_count: int
    excluded: list[Excluded]
    blocked_records: list[Blocked]


@router.post("/pools/{module}/hand-over")
async def hand_over_records(policy: Assigning, session: Writer, once: Once, body: HandOverRequest) -> HandOverOut:
    """Give records that somebody holds to another staff; both are told. Undone like any operation."""

    async def effect() -> dict[str, Any]:
        return (await hand_over.hand_over(session, policy, body.record_ids, body.staff_id)).as_answer()

    return HandOverOut.model_validate(await once.once(session, effect))
