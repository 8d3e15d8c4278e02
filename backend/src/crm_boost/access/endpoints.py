"""Routes of the limits."""

from typing import Annotated

from fastapi import APIRouter, Depends

from crm_boost.access import service
from crm_boost.access.dependencies import meter_of
from crm_boost.access.limits import AccessLimits
from crm_boost.access.meter import Meter
from crm_boost.access.schemas import AccessLimitsOut, AccessLimitsUpdate
from crm_boost.configuration.service import Stored
from crm_boost.db.session import Reader, Writer
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow

router = APIRouter(prefix="/settings/access-limits", tags=["access"])

Manager = Annotated[Principal, Depends(allow(Permission.USERS_MANAGE, Page.USERS))]


def _shaped(stored: Stored[AccessLimits]) -> AccessLimitsOut:
    return AccessLimitsOut(**stored.value.model_dump(), updated_at=stored.updated_at, updated_by=stored.updated_by_name)


@router.get("")
async def get_limits(principal: Manager, session: Reader) -> AccessLimitsOut:
    """How many customers a person may open, search for and list, per hour and per business day."""
    return _shaped(await service.limits(session))


@router.put("")
async def put_limits(
    principal: Manager, session: Writer, meter: Annotated[Meter, Depends(meter_of)], body: AccessLimitsUpdate
) -> AccessLimitsOut:
    """Change limits; what is left out stays as it is, `null` takes a limit away."""
    return _shaped(await service.change_limits(session, meter, body))
