"""Where the days of grace are kept (spec 3.3)."""

from crm_boost.configuration.service import Stored, read
from crm_boost.db.session import ReadSession
from crm_boost.reservations.grace import CleanupConfig

NAME = "reservation_cleanup"


async def read_config(session: ReadSession) -> CleanupConfig:
    """Return the configuration in force."""
    return (await stored_config(session)).value


async def stored_config(session: ReadSession) -> Stored[CleanupConfig]:
    """Return the configuration, and who changed it last."""
    return await read(session, NAME, CleanupConfig)
