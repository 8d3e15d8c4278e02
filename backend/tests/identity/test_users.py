"""The life of a user: created, changed, removed, each change in the audit log (spec 1.2, 1.5)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.identity.events import UserRemoved
from crm_boost.identity.models import User
from tests.identity.support import listed, sign_in, user_body
from tests.support.factories import make_user

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


async def test_a_created_user_can_sign_in_and_is_shown(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    body = user_body(capacity=20, blocked_pages=["bonanza", "today", "bonanza"])
    made = (await client.post("/api/users", json=body, headers=admin.auth)).json()

    assert made["created_at"].endswith("+00:00") or made["created_at"].endswith("Z")
    assert made.pop("created_at")
    assert made == {
        "id": made["id"],
        "email": "new@example.test",
        "name": "New Person",
        "role": "staff",
        "is_active": True,
        "capacity": 20,
        "blocked_pages": ["bonanza", "today"],
        "language": "id",
        "presence": "offline",
    }
    assert (await sign_in(client, "new@example.test")).status_code == 200


async def test_the_desk_starts_in_english_and_staff_in_indonesian(
    client: httpx.AsyncClient, database: Database
) -> None:
    master = await make_user(database, "master_admin")
    for role, language in (("staff", "id"), ("admin", "en")):
        body = user_body(role, email=f"{role}@example.test")
        assert (await client.post("/api/users", json=body, headers=master.auth)).json()["language"] == language


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "boss"}, "role"),
        ({"email": "x"}, "email"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"password": "short"}, "password"),
        ({"capacity": -1}, "capacity"),
        ({"capacity": 10**30}, "capacity"),
        ({"capacity": 1.5}, "capacity"),
        ({"blocked_pages": ["profile"]}, "blocked_pages.0"),
        ({"blocked_pages": ["nowhere"]}, "blocked_pages.0"),
        ({"permissions": ["trash.empty"]}, "permissions"),
        ({"id": "mine"}, "id"),
        ({"is_active": False}, "is_active"),
    ],
)
async def test_a_wrong_or_unknown_field_is_refused_on_creation(
    client: httpx.AsyncClient, database: Database, change: dict[str, Any], field: str
) -> None:
    admin = await make_user(database, "admin")
    refused = await client.post("/api/users", json={**user_body(), **change}, headers=admin.auth)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert len(await listed(client, admin)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "other@example.test"}, "email"),
        ({"roles": "admin"}, "roles"),
        ({"name": None}, "name"),
        ({"role": None}, "role"),
        ({"is_active": None}, "is_active"),
        ({"blocked_pages": None}, "blocked_pages"),
        ({"password": None}, "password"),
        ({"password": "short"}, "password"),
    ],
)
async def test_a_wrong_or_unknown_field_is_refused_on_change(
    client: httpx.AsyncClient, database: Database, change: dict[str, Any], field: str
) -> None:
    admin, person = await make_user(database, "admin"), await make_user(database)
    refused = await client.patch(f"/api/users/{person.id}", json=change, headers=admin.auth)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


async def test_a_capacity_can_be_taken_away_again(client: httpx.AsyncClient, database: Database) -> None:
    admin, person = await make_user(database, "admin"), await make_user(database, capacity=5)
    changed = await client.patch(f"/api/users/{person.id}", json={"capacity": None}, headers=admin.auth)

    assert changed.status_code == 200
    assert "capacity" not in changed.json()
    async with database.read() as session:
        assert await session.scalar(select(User.capacity).where(User.id == person.id)) is None


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_nobody_who_is_not_there_can_be_changed(
    client: httpx.AsyncClient, database: Database, method: str
) -> None:
    admin = await make_user(database, "admin")
    removed = await make_user(database, is_active=False, deleted_at=NOON)
    for user_id in ("nobody", removed.id):
        response = await client.request(method, f"/api/users/{user_id}", json={"name": "X"}, headers=admin.auth)
        assert response.status_code == 404


@pytest.mark.parametrize("email", ["NEW@Example.TEST", " new@example.test ", "ｎew@example.test"])
async def test_an_email_belongs_to_one_person(client: httpx.AsyncClient, database: Database, email: str) -> None:
    admin = await make_user(database, "admin")
    await make_user(database, email="new@example.test")
    taken = await client.post("/api/users", json=user_body(email=email), headers=admin.auth)

    assert (taken.status_code, taken.json()["code"], taken.json()["field"]) == (409, "email_taken", "email")


async def test_of_several_who_take_an_email_at_once_one_gets_it(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    emails = ["race@example.test", "Race@example.test", "RACE@example.test", "race@EXAMPLE.test"]
    answers = await asyncio.gather(
        *(client.post("/api/users", json=user_body(email=email), headers=admin.auth) for email in emails)
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_the_email_of_a_removed_person_is_free_again(client: httpx.AsyncClient, database: Database) -> None:
    admin, person = await make_user(database, "admin"), await make_user(database)
    await client.delete(f"/api/users/{person.id}", headers=admin.auth)
    again = await client.post("/api/users", json=user_body(email=person.email), headers=admin.auth)

    assert again.status_code == 201
    assert again.json()["id"] != person.id


async def test_removing_tells_the_other_modules_and_answers_what_they_released(
    client: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    admin, person = await make_user(database, "admin"), await make_user(database)
    told: list[str] = []

    async def release(_session: Any, event: UserRemoved) -> None:
        told.append(event.user_id)
        event.effects["recalled"] = event.effects.get("recalled", 0) + 7
        event.effects["released"] = event.effects.get("released", 0) + 2

    app.state.database.bus.on(UserRemoved, release)
    removed = await client.delete(f"/api/users/{person.id}", headers=admin.auth)

    assert (removed.json(), told) == ({"recalled_count": 7, "released_count": 2}, [person.id])


async def test_a_removal_that_another_module_refuses_does_not_happen(
    client: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    from crm_boost.kit.errors import Conflict

    admin, person = await make_user(database, "admin"), await make_user(database)

    async def refuse(_session: Any, _event: UserRemoved) -> None:
        raise Conflict("Not now.")

    app.state.database.bus.on(UserRemoved, refuse)

    assert (await client.delete(f"/api/users/{person.id}", headers=admin.auth)).status_code == 409
    assert (await client.get("/api/auth/me", headers=person.auth)).status_code == 200


async def test_every_change_is_in_the_audit_log_without_its_secrets(
    client: httpx.AsyncClient, database: Database
) -> None:
    admin = await make_user(database, "admin")
    made = (await client.post("/api/users", json=user_body(), headers=admin.auth)).json()
    change = {"name": "Renamed", "password": "another long password"}
    await client.patch(f"/api/users/{made['id']}", json=change, headers=admin.auth)
    await client.delete(f"/api/users/{made['id']}", headers=admin.auth)
    async with database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.seq))).all()

    assert [entry.action for entry in entries] == ["user.created", "user.updated", "user.removed"]
    assert {(entry.actor_id, entry.object_id) for entry in entries} == {(admin.id, made["id"])}
    assert entries[1].detail == {"fields": ["name", "password"]}
    assert "another long password" not in str([entry.detail for entry in entries])
