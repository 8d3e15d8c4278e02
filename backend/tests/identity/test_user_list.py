"""The list of users: what is shown, paging, search, filters."""

from datetime import UTC, datetime

import httpx
import pytest

from crm_boost.db.engine import Database
from tests.identity.support import listed
from tests.support.factories import make_user
from tests.support.statements import recorded_statements

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


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
