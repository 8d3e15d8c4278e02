"""What the tests of people share."""

from typing import Any

import httpx

from crm_boost.identity.principal import COOKIE
from tests.support.factories import PASSWORD, Account

FIRST = {"name": "First Person", "email": "first@example.test", "password": PASSWORD}


async def sign_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD, **options: Any) -> httpx.Response:
    """Sign in without leaving the cookie in the client."""
    response = await client.post("/api/auth/login", json={"email": email, "password": password}, **options)
    client.cookies.clear()
    return response


def with_cookie(account: Account, csrf: str | None = None) -> dict[str, str]:
    """Headers of a browser that holds this session."""
    headers = {"Cookie": f"{COOKIE}={account.token}"}
    if csrf is not None:
        headers["X-CSRF-Token"] = csrf
    return headers


async def is_signed_in(client: httpx.AsyncClient, token: str) -> bool:
    """Whether a token opens anything."""
    response = await client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code in {200, 401}
    return response.status_code == 200


def user_body(role: str = "staff", **fields: Any) -> dict[str, Any]:
    """A request to create a user."""
    return {"email": "new@example.test", "name": "New Person", "role": role, "password": PASSWORD, **fields}


async def listed(client: httpx.AsyncClient, who: Account, **params: Any) -> list[dict[str, Any]]:
    """The list of users as somebody sees it."""
    response = await client.get("/api/users", headers=who.auth, params=params)
    assert response.status_code == 200
    rows: list[dict[str, Any]] = response.json()
    return rows
