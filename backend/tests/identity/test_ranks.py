"""Who may manage whom: the rank rules as a table (spec 1.2)."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.identity.passwords import hash_password
from tests.identity.support import sign_in, user_body
from tests.support.factories import PASSWORD, make_user

ROLES = ("staff", "admin", "master_admin")
RANK = {role: rank for rank, role in enumerate(ROLES)}


def may_manage(actor: str, target: str) -> bool:
    """Only admins and above manage, and only strictly lower ranks."""
    return RANK[actor] >= 1 and RANK[target] < RANK[actor]


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("granted", ROLES)
async def test_who_creates_whom(client: httpx.AsyncClient, database: Database, actor: str, granted: str) -> None:
    who = await make_user(database, actor)
    response = await client.post("/api/users", json=user_body(granted), headers=who.auth)
    async with database.read() as session:
        stored = await session.scalar(select(User).where(User.email_key == "new@example.test"))

    if may_manage(actor, granted):
        assert response.status_code == 201
        assert stored is not None
        assert response.json()["role"] == stored.role == granted
    else:
        assert response.status_code == 403
        assert stored is None


CHANGES: list[dict[str, Any]] = [
    {"name": "Renamed"},
    {"is_active": False},
    {"capacity": 3},
    {"blocked_pages": ["bonanza"]},
    {"password": "another long password"},
]


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("target", ROLES)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
async def test_who_changes_whom(
    client: httpx.AsyncClient, database: Database, actor: str, target: str, change: dict[str, Any]
) -> None:
    who, whom = await make_user(database, actor), await make_user(database, target)
    async with database.read() as session:
        before = await session.get(User, whom.id)
    response = await client.patch(f"/api/users/{whom.id}", json=change, headers=who.auth)
    async with database.read() as session:
        after = await session.get(User, whom.id)

    assert before is not None
    assert after is not None
    columns = ("name", "is_active", "capacity", "blocked_pages", "password_hash")
    changed = [column for column in columns if getattr(before, column) != getattr(after, column)]
    if may_manage(actor, target):
        assert response.status_code == 200
        assert changed == [next(iter(change)).replace("password", "password_hash")]
    else:
        assert response.status_code == 403
        assert changed == []


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("target", ROLES)
@pytest.mark.parametrize("granted", ROLES)
async def test_who_grants_which_role_to_whom(
    client: httpx.AsyncClient, database: Database, actor: str, target: str, granted: str
) -> None:
    who, whom = await make_user(database, actor), await make_user(database, target)
    response = await client.patch(f"/api/users/{whom.id}", json={"role": granted}, headers=who.auth)
    async with database.read() as session:
        stored = await session.get(User, whom.id)

    allowed = may_manage(actor, target) and RANK[granted] < RANK[actor]
    assert stored is not None
    assert (response.status_code, stored.role) == ((200, granted) if allowed else (403, target))


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("target", ROLES)
async def test_who_removes_whom(client: httpx.AsyncClient, database: Database, actor: str, target: str) -> None:
    who, whom = await make_user(database, actor), await make_user(database, target)
    response = await client.delete(f"/api/users/{whom.id}", headers=who.auth)
    async with database.read() as session:
        stored = await session.get(User, whom.id)

    assert stored is not None
    gone = stored.deleted_at is not None
    assert (response.status_code, gone) == ((200, True) if may_manage(actor, target) else (403, False))


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("change", [{"role": "master_admin"}, {"role": "staff"}, {"is_active": False}, *CHANGES])
async def test_nobody_manages_themselves(
    client: httpx.AsyncClient, database: Database, actor: str, change: dict[str, Any]
) -> None:
    who = await make_user(database, actor)

    assert (await client.patch(f"/api/users/{who.id}", json=change, headers=who.auth)).status_code == 403
    assert (await client.delete(f"/api/users/{who.id}", headers=who.auth)).status_code == 403
    assert (await client.get("/api/auth/me", headers=who.auth)).json()["role"] == actor


async def test_a_refusal_over_rank_names_the_role(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    refused = await client.post("/api/users", json=user_body("admin"), headers=admin.auth)

    assert (refused.json()["code"], refused.json()["field"]) == ("rank_too_low", "role")


async def test_a_target_promoted_meanwhile_is_out_of_reach(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The admin's change is checked against the rank at the moment of writing."""
    admin, person = await make_user(database, "admin"), await make_user(database)

    async def promote_meanwhile(password: str) -> str:
        async with database.write() as session:
            user = await session.get(User, person.id)
            assert user is not None
            user.role = "admin"
        return await hash_password(password)

    monkeypatch.setattr("crm_boost.identity.service.hash_password", promote_meanwhile)
    refused = await client.patch(
        f"/api/users/{person.id}", json={"password": "another long password"}, headers=admin.auth
    )

    assert refused.status_code == 403
    assert (await sign_in(client, person.email, PASSWORD)).status_code == 200
