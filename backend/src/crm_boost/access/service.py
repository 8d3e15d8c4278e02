"""Use cases: look at the limits and change them."""

from crm_boost.access.limits import SETTINGS, AccessLimits
from crm_boost.access.meter import Meter
from crm_boost.access.schemas import AccessLimitsUpdate
from crm_boost.configuration.service import Stored, read, write
from crm_boost.db.session import ReadSession, WriteSession


async def limits(session: ReadSession) -> Stored[AccessLimits]:
    """Return the limits in force, and who changed them last."""
    return await read(session, SETTINGS, AccessLimits)


async def change_limits(session: WriteSession, meter: Meter, update: AccessLimitsUpdate) -> Stored[AccessLimits]:
    """Change the limits given; what is left out stays as it is, `null` takes a limit away."""
    changes = update.model_dump(exclude_unset=True)
    if changes.get("alarm_factor") is None:
        changes.pop("alarm_factor", None)
    stored = await write(session, SETTINGS, (await limits(session)).value.model_copy(update=changes))
    session.after_commit(lambda: meter.change_limits(stored.value))
    return stored
