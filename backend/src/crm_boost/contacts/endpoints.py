"""Routes of the reasons for which records are judged invalid."""

from typing import Annotated

from fastapi import APIRouter, Depends

from crm_boost.contacts import reasons
from crm_boost.contacts.reasons import ReasonCode, ReasonCodes
from crm_boost.db.session import Reader, Writer
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow

router = APIRouter(prefix="/settings/reason-codes", tags=["settings"])


@router.get("")
async def list_reason_codes(
    _principal: Annotated[Principal, Depends(allow(Permission.CONTACTS_WORK))], session: Reader
) -> list[ReasonCode]:
    """The reasons in the order in which they are offered; those out of use are not offered."""
    return (await reasons.reason_codes(session)).codes


@router.put("")
async def change_reason_codes(
    _principal: Annotated[Principal, Depends(allow(Permission.CONTACTS_MANAGE))], session: Writer, body: ReasonCodes
) -> list[ReasonCode]:
    """Put reasons into an order, in or out of use."""
    return (await reasons.change_reason_codes(session, body)).codes
