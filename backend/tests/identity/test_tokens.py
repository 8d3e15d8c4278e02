"""Personal tokens: what they open, what they never open, and everything that ends them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.identity import token_pace
from crm_boost.identity.models import ApiToken
from crm_boost.identity.permissions import ROLE_PERMISSIONS, Permission, Role
from crm_boost.identity.principal import API_TOKEN_PREFIX, hash_token
from crm_boost.identity.repository import standing_of_sessions
from crm_boost.identity.scopes import EXPORTING, PERSON_ONLY, Scope, is_covered, scopes_of
from crm_boost.identity.token_pace import TokenPace
from crm_boost.identity.token_repository import find_token_user
from crm_boost.identity.token_service import MOST
from crm_boost.jobs import tidying
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.kit.errors import TooManyRequests
from tests.identity.support import is_signed_in
from tests.support.factories import PASSWORD, Account, make_product, make_user
from tests.support.statements import recorded_statements

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
SOON = utc_now().replace(second=7, microsecond=0)
ALL = [str(scope) for scope in Scope]


async def made(client: httpx.AsyncClient, who: Account, *scopes: str, **fields: Any) -> dict[str, Any]:
    body = {"name": "Nightly script", "scopes": list(scopes or ["read"]), **fields}
    answer = await client.post("/api/tokens", json=body, headers=who.auth)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearer(token: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['token']}"}


async def test_a_token_is_shown_once_and_stored_as_a_hash(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    token = await made(client, person, "work", "read")
    assert token["token"].startswith(API_TOKEN_PREFIX)
    assert (token["scopes"], token["hint"]) == (["read", "work"], token["token"][-4:])
    listed = (await client.get("/api/tokens", headers=person.auth)).json()
    async with database.read() as session:
        stored = (await session.scalars(select(ApiToken))).one()
        audited = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "token.created"))).one()
    assert token["token"] not in f"{listed} {vars(stored)} {audited.detail}"
    assert listed == [{name: value for name, value in token.items() if name != "token"}]
    assert audited.detail == {"name": "Nightly script", "scopes": ["read", "work"], "days": 90}
    assert (await client.get("/api/auth/me", headers=bearer(token))).json()["id"] == person.id


async def test_a_token_opens_what_its_scopes_say(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    product = await make_product(database)
    requests = {
        "read": ("GET", "/api/users", {}),
        "work": ("POST", "/api/omset/preview", {}),
        "manage": ("PATCH", f"/api/products/{product}", {"description": "by a script"}),
        "export": ("POST", "/api/exports/preview", {"kind": "users", "filters": {}}),
    }
    opened: dict[str, list[str]] = {}
    for scope in ALL:
        token = await made(client, admin, scope)
        opened[scope] = []
        for name, (method, path, body) in requests.items():
            answer = await client.request(method, path, json=body if method != "GET" else None, headers=bearer(token))
            refused = answer.status_code == 403
            assert not refused or answer.json()["code"] == "scope_missing", answer.text
            assert answer.status_code < 500
            if not refused:
                opened[scope].append(name)
    assert opened == {"read": ["read"], "work": ["work"], "manage": ["work", "manage"], "export": ["export"]}


async def test_a_list_as_a_file_needs_the_scope_for_files(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    reads, takes = await made(client, person, "read"), await made(client, person, "read", "export")
    for path in ("/api/omset/export", "/api/export/omset"):
        assert (await client.get(path, headers=bearer(reads))).status_code == 403, path
        assert (await client.get(path, headers=bearer(takes))).status_code == 200, path


FOR_PEOPLE: list[tuple[str, str, Any]] = [
    ("POST", "/api/tokens", {"name": "Another", "scopes": ["read"]}),
    ("GET", "/api/tokens", None),
    ("DELETE", "/api/tokens/x", None),
    ("POST", "/api/auth/password", {"current_password": PASSWORD, "new_password": "another long password"}),
    ("PATCH", "/api/auth/me", {"name": "Renamed"}),
    ("POST", "/api/auth/logout", None),
    ("GET", "/api/auth/sessions", None),
    ("DELETE", "/api/auth/sessions", None),
    ("POST", "/api/users", {"email": "a@example.test", "name": "A", "role": "staff", "password": PASSWORD}),
    ("PATCH", "/api/users/x", {"password": "another long password"}),
    ("GET", "/api/users/x/sessions", None),
    ("POST", "/api/webhooks", {}),
]


async def test_no_token_makes_an_account_or_opens_one(client: httpx.AsyncClient, database: Database) -> None:
    master = await make_user(database, "master_admin")
    token = await made(client, master, *ALL)
    for method, path, body in FOR_PEOPLE:
        answer = await client.request(method, path, json=body, headers=bearer(token))
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), (method, path)
    assert await is_signed_in(client, token["token"])


async def test_a_token_is_no_cookie(client: httpx.AsyncClient, database: Database) -> None:
    token = await made(client, await make_user(database))
    assert (await client.get("/api/auth/me", headers={"Cookie": f"crm_session={token['token']}"})).status_code == 401


async def test_a_token_follows_its_person(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database, "admin", blocked_pages=["products"])
    token = await made(client, person, "read", "manage")
    answer = await client.post("/api/products", json={"name": "P"}, headers=bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (403, "page_blocked")
    staff = await make_user(database)
    works = await made(client, staff, "read", "work")
    answer = await client.get("/api/users", headers=bearer(works))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_what_ends_a_token(client: httpx.AsyncClient, database: Database) -> None:
    master = await make_user(database, "master_admin")

    async def after(change: dict[str, Any] | None) -> bool:
        person = await make_user(database)
        token = (await made(client, person))["token"]
        if change is None:
            answer = await client.delete(f"/api/users/{person.id}", headers=master.auth)
        else:
            answer = await client.patch(f"/api/users/{person.id}", json=change, headers=master.auth)
        assert answer.status_code == 200, answer.text
        return await is_signed_in(client, token)

    assert [
        await after(change) for change in ({"role": "admin"}, {"is_active": False}, {"password": PASSWORD}, None)
    ] == [False] * 4
    assert [await after(change) for change in ({"name": "Renamed"}, {"blocked_pages": ["omset"]})] == [True, True]
    person = await make_user(database)
    token = await made(client, person)
    body = {"current_password": PASSWORD, "new_password": "another long password"}
    assert (await client.post("/api/auth/password", json=body, headers=person.auth)).status_code == 204
    assert not await is_signed_in(client, token["token"])


async def test_a_token_ends_by_itself_and_is_tidied_up_later(client: httpx.AsyncClient, database: Database) -> None:
    with frozen(NOON):
        person = await make_user(database)
        token = await made(client, person, expires_in_days=1)
    with frozen(NOON + timedelta(days=1)):
        assert not await is_signed_in(client, token["token"])
        assert [one["is_expired"] for one in (await client.get("/api/tokens", headers=person.auth)).json()] == [True]
        assert (await tidying.session_cleanup(database))["api_tokens"] == 0
    with frozen(NOON + timedelta(days=31)):
        assert (await tidying.session_cleanup(database))["api_tokens"] == 1


async def test_who_ends_whose(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, other = [await make_user(database, role) for role in ("admin", "staff", "staff")]
    token = await made(client, staff)
    path = f"/api/tokens/{token['id']}"
    assert (await client.delete(path)).status_code == 401
    assert (await client.delete(path, headers=other.auth)).status_code == 404
    assert await is_signed_in(client, token["token"])
    assert (await client.delete(path, headers=staff.auth)).status_code == 204
    assert not await is_signed_in(client, token["token"])

    token = await made(client, staff)
    theirs = f"/api/users/{staff.id}/tokens"
    assert (await client.get(theirs)).status_code == 401
    assert (await client.get(theirs, headers=other.auth)).status_code == 403
    assert [one["id"] for one in (await client.get(theirs, headers=admin.auth)).json()] == [token["id"]]
    assert (await client.delete(f"/api/users/{other.id}/tokens/{token['id']}", headers=admin.auth)).status_code == 404
    assert (await client.delete(f"{theirs}/{token['id']}", headers=admin.auth)).status_code == 204
    assert not await is_signed_in(client, token["token"])
    peer = await make_user(database, "admin")
    assert (await client.get(f"/api/users/{peer.id}/tokens", headers=admin.auth)).json()["code"] == "rank_too_low"
    assert (await client.get("/api/users/nobody/tokens", headers=admin.auth)).status_code == 404


async def test_bad_input_names_its_field(client: httpx.AsyncClient, database: Database) -> None:
    staff = await make_user(database)
    bad: list[tuple[str, dict[str, Any]]] = [
        ("name", {"name": ""}),
        ("name", {"name": "a\nb"}),
        ("scopes", {"scopes": []}),
        ("scopes", {"scopes": ["everything"]}),
        ("scopes", {"scopes": ["manage"]}),
        ("expires_in_days", {"expires_in_days": 0}),
        ("expires_in_days", {"expires_in_days": 366}),
        ("surprise", {"surprise": 1}),
    ]
    for field, body in bad:
        answer = await client.post("/api/tokens", json={"name": "A", "scopes": ["read"], **body}, headers=staff.auth)
        assert answer.status_code == 422, body
        assert answer.json()["errors"][0]["field"].startswith(field)


async def test_there_are_never_too_many(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    for _ in range(MOST - 1):
        await made(client, person)
    body = {"name": "More", "scopes": ["read"]}
    answers = await asyncio.gather(*(client.post("/api/tokens", json=body, headers=person.auth) for _ in range(4)))
    refused = [answer.json()["code"] for answer in answers if answer.status_code == 409]
    assert refused == ["too_many_tokens"] * 3
    assert len((await client.get("/api/tokens", headers=person.auth)).json()) == MOST


async def test_a_stream_ends_with_its_token(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database, blocked_pages=["omset"])
    token = await made(client, person)
    hashes = [hash_token(token["token"]), hash_token(person.token), "unknown"]

    async def standing() -> dict[str, tuple[str, frozenset[str]]]:
        async with database.read() as session:
            return await standing_of_sessions(session, hashes, utc_now())

    assert await standing() == dict.fromkeys(hashes[:2], ("staff", frozenset({"omset"})))
    await client.delete(f"/api/tokens/{token['id']}", headers=person.auth)
    assert set(await standing()) == {hashes[1]}


async def test_its_use_is_noted_and_nobody_is_present_by_it(
    client: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    with frozen(NOON):
        person = await make_user(database, "admin")
        token = await made(client, person, "read", "manage")
        # Making it was a request of the person: forgotten, so that only the token is left to be seen.
        await app.state.activity.flush()
    with frozen(NOON + timedelta(hours=1)):
        await client.post("/api/products", json={"name": "By a script"}, headers=bearer(token))
        await app.state.activity.flush()
        row = (await client.get(f"/api/users?q={person.email}", headers=bearer(token))).json()[0]
        assert datetime.fromisoformat(row["last_seen_at"]) == NOON
        listed = (await client.get("/api/tokens", headers=person.auth)).json()
    assert datetime.fromisoformat(listed[0]["last_used_at"]) == NOON + timedelta(hours=1)
    async with database.read() as session:
        entries = await session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "product"))
        assert [(entry.actor_id, entry.detail["by_token"]) for entry in entries] == [(person.id, "Nightly script")]


async def test_a_token_in_a_loop_is_slowed_down(client: httpx.AsyncClient, app: FastAPI, database: Database) -> None:
    person = await make_user(database)
    token = await made(client, person)
    app.state.token_pace = TokenPace(database, 2)
    with frozen(NOON):
        codes = [(await client.get("/api/auth/me", headers=bearer(token))).status_code for _ in range(3)]
        answer = await client.get("/api/auth/me", headers=bearer(token))
        assert (codes, answer.headers["retry-after"]) == ([200, 200, 429], "60")
        assert await is_signed_in(client, person.token)
    with frozen(NOON + timedelta(minutes=1)):
        assert await is_signed_in(client, token["token"])


async def asked(pace: TokenPace, database: Database, token: dict[str, Any], now: datetime) -> bool:
    """Whether this process lets a request through that it gets with this token."""
    async with database.read() as session:
        row = await find_token_user(session, hash_token(token["token"]), now)
    assert row is not None
    try:
        await pace.use(row.token_id, (row.minute, row.minute_requests), now)
    except TooManyRequests:
        return False
    return True


async def test_the_pace_is_counted_by_token_and_minute_in_all_processes(
    client: httpx.AsyncClient, database: Database
) -> None:
    person = await make_user(database)
    mine, other = await made(client, person), await made(client, person)
    here, there = TokenPace(database, 3), TokenPace(database, 3)
    before = [await asked(pace, database, mine, SOON) for pace in (here, there, here, there, here)]
    assert before == [True, True, True, False, False]
    assert await asked(there, database, other, SOON)
    after = [await asked(pace, database, mine, SOON + timedelta(minutes=1)) for pace in (there, here, there, here)]
    assert after == [True, True, True, False]
    # A process whose clock is behind takes nothing away from what others have counted.
    await asked(TokenPace(database, 9), database, mine, SOON)
    assert not await asked(here, database, mine, SOON + timedelta(minutes=1))


async def test_what_processes_count_together_is_written_in_steps(client: httpx.AsyncClient, database: Database) -> None:
    token = await made(client, await make_user(database))
    here, there = TokenPace(database, 100), TokenPace(database, 100)
    with recorded_statements(database) as statements:
        assert all([await asked(here, database, token, SOON) for _ in range(4)])
        assert not any(statement.startswith("UPDATE") for statement in statements)
        assert all([await asked(here, database, token, SOON) for _ in range(86)])
        assert len([statement for statement in statements if statement.startswith("UPDATE")]) == 90 // 5
    # The other process may make what is left, and what it has not told yet is all that can be too many.
    through = [await asked(pace, database, token, SOON) for _ in range(15) for pace in (there, here)]
    assert 10 <= sum(through) <= 10 + 4
    assert not any(through[-2:])
    with recorded_statements(database) as statements:
        assert not await asked(here, database, token, SOON)
    assert not any(statement.startswith("UPDATE") for statement in statements)


async def test_what_could_not_be_written_is_not_forgotten(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await made(client, await make_user(database))
    here, there = TokenPace(database, 2), TokenPace(database, 2)

    async def fails(*_arguments: Any) -> int:
        raise OperationalError("UPDATE", {}, Exception("away"))

    with monkeypatch.context() as away:
        away.setattr(token_pace, "add_requests", fails)
        assert await asked(here, database, token, SOON)
    assert await asked(here, database, token, SOON)
    assert [await asked(pace, database, token, SOON) for pace in (here, there)] == [False, False]


async def test_requests_at_the_same_moment_are_all_counted(client: httpx.AsyncClient, database: Database) -> None:
    token = await made(client, await make_user(database))
    here, there = TokenPace(database, 7), TokenPace(database, 7)
    through = await asyncio.gather(*(asked(pace, database, token, SOON) for pace in (here, there) * 10))
    # Each process knows of the other what was written when it read: at worst it lets through what a minute allows.
    assert 7 <= sum(through) <= 14
    async with database.read() as session:
        row = (await session.scalars(select(ApiToken))).one()
    assert (row.minute, row.minute_requests) == (SOON.replace(second=0), sum(through))


@pytest.mark.pure
def test_every_permission_falls_into_exactly_one_scope_or_none() -> None:
    for permission in Permission:
        changing = [scope for scope in Scope if is_covered(permission, {scope}, reads=False)]
        looking = [scope for scope in Scope if is_covered(permission, {scope}, reads=True)]
        if permission in PERSON_ONLY:
            assert (changing, looking) == ([], [])
        elif permission in EXPORTING:
            assert changing == looking == [Scope.EXPORT]
        else:
            assert looking == [Scope.READ]
            is_daily = permission in ROLE_PERMISSIONS[Role.STAFF]
            assert changing == ([Scope.WORK, Scope.MANAGE] if is_daily else [Scope.MANAGE])
    assert scopes_of(Role.STAFF) == [Scope.READ, Scope.WORK, Scope.EXPORT]
    assert scopes_of(Role.ADMIN) == scopes_of(Role.MASTER_ADMIN) == list(Scope)
