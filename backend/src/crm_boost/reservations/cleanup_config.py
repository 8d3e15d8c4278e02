"""Where the days of grace are kept, and what they mean for a reservation (spec 3.3)."""

from datetime import date

from crm_boost.configuration.service import Stored, read
from crm_boost.db.session import ReadSession
from crm_boost.kit.clock import business_date
from crm_boost.reservations.grace import CleanupConfig, Grace, grace_of
from crm_boost.reservations.models import Reservation

NAME = "reservation_cleanup"


async def read_config(session: ReadSession) -> CleanupConfig:
    """Return the configuration in force."""
    return (await stored_config(session)).value


async def stored_config(session: ReadSession) -> Stored[CleanupConfig]:
    """Return the configuration, and who changed it last."""
    return await read(session, NAME, CleanupConfig)


def grace_on(session: ReadSession, config: CleanupConfig, row: Reservation, today: date) -> Grace:
    """Return the grace of an approved reservation on a day."""
    claimed_at = row.claimed_at or row.approved_at or row.created_at
    claimed_on = business_date(session.business.tz, claimed_at)
    return grace_of(config, row.product_id, claimed_on=claimed_on, last_deposit=row.last_omset_date, today=today)
