"""What is expected of the staff of the demo desk: as much as they come to on a good day, so that progress has both."""

from datetime import timedelta

from crm_boost.db.engine import Database
from crm_boost.demo.acting import acting
from crm_boost.deposits.money import minor_units
from crm_boost.identity.models import User
from crm_boost.kit.clock import business_date, utc_now
from crm_boost.kit.periods import month_of
from crm_boost.performance import repository

_MONTHS_BACK = timedelta(days=75)
_OF_EVERYBODY = {"monthly_omset": 10_000_000, "daily_ndp": 1, "daily_rdp": 2, "required_success_days": 12}
_OF_THE_BEST = {**_OF_EVERYBODY, "monthly_omset": 15_000_000, "required_success_days": 16}


async def set_targets(database: Database, owner: User, best: User) -> None:
    """Set targets of everybody, and higher ones of the best, from before the first deposit on."""
    today, scale = business_date(database.business.tz), minor_units(database.business.currency)
    start = month_of(today - _MONTHS_BACK)
    with acting(owner):
        async with database.write() as session:
            for staff_id, targets in ((None, _OF_EVERYBODY), (best.id, _OF_THE_BEST)):
                values = {
                    **targets,
                    "monthly_omset": targets["monthly_omset"] * scale,
                    "effective_from": start,
                    "set_at": utc_now(),
                    "set_by_name": owner.name,
                }
                await repository.put_targets(session, staff_id, values, replaced_until=start)
