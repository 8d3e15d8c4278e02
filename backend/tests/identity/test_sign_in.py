"""First run, sign in and out, what ends a session, and how guessing is slowed down."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.identity.models import LoginThrottle, User, UserSession
from crm_boost.identity.passwords import hash_password, verify_password
from crm_boost.identity.principal import hash_token
from crm_boost.identity.service import needs_set_up
from crm_boost.kit.clock import frozen
from tests.identity.support import FIRST, is_signed_in, sign_in
from tests.support.factories import PASSWORD, make_user

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


# --- first run -------------------------------------------------------------------------------------------------------


async def test_the_first_person_becomes_master_and_is_signed_in(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/setup")).json() == {"needs_setup": True, "password_min_length": 10}
    made = await client.post("/api/setup", json=FIRST)
    client.cookies.clear()

    assert made.status_code == 201
    assert made.json()["user"]["role"] == "master_admin"
    assert await is_signed_in(client, made.json()["token"])
    assert (await client.get("/api/setup")).json() == {"needs_setup": False, "password_min_length": 10}


@pytest.mark.parametrize("body", [FIRST, {**FIRST, "email": "second@example.test"}, {**FIRST, "password": "short"}])
async def test_there_is_one_first_run(client: httpx.AsyncClient, body: dict[str, str]) -> None:
    await client.post("/api/setup", json=FIRST)
    again = await client.post("/api/setup", json=body)

    assert (again.status_code, again.json()["code"]) == (409, "already_set_up")


async def test_removing_everybody_does_not_open_the_first_run_again(
    client: httpx.AsyncClient, database: Database
) -> None:
    await make_user(database, is_active=False, deleted_at=NOON)

    assert (await client.post("/api/setup", json=FIRST)).status_code == 409


async def test_first_runs_at_once_make_one_person(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_passed_the_first_check = asyncio.Barrier(3)

    async def hash_together(password: str) -> str:
        hashed = await hash_password(password)
        await all_passed_the_first_check.wait()
        return hashed

    monkeypatch.setattr("crm_boost.identity.service.hash_password", hash_together)
    bodies = [{**FIRST, "email": f"person{number}@example.test"} for number in range(3)]
    answers = await asyncio.gather(*(client.post("/api/setup", json=body) for body in bodies))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 1
        assert not await needs_set_up(session)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "nine char"}, "password"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "a b@example.test"}, "email"),
        ({"email": "a@example..test"}, "email"),
        ({"email": "a\0@example.test"}, "email"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"role": "master_admin"}, "role"),
    ],
)
async def test_a_first_person_needs_proper_details(
    client: httpx.AsyncClient, database: Database, change: dict[str, str], field: str
) -> None:
    refused = await client.post("/api/setup", json={**FIRST, **change})

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    async with database.read() as session:
        assert await needs_set_up(session)


# --- sign in ---------------------------------------------------------------------------------------------------------


async def test_signing_in_answers_the_token_and_the_person(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database, "admin", blocked_pages=["bonanza"], language="id", theme="dark")
    response = await client.post("/api/auth/login", json={"email": person.email, "password": PASSWORD})

    body = response.json()
    assert response.status_code == 200
    assert set(body) == {"token", "csrf_token", "user"}
    permissions = body["user"].pop("permissions")
    assert body["user"] == {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": "admin",
        "blocked_pages": ["bonanza"],
        "language": "id",
        "theme": "dark",
    }
    assert "users.manage" in permissions
    assert "admins.manage" not in permissions
    assert "records.work" not in permissions


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: httpx.AsyncClient, database: Database
) -> None:
    person = await make_user(database)
    plain = (await sign_in(client, person.email)).headers["set-cookie"].lower()
    over_tls = await client.post("https://crm.test/api/auth/login", json={"email": person.email, "password": PASSWORD})

    for part in ("crm_session=", "httponly", "samesite=lax", "path=/", "max-age=1209600"):
        assert part in plain
    assert "secure" not in plain
    assert "domain" not in plain
    assert "secure" in over_tls.headers["set-cookie"].lower()


async def test_what_is_stored_of_a_session_opens_nothing(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    token = (await sign_in(client, person.email)).json()["token"]
    async with database.read() as session:
        stored = (await session.scalars(select(UserSession.token_hash))).all()
        password = await session.scalar(select(User.password_hash))

    assert token not in stored
    assert hash_token(token) in stored
    assert not [one for one in stored if await is_signed_in(client, one)]
    assert password is not None
    assert password.startswith("$argon2id$")


async def test_email_ignores_case_and_space_around(client: httpx.AsyncClient, database: Database) -> None:
    await make_user(database, email="Mixed.Case@Example.test")

    assert (await sign_in(client, "  mixed.case@EXAMPLE.TEST ")).status_code == 200


async def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(
    client: httpx.AsyncClient, database: Database
) -> None:
    known = await make_user(database)
    inactive = await make_user(database, is_active=False)
    removed = await make_user(database, is_active=False, deleted_at=NOON)
    answers = [
        await sign_in(client, known.email, "not the password"),
        await sign_in(client, "nobody@example.test", PASSWORD),
        await sign_in(client, inactive.email, PASSWORD),
        await sign_in(client, removed.email, PASSWORD),
    ]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert bodies[0]["code"] == "wrong_credentials"
    assert bodies == [bodies[0]] * 4
    assert not [answer for answer in answers if "set-cookie" in answer.headers]


@pytest.mark.usefixtures("real_passwords")
async def test_an_unknown_person_costs_as_much_time_as_a_wrong_password() -> None:
    stored = await hash_password(PASSWORD)

    async def seconds(hashed: str | None) -> float:
        started = time.perf_counter()
        assert not await verify_password("wrong", hashed)
        return time.perf_counter() - started

    known = min([await seconds(stored) for _ in range(3)])
    unknown = min([await seconds(None) for _ in range(3)])

    assert unknown > known / 3


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
async def test_a_form_of_another_site_cannot_sign_anybody_in(
    client: httpx.AsyncClient, database: Database, kind: str
) -> None:
    person = await make_user(database)
    content = f'{{"email": "{person.email}", "password": "{PASSWORD}"}}'

    response = await client.post("/api/auth/login", content=content, headers={"content-type": kind})

    assert response.status_code == 422
    assert "set-cookie" not in response.headers


async def test_a_sign_in_is_in_the_audit_log_under_its_request(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    await sign_in(client, person.email, headers={"X-Request-Id": "sign-in-1"})
    async with database.read() as session:
        entry = (await session.scalars(select(AuditEntry))).one()

    assert (entry.action, entry.actor_id, entry.actor_name) == ("auth.sign_in", person.id, person.name)
    assert (entry.object_id, entry.correlation_id, entry.address) == (person.id, "sign-in-1", "127.0.0.1")


# --- throttling ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def elsewhere(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client at another address."""
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.test") as client:
        yield client


