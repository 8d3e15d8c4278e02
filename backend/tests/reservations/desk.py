"""Short ways to a desk with reservations: calls through the API, as clients make them."""

from typing import Any

import httpx

from tests.support.factories import Account

PATH = "/api/reserved-members"


async def reserve(
    client: httpx.AsyncClient,
    who: Account,
    product_id: str,
    customer_id: str,
    owner: Account | None = None,
    **more: Any,
) -> httpx.Response:
    """Reserve a customer, or ask for them."""
    body = {"customer_id": customer_id, "product_id": product_id, **more}
    if owner is not None:
        body["staff_id"] = owner.id
    return await client.post(PATH, json=body, headers=who.auth)


async def reserved(
    client: httpx.AsyncClient,
    who: Account,
    product_id: str,
    customer_id: str,
    owner: Account | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Reserve a customer and return the reservation."""
    response = await reserve(client, who, product_id, customer_id, owner, **more)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def change(
    client: httpx.AsyncClient, who: Account, reservation_id: str, command: str, **query: str
) -> httpx.Response:
    """Approve, reject, cancel, move, extend."""
    return await client.patch(f"{PATH}/{reservation_id}/{command}", headers=who.auth, params=query)


async def told(client: httpx.AsyncClient, who: Account) -> list[str]:
    """The types of what somebody was told, newest first."""
    found = (await client.get("/api/notifications", headers=who.auth)).json()["notifications"]
    return [str(item["type"]) for item in found]
