"""Users under the rank rules (spec 1.2), their list, their presence."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.identity.activity import ActivityRecorder, presence_of
from crm_boost.identity.events import UserRemoved
from crm_boost.identity.models import User
from crm_boost.identity.passwords import hash_password
from crm_boost.kit.clock import frozen, utc_now
from tests.identity.support import sign_in, user_body
from tests.support.factories import PASSWORD, Account, make_user
from tests.support.statements import recorded_statements

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
ROLES = ("staff", "admin", "master_admin")
RANK = {role: rank for rank, role in enumerate(ROLES)}


async def listed(client: httpx.AsyncClient, who: Account, **params: Any) -> list[dict[str, Any]]:
    response = await client.get("/api/users", headers=who.auth, params=params)
    assert response.status_code == 200
    rows: list[dict[str, Any]] = response.json()
    return rows


# --- the rank rules, as a table --------------------------------------------------------------------------------------


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


# --- what may be written ---------------------------------------------------------------------------------------------


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


# --- lists -----------------------------------------------------------------------------------------------------------


async def test_the_list_is_bare_and_shows_the_caller_and_all_staff(
    client: httpx.AsyncClient, database: Database
) -> None:
    admin = await make_user(database, "admin")
    people = [admin, await make_user(database), await make_user(database, is_active=False)]
    await make_user(database, is_active=False, deleted_at=NOON)
    rows = await listed(client, admin)

    assert {row["id"] for row in rows} == {person.id for person in people}
    assert all(set(row) >= {"id", "email", "role", "name", "is_active", "presence", "created_at"} for row in rows)
    assert not [row for row in rows if None in row.values()]
    assert not [row for row in rows if "password" in str(row)]


async def test_paging_reads_everybody_once_in_order(client: httpx.AsyncClient, database: Database) -> None:
    names = ["Ünal", "anna", "Bob", "Bob", "Zoe", "Émile", "bob", "李"]
    admin = await make_user(database, "admin", name="Adam")
    for name in names:
        await make_user(database, name=name)
    read: list[tuple[str, str]] = []
    path: str | None = "/api/users?limit=2&q="
    while path:
        response = await client.get(path, headers=admin.auth)
        assert response.headers["x-total-count"] == str(len(names) + 1)
        read += [(row["name"], row["id"]) for row in response.json()]
        path = response.links["next"]["url"] if "next" in response.links else None

    assert read == sorted(read)
    assert sorted(name for name, _ in read) == sorted([*names, "Adam"])


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("anna", {"Anna Bell"}),
        ("BELL", {"Anna Bell"}),
        ("ünal", {"Ünal 100%"}),
        ("ÜNAL", {"Ünal 100%"}),
        ("100%", {"Ünal 100%"}),
        ("%", {"Ünal 100%"}),
        ("_", set()),
        ("\\", set()),
        ("sample.org", {"Carl"}),
        ("", {"Anna Bell", "Ünal 100%", "Carl", "Adam"}),
        ("nobody at all", set()),
    ],
)
async def test_search_finds_any_part_of_name_or_email(
    client: httpx.AsyncClient, database: Database, q: str, found: set[str]
) -> None:
    admin = await make_user(database, "admin", name="Adam", email="adam@example.test")
    await make_user(database, name="Anna Bell", email="a@example.test")
    await make_user(database, name="Ünal 100%", email="u@example.test")
    await make_user(database, name="Carl", email="c@Sample.org")

    assert {row["name"] for row in await listed(client, admin, q=q)} == found


async def test_the_role_filter(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    staff = await make_user(database)

    assert [row["id"] for row in await listed(client, admin, role="staff")] == [staff.id]
    assert (await client.get("/api/users?role=boss", headers=admin.auth)).status_code == 422


@pytest.mark.parametrize("query", ["cursor=nonsense", "limit=0", "limit=1001", "limit=x", "q=" + "x" * 201])
async def test_odd_list_parameters_are_refused(client: httpx.AsyncClient, database: Database, query: str) -> None:
    admin = await make_user(database, "admin")
    for path in ("/api/users", "/api/staff-users"):
        if path == "/api/staff-users" and query.startswith("q="):
            continue
        refused = await client.get(f"{path}?{query}", headers=admin.auth)
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == [query.partition("=")[0]]


async def test_staff_users_are_those_who_may_receive_records(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    ben, anna = await make_user(database, name="Ben"), await make_user(database, name="Anna")
    await make_user(database, is_active=False)
    await make_user(database, is_active=False, deleted_at=NOON)
    response = await client.get("/api/staff-users", headers=admin.auth)

    assert response.json() == [{"id": anna.id, "name": "Anna"}, {"id": ben.id, "name": "Ben"}]
    assert response.headers["x-total-count"] == "2"


@pytest.mark.parametrize("path", ["/api/users", "/api/staff-users"])
async def test_the_number_of_statements_does_not_grow(client: httpx.AsyncClient, database: Database, path: str) -> None:
    admin = await make_user(database, "admin")

    async def budget() -> int:
        with recorded_statements(database) as statements:
            await client.get(path, headers=admin.auth)
        return len(statements)

    before = await budget()
    for _ in range(12):
        await make_user(database)

    assert await budget() == before == 3


# --- presence --------------------------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize(
    ("age", "presence"),
    [
        (-5, "online"),
        (0, "online"),
        (299.9, "online"),
        (300, "idle"),
        (1799.9, "idle"),
        (1800, "offline"),
        (None, "offline"),
    ],
)
def test_presence(age: float | None, presence: str) -> None:
    seen = None if age is None else NOON - timedelta(seconds=age)

    assert presence_of(seen, NOON, online_seconds=300, idle_seconds=1800) == presence


async def test_a_request_makes_a_person_online(client: httpx.AsyncClient, app: FastAPI, database: Database) -> None:
    with frozen(NOON):
        admin, person = await make_user(database, "admin"), await make_user(database)
        await client.get("/api/auth/me", headers=person.auth)
        await app.state.activity.flush()
    seen = {}
    for minutes in (0, 4.9, 5, 29.9, 30):
        with frozen(NOON + timedelta(minutes=minutes)):
            row = next(row for row in await listed(client, admin) if row["id"] == person.id)
            seen[minutes] = (row["presence"], datetime.fromisoformat(row["last_seen_at"]))

    assert {minutes: presence for minutes, (presence, _) in seen.items()} == {
        0: "online",
        4.9: "online",
        5: "idle",
        29.9: "idle",
        30: "offline",
    }
    assert {at for _, at in seen.values()} == {NOON}


async def last_seen(database: Database, user_id: str) -> datetime | None:
    async with database.read() as session:
        return await session.scalar(select(User.last_seen_at).where(User.id == user_id))


async def test_many_requests_are_one_write(database: Database) -> None:
    people = [await make_user(database) for _ in range(5)]
    recorder = ActivityRecorder(database)
    for person in people * 20:
        recorder.seen(person.id, None, NOON)
    with recorded_statements(database) as statements:
        await recorder.flush()
        await recorder.flush()

    assert len(statements) == 1
    assert {await last_seen(database, person.id) for person in people} == {NOON}


async def test_someone_just_seen_is_not_written_again(database: Database) -> None:
    person = await make_user(database)
    recorder = ActivityRecorder(database)
    recorder.seen(person.id, NOON - timedelta(seconds=29), NOON)
    await recorder.flush()
    assert await last_seen(database, person.id) is None

    recorder.seen(person.id, NOON - timedelta(seconds=31), NOON)
    await recorder.flush()
    assert await last_seen(database, person.id) == NOON


async def test_a_failed_write_is_made_up_for(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    from crm_boost.identity import activity

    person = await make_user(database)
    recorder = ActivityRecorder(database)
    recorder.seen(person.id, None, NOON)

    async def fail(*_arguments: Any) -> None:
        raise OperationalError("UPDATE", {}, Exception("locked"))

    with monkeypatch.context() as broken:
        broken.setattr(activity, "touch_users", fail)
        with pytest.raises(OperationalError):
            await recorder.flush()
    await recorder.flush()

    assert await last_seen(database, person.id) == NOON


async def test_last_seen_never_goes_back(database: Database) -> None:
    person = await make_user(database, last_seen_at=NOON)
    recorder = ActivityRecorder(database)
    recorder.seen(person.id, None, NOON - timedelta(minutes=1))
    await recorder.flush()

    assert await last_seen(database, person.id) == NOON


async def test_writing_last_seen_never_waits_for_who_changes_a_person(database: Database) -> None:
    if database.is_sqlite:  # writers queue there: nothing can hold a row
        return
    busy, free = await make_user(database), await make_user(database)
    recorder = ActivityRecorder(database)
    for person in (busy, free):
        recorder.seen(person.id, None, NOON)
    async with database.write() as session:
        user = await session.get(User, busy.id, with_for_update=True)
        assert user is not None
        async with asyncio.timeout(5):
            await asyncio.create_task(recorder.flush())

    assert (await last_seen(database, busy.id), await last_seen(database, free.id)) == (None, NOON)


async def test_the_app_writes_what_is_left_when_it_stops(
    client: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    person = await make_user(database)
    await client.get("/api/auth/me", headers=person.auth)
    await app.state.activity.flush()

    seen = await last_seen(database, person.id)
    assert seen is not None
    assert utc_now() - seen < timedelta(minutes=1)
