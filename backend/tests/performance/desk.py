"""Short ways to a desk with a ledger whose figures are known."""

from datetime import UTC, date, datetime
from typing import Any

import httpx

from crm_boost.db.engine import Database
from crm_boost.deposits.rollup_write_repository import DAYS, MONTHS, STAFF_DAYS, add_to
from tests.support.factories import Account

NOON = datetime(2025, 3, 15, 5, tzinfo=UTC)
"""Noon of 15 March 2025 in Jakarta."""
TODAY = date(2025, 3, 15)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def get(client: httpx.AsyncClient, who: Account, path: str, **params: Any) -> dict[str, Any]:
    """Read an address that must answer 200."""
    answer = await client.get(f"/api{path}", headers=who.auth, params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def send(
    client: httpx.AsyncClient, who: Account, method: str, path: str, body: Any = None, **headers: str
) -> httpx.Response:
    """Call an address that changes something."""
    return await client.request(method, f"/api{path}", json=body, headers={**who.auth, **headers})


async def rolled_up(database: Database, product_id: str, days: dict[tuple[str, date], tuple[int, int]]) -> None:
    """Store roll-ups of one product as they stand in the table: NDP and RDP by staff and day, 1,000 each."""
    async with database.write() as session:
        for (staff_id, day), (ndp, rdp) in days.items():
            figures = (ndp, rdp, ndp, rdp, ndp * 1000, rdp * 1000, ndp * 1000, rdp * 1000)
            month = day.replace(day=1)
            await add_to(session, DAYS, {(day, staff_id, product_id): figures})
            await add_to(session, STAFF_DAYS, {(day, staff_id): (*figures, 0, 0, 0, 0)})
            await add_to(session, MONTHS, {(month, staff_id, product_id): (*figures, 0, 0, 0)})
