"""Everybody sees where they are signed in, and ends it: one by one, or everywhere else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from tests.identity.support import is_signed_in, sign_in
from tests.support.factories import Account, make_user, open_session

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
OWN = "/api/auth/sessions"


async def listed(client: httpx.AsyncClient, who: Account, path: str = OWN) -> list[dict[str, Any]]:
    answer = await client.get(path, headers=who.auth)
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()
    return rows


async def test_one_sees_ones_own_and_which_one_asks(client: httpx.AsyncClient, database: Database) -> None:
    person, _other = await make_user(database), await make_user(database)
    browser = {"User-Agent": "Mozilla/5.0 (Test)"}
    signed_in = (await sign_in(client, person.email, headers=browser)).json()
    rows = await listed(client, person)
    assert [row["is_current"] for row in rows] == [False, True]
    assert rows[0]["user_agent"] == browser["User-Agent"]
    for token in (person.token, signed_in["token"]):
        assert token not in str(rows)
    assert (await client.get(OWN)).status_code == 401


async def test_one_by_one(client: httpx.AsyncClient, database: Database) -> None:
    person, stranger = await make_user(database), await make_user(database)
    second = await open_session(database, person.id)
    wanted = next(row["id"] for row in await listed(client, person) if not row["is_current"])
    assert (await client.delete(f"{OWN}/{wanted}")).status_code == 401
    assert (await client.delete(f"{OWN}/{wanted}", headers=stranger.auth)).status_code == 404
    assert await is_signed_in(client, second)
    assert (await client.delete(f"{OWN}/{wanted}", headers=person.auth)).status_code == 204
    assert not await is_signed_in(client, second)
    assert await is_signed_in(client, person.token)
    assert (await client.delete(f"{OWN}/{wanted}", headers=person.auth)).status_code == 404


async def test_everywhere_else_at_once(client: httpx.AsyncClient, database: Database) -> None:
    person, stranger = await make_user(database), await make_user(database)
    others = [await open_session(database, person.id) for _ in range(2)]
    assert (await client.delete(OWN)).status_code == 401
    assert (await client.delete(OWN, headers=person.auth)).status_code == 204
    assert [await is_signed_in(client, token) for token in (*others, person.token, stranger.token)] == [
        False,
        False,
        True,
        True,
    ]


async def test_admins_end_one_of_somebody_below_them(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    rows = await listed(client, admin, f"/api/users/{staff.id}/sessions")
    path = f"/api/users/{staff.id}/sessions/{rows[0]['id']}"
    assert (await client.delete(path)).status_code == 401
    assert (await client.delete(path, headers=staff.auth)).status_code == 403
    master = await make_user(database, "master_admin")
    above = (await listed(client, master))[0]["id"]
    assert (await client.delete(f"/api/users/{master.id}/sessions/{above}", headers=admin.auth)).status_code == 403
    assert (await client.delete(f"/api/users/{staff.id}/sessions/{above}", headers=admin.auth)).status_code == 404
    assert (await client.delete(path, headers=admin.auth)).status_code == 204
    assert not await is_signed_in(client, staff.token)
    assert await is_signed_in(client, master.token)


async def test_when_a_sign_in_was_used_last(client: httpx.AsyncClient, app: FastAPI, database: Database) -> None:
    with frozen(NOON):
        person = await make_user(database)
        await open_session(database, person.id)

    async def seen_at(minutes: float) -> list[float]:
        with frozen(NOON + timedelta(minutes=minutes)):
            rows = await listed(client, person)
            await app.state.activity.flush()
            ages = [datetime.fromisoformat(row["last_seen_at"]) - NOON for row in rows if row["is_current"]]
            assert all(datetime.fromisoformat(r["last_seen_at"]) == NOON for r in rows if not r["is_current"])
        return [age.total_seconds() / 60 for age in ages]

    # What is shown is what was written by the request before; some minutes are not worth a write.
    assert [await seen_at(minutes) for minutes in (1, 2, 7, 8)] == [[0], [1], [1], [7]]