async def test_after_eight_failures_even_the_right_password_waits(
    client: httpx.AsyncClient, elsewhere: httpx.AsyncClient, database: Database
) -> None:
    person, other = await make_user(database), await make_user(database)
    with frozen(NOON):
        codes = [(await sign_in(client, person.email, "wrong")).status_code for _ in range(9)]
        refused = await sign_in(client, person.email.upper())
        from_elsewhere = await sign_in(elsewhere, person.email)
        of_other = await sign_in(client, other.email)
    with frozen(NOON + timedelta(seconds=899)):
        still = await sign_in(client, person.email)
    with frozen(NOON + timedelta(seconds=901)):
        good = await sign_in(client, person.email)

    assert codes == [401] * 8 + [429]
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 895 <= int(refused.headers["retry-after"]) <= 901
    assert from_elsewhere.status_code == 429
    assert of_other.status_code == 200
    assert (still.status_code, int(still.headers["retry-after"])) == (429, 2)
    assert good.status_code == 200


async def test_unknown_people_are_throttled_the_same_way(client: httpx.AsyncClient) -> None:
    codes = [(await sign_in(client, "nobody@example.test", "wrong")).status_code for _ in range(9)]

    assert codes == [401] * 8 + [429]


async def test_a_good_sign_in_clears_the_failures(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    for _ in range(2):
        codes = [(await sign_in(client, person.email, "wrong")).status_code for _ in range(7)]
        assert codes == [401] * 7
        assert (await sign_in(client, person.email)).status_code == 200


async def test_an_address_that_tries_many_people_waits(
    client: httpx.AsyncClient, elsewhere: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    app.state.settings.auth.max_failures_per_address = 5
    person = await make_user(database)
    codes = [(await sign_in(client, f"nobody{number}@example.test", "wrong")).status_code for number in range(6)]

    assert codes == [401] * 5 + [429]
    assert (await sign_in(client, person.email)).status_code == 429
    assert (await sign_in(elsewhere, person.email)).status_code == 200


async def test_guesses_sent_all_at_once_count_like_one_after_the_other(
    client: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    app.state.settings.auth.max_failures = 3
    person = await make_user(database)
    answers = await asyncio.gather(*(sign_in(client, person.email, f"guess {number}") for number in range(12)))
    late = await sign_in(client, person.email)

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [401] * 3 + [429] * 9
    assert late.status_code == 429


async def test_a_right_guess_behind_too_many_wrong_ones_opens_nothing(
    client: httpx.AsyncClient, app: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right one passes the first check, and is overtaken by the wrong ones while its password is checked."""
    app.state.settings.auth.max_failures = 2
    person = await make_user(database)
    overtaken = asyncio.Event()

    async def slow_when_right(password: str, stored: str | None) -> bool:
        if password == PASSWORD:
            await overtaken.wait()
        return await verify_password(password, stored)

    monkeypatch.setattr("crm_boost.identity.service.verify_password", slow_when_right)
    right = asyncio.create_task(sign_in(client, person.email))
    await asyncio.sleep(0.05)
    for _ in range(2):
        await sign_in(client, person.email, "wrong")
    overtaken.set()

    assert (await right).status_code == 429


@pytest.mark.parametrize("change", [{"is_active": False}, {"password_hash": "changed"}, {"deleted_at": NOON}])
async def test_a_person_changed_while_the_password_is_checked_does_not_get_in(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch, change: dict[str, object]
) -> None:
    person = await make_user(database)

    async def change_meanwhile(password: str, stored: str | None) -> bool:
        right = await verify_password(password, stored)
        async with database.write() as session:
            user = await session.get(User, person.id)
            for name, value in change.items():
                setattr(user, name, value)
        return right

    monkeypatch.setattr("crm_boost.identity.service.verify_password", change_meanwhile)

    assert (await sign_in(client, person.email)).status_code == 401


async def test_windows_that_are_over_are_forgotten(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    with frozen(NOON):
        for number in range(3):
            await sign_in(client, f"nobody{number}@example.test", "wrong")
    with frozen(NOON + timedelta(hours=1)):
        await sign_in(client, person.email)
    async with database.read() as session:
        left = await session.scalar(select(func.count()).select_from(LoginThrottle))

    assert left == 0


async def test_an_expired_sessions_row_is_removed_at_the_next_sign_in(
    client: httpx.AsyncClient, database: Database
) -> None:
    with frozen(NOON):
        person = await make_user(database)
    with frozen(NOON + timedelta(days=30)):
        await sign_in(client, person.email)
    async with database.read() as session:
        left = await session.scalar(select(func.count()).select_from(UserSession))

    assert left == 1
