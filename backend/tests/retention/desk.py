"""Short ways to a desk whose customers and deposits are known."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import httpx
from sqlalchemy import Table, insert

from crm_boost.db.engine import Database
from crm_boost.deposits import rebuild as ledger
from crm_boost.deposits.models import Deposit
from crm_boost.retention import rebuild
from tests.support.factories import Account

NOON = datetime(2025, 6, 15, 5, tzinfo=UTC)
"""Noon of 15 June 2025 in Jakarta."""
TODAY = date(2025, 6, 15)


async def get(client: httpx.AsyncClient, who: Account, path: str, **params: Any) -> Any:
    """Read an address of retention that must answer 200."""
    answer = await client.get(f"/api/retention{path}", headers=who.auth, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(client: httpx.AsyncClient, who: Account, path: str, body: Any = None, **headers: str) -> httpx.Response:
    """Call an address of retention that changes something."""
    return await client.post(f"/api/retention{path}", json=body, headers={**who.auth, **headers})


Given = tuple[str, str, str, date, bool]
"""Staff, customer, product, day, tambahan."""


async def entered(database: Database, deposits: Sequence[Given], *, rolled_up: bool = False, ids_from: int = 0) -> None:
    """Store deposits that count, and the customers that follow from them; with `rolled_up` the sums of days too."""
    now = datetime(2025, 1, 1, tzinfo=UTC)
    rows = [
        {
            "id": f"d{number:06d}", "staff_id": staff, "product_id": product, "record_date": day,
            "customer_id": customer.upper(), "customer_key": customer, "customer_name": f"Name of {customer}",
            "nominal": 1000_00 + number, "multiplier": 100, "total": 1000_00 + number, "note": "", "tambahan": tambahan,
            "status": "approved", "customer_type": "RDP", "possible_duplicate": False, "created_at": now,
            "created_by_name": "test", "version": 1,
        }
        for number, (staff, customer, product, day, tambahan) in enumerate(deposits, ids_from)
    ]  # fmt: skip
    async with database.write() as session:
        await session.execute(insert(cast(Table, Deposit.__table__)), rows)
    if rolled_up:
        await ledger.recalculate(database)
    await rebuild.rebuild(database)


def random_deposits(seed: int, staff: Sequence[str], products: Sequence[str], count: int = 150) -> list[Given]:
    """Deposits of a few customers over five months, so that they meet, pause and come back."""
    rng = random.Random(seed)
    customers = [f"c{number}" for number in range(25)]
    return [
        (
            rng.choice(staff),
            rng.choice(customers),
            rng.choice(products),
            TODAY - timedelta(days=rng.randrange(150)),
            rng.random() < 0.15,
        )
        for _ in range(count)
    ]
