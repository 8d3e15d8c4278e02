"""Bearer and cookie sessions, forged requests, and everything that ends a session at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.identity.principal import csrf_token
from crm_boost.kit.clock import frozen
from tests.identity.support import is_signed_in, sign_in, with_cookie
from tests.support.factories import PASSWORD, make_user, open_session

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
NEW_PASSWORD = "another long password"


async def test_bearer_and_cookie_open_the_same_session(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    by_bearer = await client.get("/api/auth/me", headers=person.auth)
    by_cookie = await client.get("/api/auth/me", headers=with_cookie(person))

    assert by_bearer.json() == by_cookie.json()
    assert by_bearer.json()["id"] == person.id
    assert by_bearer.json()["csrf_token"] == csrf_token(person.token)
    assert "token" not in by_bearer.json()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Cookie": "crm_session=nonsense"},
        {"Cookie": "crm_session="},
        {"Authorization": b"Bearer \xff\xfe"},
    ],
)
async def test_without_a_valid_session_nothing_opens(client: httpx.AsyncClient, headers: Any) -> None:
    response = await client.get("/api/auth/me", headers=headers)

    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_wrong_bearer_is_not_rescued_by_a_cookie(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)

    response = await client.get("/api/auth/me", headers={**with_cookie(person), "Authorization": "Bearer nonsense"})

    assert response.status_code == 401


async def test_a_cookie_writes_only_with_its_request_token(client: httpx.AsyncClient, database: Database) -> None:
    person, other = await make_user(database), await make_user(database)

    async def rename(headers: dict[str, str]) -> httpx.Response:
        return await client.patch("/api/auth/me", json={"name": "Renamed"}, headers=headers)

    assert (await rename(with_cookie(person))).json()["code"] == "csrf_missing"
    assert (await rename(with_cookie(person, "wrong"))).status_code == 403
    assert (await rename(with_cookie(person, csrf_token(other.token)))).status_code == 403
    assert (await client.get("/api/auth/me", headers=person.auth)).json()["name"] == person.name
    assert (await rename(with_cookie(person, csrf_token(person.token)))).status_code == 200
    assert (await rename(person.auth)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/auth/logout"),
        ("POST", "/api/auth/password"),
        ("POST", "/api/products"),
        ("PATCH", "/api/users/x"),
        ("DELETE", "/api/users/x"),
        ("DELETE", "/api/products/x"),
    ],
)
async def test_every_kind_of_write_asks_a_cookie_for_its_token(
    client: httpx.AsyncClient, database: Database, method: str, path: str
) -> None:
    person = await make_user(database, "master_admin")
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "name": "P"}

    response = await client.request(method, path, json=body, headers=with_cookie(person))

    assert response.json()["code"] == "csrf_missing"


async def test_a_session_ends_when_its_time_is_over(client: httpx.AsyncClient, database: Database) -> None:
    with frozen(NOON):
        person = await make_user(database)
    with frozen(NOON + timedelta(days=14, seconds=-1)):
        assert await is_signed_in(client, person.token)
    with frozen(NOON + timedelta(days=14)):
        assert not await is_signed_in(client, person.token)


async def test_signing_out_ends_this_session_at_once_and_no_other(
    client: httpx.AsyncClient, database: Database
) -> None:
    person = await make_user(database)
    other = await open_session(database, person.id)
    response = await client.post("/api/auth/logout", headers=with_cookie(person, csrf_token(person.token)))

    assert response.status_code == 204
    assert 'crm_session=""' in response.headers["set-cookie"]
    assert not await is_signed_in(client, person.token)
    assert await is_signed_in(client, other)
    assert (await client.post("/api/auth/logout", headers=person.auth)).status_code == 401


# --- own password ----------------------------------------------------------------------------------------------------


async def test_a_new_password_ends_every_other_session(client: httpx.AsyncClient, database: Database) -> None:
    person, stranger = await make_user(database), await make_user(database)
    other = await open_session(database, person.id)
    changed = await client.post(
        "/api/auth/password",
        json={"current_password": PASSWORD, "new_password": NEW_PASSWORD},
        headers=person.auth,
    )

    assert changed.status_code == 204
    assert await is_signed_in(client, person.token)
    assert not await is_signed_in(client, other)
    assert await is_signed_in(client, stranger.token)
    assert (await sign_in(client, person.email, PASSWORD)).status_code == 401
    assert (await sign_in(client, person.email, NEW_PASSWORD)).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"current_password": "wrong", "new_password": NEW_PASSWORD}, "current_password"),
        ({"current_password": PASSWORD, "new_password": "nine char"}, "new_password"),
        ({"current_password": PASSWORD}, "new_password"),
        ({"current_password": PASSWORD, "new_password": NEW_PASSWORD, "user_id": "x"}, "user_id"),
        ({"current_password": PASSWORD, "new_password": "x" * 513}, "new_password"),
    ],
)
async def test_a_refused_password_changes_nothing(
    client: httpx.AsyncClient, database: Database, body: dict[str, str], field: str
) -> None:
    person = await make_user(database)
    other = await open_session(database, person.id)
    refused = await client.post("/api/auth/password", json=body, headers=person.auth)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert await is_signed_in(client, other)
    assert (await sign_in(client, person.email, PASSWORD)).status_code == 200


async def test_who_finds_an_open_browser_cannot_guess_the_password(
    client: httpx.AsyncClient, database: Database
) -> None:
    person = await make_user(database)
    body = {"current_password": "guess", "new_password": NEW_PASSWORD}
    codes = [(await client.post("/api/auth/password", json=body, headers=person.auth)).status_code for _ in range(9)]
    right = {**body, "current_password": PASSWORD}
    refused = await client.post("/api/auth/password", json=right, headers=person.auth)

    assert codes == [422] * 8 + [429]
    assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
    assert (await sign_in(client, person.email)).status_code == 200


async def test_of_two_password_changes_at_once_one_wins(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    passwords = ["the first long password", "the second long password"]
    answers = await asyncio.gather(
        *(
            client.post(
                "/api/auth/password", json={"current_password": PASSWORD, "new_password": new}, headers=person.auth
            )
            for new in passwords
        )
    )
    works = [(await sign_in(client, person.email, new)).status_code for new in passwords]

    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert [code == 200 for code in works] == [answer.status_code == 204 for answer in answers]


# --- what managers do to a session -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ({"role": "admin"}, True),
        ({"is_active": False}, True),
        ({"password": NEW_PASSWORD}, True),
        ({"role": "staff"}, False),
        ({"is_active": True}, False),
        ({"name": "Renamed"}, False),
        ({"capacity": 5}, False),
        ({"blocked_pages": ["today"]}, False),
        ({"role": "staff", "is_active": True, "name": "Renamed"}, False),
    ],
)
async def test_what_a_manager_changes_holds_at_once(
    client: httpx.AsyncClient, database: Database, change: dict[str, Any], ends: bool
) -> None:
    master, person, stranger = (
        await make_user(database, "master_admin"),
        await make_user(database),
        await make_user(database),
    )
    changed = await client.patch(f"/api/users/{person.id}", json=change, headers=master.auth)

    assert changed.status_code == 200
    assert await is_signed_in(client, person.token) is not ends
    assert await is_signed_in(client, stranger.token)
    assert await is_signed_in(client, master.token)


async def test_a_removed_person_is_out_at_once(client: httpx.AsyncClient, database: Database) -> None:
    admin, person = await make_user(database, "admin"), await make_user(database)
    removed = await client.delete(f"/api/users/{person.id}", headers=admin.auth)

    assert (removed.status_code, removed.json()) == (200, {"recalled_count": 0, "released_count": 0})
    assert not await is_signed_in(client, person.token)
    assert (await sign_in(client, person.email)).status_code == 401


async def test_reactivating_does_not_bring_old_sessions_back(client: httpx.AsyncClient, database: Database) -> None:
    admin, person = await make_user(database, "admin"), await make_user(database)
    for active in (False, True):
        await client.patch(f"/api/users/{person.id}", json={"is_active": active}, headers=admin.auth)

    assert not await is_signed_in(client, person.token)
    assert (await sign_in(client, person.email)).status_code == 200


# --- own profile -----------------------------------------------------------------------------------------------------


async def test_a_profile_is_ones_own_to_change(client: httpx.AsyncClient, database: Database) -> None:
    person, other = await make_user(database, blocked_pages=["users", "today"]), await make_user(database)
    change = {"name": "  New Name ", "language": "id", "theme": "dark"}
    changed = await client.patch("/api/auth/me", json=change, headers=person.auth)

    assert changed.status_code == 200
    me = (await client.get("/api/auth/me", headers=person.auth)).json()
    assert (me["name"], me["language"], me["theme"]) == ("New Name", "id", "dark")
    assert (await client.get("/api/auth/me", headers=other.auth)).json()["name"] == other.name


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "master_admin"}, "role"),
        ({"is_active": True}, "is_active"),
        ({"blocked_pages": []}, "blocked_pages"),
        ({"email": "other@example.test"}, "email"),
        ({"capacity": 9}, "capacity"),
        ({"language": "fr"}, "language"),
        ({"theme": "pink"}, "theme"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"theme": None}, "theme"),
    ],
)
async def test_a_profile_holds_nothing_that_others_decide(
    client: httpx.AsyncClient, database: Database, body: dict[str, Any], field: str
) -> None:
    person = await make_user(database)
    refused = await client.patch("/api/auth/me", json=body, headers=person.auth)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
