"""Every route with every role: the answer follows from the one permission table (spec 1.2), and from nothing else.

The routes are read from the running app, so a new one is in the matrix without being named here.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from crm_boost.db.engine import Database
from crm_boost.identity.permissions import ROLE_PERMISSIONS, Page, Permission, Role, roles_with
from tests.support.factories import make_user

# A request for every route: the more there are, the longer it takes.
pytestmark = pytest.mark.timeout(300)

STREAMS = {"/api/stream"}


def _permissions(dependant: Dependant) -> Iterator[tuple[Permission, Page | None]]:
    found = getattr(dependant.call, "permission", None)
    if found is not None:
        yield found, getattr(dependant.call, "page", None)
    for below in dependant.dependencies:
        yield from _permissions(below)


def guarded_routes(app: FastAPI) -> list[tuple[str, str, set[Permission], set[Page]]]:
    """Method, address with made-up parameters, permissions and pages of every guarded route."""
    found = []
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, context.path or ""
        if not isinstance(route, APIRoute) or not path.startswith("/api"):
            continue
        asked = list(_permissions(route.dependant))
        if not asked:
            continue
        address = (
            path.replace("{module}", "bonanza")
            .replace(":path}", "}")
            .format(**dict.fromkeys(route.param_convertors, "nothing-here"))
        )
        pages = {page for _, page in asked if page is not None}
        permissions = {permission for permission, _ in asked}
        found += [(method, address, permissions, pages) for method in sorted(route.methods or ())]
    return found


async def answer(client: httpx.AsyncClient, method: str, address: str, headers: dict[str, str]) -> tuple[int, Any]:
    response = await client.request(method, address, headers=headers, json={} if method != "GET" else None)
    is_problem = response.headers.get("content-type") == "application/problem+json"
    return response.status_code, response.json().get("code") if is_problem else None


@pytest.mark.parametrize("role", Role)
async def test_a_role_gets_through_exactly_where_the_table_says(
    client: httpx.AsyncClient, app: FastAPI, database: Database, role: Role
) -> None:
    routes = [one for one in guarded_routes(app) if one[1] not in STREAMS]
    assert len(routes) > 20
    who = await make_user(database, role)
    wrong = {}
    for method, address, permissions, _ in routes:
        if address == "/api/auth/logout":
            continue  # would end the session; everybody may (test_sessions.py)
        status, code = await answer(client, method, address, who.auth)
        granted = permissions <= ROLE_PERMISSIONS[role]
        refused = (status, code) == (403, "forbidden")
        if granted == refused or status == 401 or status >= 500:
            wrong[method, address] = (status, code, sorted(permissions))

    assert wrong == {}


async def test_a_blocked_page_closes_its_routes_and_no_others(
    client: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    paged = [one for one in guarded_routes(app) if one[3] and one[1] not in STREAMS]
    assert {page for *_, pages in paged for page in pages} >= {Page.USERS, Page.PRODUCTS, Page.TODAY}
    wrong = {}
    for method, address, permissions, pages in paged:
        role = min((role for role in Role if permissions <= ROLE_PERMISSIONS[role]), key=lambda role: role.rank)
        shut = await make_user(database, role, blocked_pages=[page.value for page in pages])
        free = await make_user(database, role, blocked_pages=[page.value for page in Page if page not in pages])
        codes = [(await answer(client, method, address, who.auth))[1] == "page_blocked" for who in (shut, free)]
        if codes != [True, False]:
            wrong[method, address] = codes

    assert wrong == {}


@pytest.mark.parametrize(
    ("page", "paths"),
    [
        (
            "users",
            [("GET", "/api/users"), ("POST", "/api/users"), ("PATCH", "/api/users/x"), ("DELETE", "/api/users/x")],
        ),
        ("products", [("POST", "/api/products"), ("PATCH", "/api/products/x"), ("DELETE", "/api/products/x")]),
        ("today", [("GET", "/api/today")]),
        ("databases", [("GET", "/api/pools/normal/databases")]),
        ("member-wd", [("GET", "/api/pools/memberwd/databases")]),
        ("bonanza", [("GET", "/api/pools/bonanza/databases"), ("POST", "/api/pools/bonanza/assign-random")]),
    ],
)
async def test_what_the_menu_hides_the_server_refuses(
    client: httpx.AsyncClient, database: Database, page: str, paths: list[tuple[str, str]]
) -> None:
    admin = await make_user(database, "admin", blocked_pages=[page])
    free = await make_user(database, "admin", blocked_pages=[other.value for other in Page if other != page])
    for method, path in paths:
        assert (await answer(client, method, path, admin.auth))[1] == "page_blocked"
        assert (await answer(client, method, path, free.auth))[1] != "page_blocked"


async def test_blocking_takes_effect_with_the_next_request(client: httpx.AsyncClient, database: Database) -> None:
    master, admin = await make_user(database, "master_admin"), await make_user(database, "admin")
    assert (await client.get("/api/users", headers=admin.auth)).status_code == 200
    body = {"blocked_pages": ["users"]}
    await client.patch(f"/api/users/{admin.id}", json=body, headers=master.auth)

    assert (await client.get("/api/users", headers=admin.auth)).status_code == 403


async def test_admins_of_both_ranks_see_identical_business_data() -> None:
    differ = ROLE_PERMISSIONS[Role.MASTER_ADMIN] ^ ROLE_PERMISSIONS[Role.ADMIN]

    assert differ == {Permission.ADMINS_MANAGE, Permission.TRASH_EMPTY}


async def test_only_staff_receive_records() -> None:
    assert roles_with(Permission.RECEIVE_RECORDS) == [Role.STAFF]
    assert roles_with(Permission.RECORDS_WORK) == [Role.STAFF]
