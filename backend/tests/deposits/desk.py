"""Short ways to a ledger: calls through the API, as clients make them."""

from typing import Any

import httpx

from crm_boost.deposits.states import CustomerType
from tests.support.factories import Account

PATH = "/api/omset"


async def book(
    client: httpx.AsyncClient,
    who: Account,
    product_id: str,
    customer: str,
    day: str,
    nominal: Any = 100_000,
    **more: Any,
) -> httpx.Response:
    """Enter a deposit."""
    body = {"product_id": product_id, "record_date": day, "customer_id": customer, "nominal": nominal, **more}
    return await client.post(PATH, json=body, headers=who.auth)


async def booked(
    client: httpx.AsyncClient,
    who: Account,
    product_id: str,
    customer: str,
    day: str,
    nominal: Any = 100_000,
    **more: Any,
) -> dict[str, Any]:
    """Enter a deposit and return its row."""
    answer = await book(client, who, product_id, customer, day, nominal, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def done(
    client: httpx.AsyncClient, who: Account, method: str, path: str, body: Any = None, **params: Any
) -> dict[str, Any]:
    """Call an address below the ledger's that must answer 200, and return what it says."""
    answer = await client.request(method, f"{PATH}{path}", json=body, headers=who.auth, params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def rows(client: httpx.AsyncClient, who: Account, **params: Any) -> list[dict[str, Any]]:
    """The list of deposits, the latest day first."""
    answer = await client.get(PATH, headers=who.auth, params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def types(client: httpx.AsyncClient, who: Account, **params: Any) -> list[tuple[str, str, str | None]]:
    """(day, customer, class) of what counts, in the order of days."""
    found = await rows(client, who, status="approved", **params)
    return sorted((row["record_date"], row["customer_key"], row["customer_type"]) for row in found)


async def summary(client: httpx.AsyncClient, who: Account, **params: Any) -> dict[str, Any]:
    """The summary of a range."""
    return await done(client, who, "GET", "/summary", **params)


NDP, RDP = CustomerType.NDP, CustomerType.RDP
