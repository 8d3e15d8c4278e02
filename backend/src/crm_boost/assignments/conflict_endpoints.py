"""Routes that settle conflicts; one set for all modules (spec 3.2)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from crm_boost.assignments import conflicts
from crm_boost.assignments.policies import all_policies
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.schemas import RecordIds, Strict
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Writer
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow

router = APIRouter(tags=["reservations"])

Manager = Annotated[Principal, Depends(allow(Permission.RESERVATIONS_MANAGE, Page.RESERVED))]
Once = Annotated[Idempotency, Depends(idempotency)]


class SettleRequest(Strict):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"record_ids": ["0194f5c2"], "action": "hand_to_owner"}]},
    )

    record_ids: RecordIds
    action: Literal["hand_to_owner", "recall"]


class NotSettled(BaseModel):
    """A record that was left alone: it is in no conflict any more (`over`), or its owner cannot receive it."""

    record_id: str
    reason: str


class Settled(BaseModel):
    """`operation_ids` can each be undone; the conflicts are open again then."""

    operation_ids: list[str]
    settled_count: int
    skipped: list[NotSettled]


@router.post("/reserved-members/conflicts/settle")
async def settle(principal: Manager, session: Writer, once: Once, body: SettleRequest) -> Settled:
    """Give records in conflict to the owners of their customers, or take them back; what is no conflict any more, or is
    of a module blocked for the caller, is skipped."""

    async def effect() -> dict[str, Any]:
        policies = _open_to(principal)
        if body.action == "recall":
            done = await conflicts.recall_conflicts(session, policies, body.record_ids)
        else:
            done = await conflicts.hand_to_owners(session, policies, body.record_ids)
        return done.as_answer()

    return Settled.model_validate(await once.once(session, effect))


def _open_to(principal: Principal) -> list[Policy]:
    return [policy for policy in all_policies() if policy.page not in principal.blocked_pages]
