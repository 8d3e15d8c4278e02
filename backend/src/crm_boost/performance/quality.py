"""The quality of work: what came of the records each staff was handed in a period, by database (spec 4.4)."""

from collections import Counter
from typing import Any

from crm_boost.db.session import ReadSession
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import start_of_day
from crm_boost.kit.periods import Period
from crm_boost.performance.quality_repository import COUNTS, quality_rows


async def of_period(session: ReadSession, principal: Principal, period: Period, staff_id: str | None) -> dict[str, Any]:
    """Return what was handed out in the period and what its marks say now; staff see their own."""
    if not principal.can(Permission.PERFORMANCE_MANAGE):
        staff_id = principal.id
    zone = session.business.tz
    rows = await quality_rows(session, start_of_day(zone, period.start), start_of_day(zone, period.end), staff_id)
    total: Counter[str] = Counter()
    staff: dict[str, dict[str, Any]] = {}
    for row in rows:
        person = staff.setdefault(
            row.staff_id,
            {"staff_id": row.staff_id, "staff_name": row.staff_name, **dict.fromkeys(COUNTS, 0), "databases": []},
        )
        counts = {name: int(getattr(row, name)) for name in COUNTS}
        for name, count in counts.items():
            person[name] += count
        total.update(counts)
        named = {"database_id": row.database_id, "database_name": row.database_name, "module": row.module}
        person["databases"].append({**named, **counts})
    return {**period.echo(), "total": {name: total[name] for name in COUNTS}, "staff": list(staff.values())}
