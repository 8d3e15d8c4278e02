"""Deny by default: every endpoint asks for a permission, or is named here as open to everybody (spec 1.2)."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from crm_boost.app import create_app
from crm_boost.db.session import _shared_unit_of_work, _unit_of_work
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import authenticate
from crm_boost.settings import Settings

PUBLIC = {
    ("GET", "/api/health"),
    ("GET", "/api/ready"),
    ("GET", "/api/server-time"),
    ("GET", "/api/setup"),
    ("POST", "/api/setup"),
    ("POST", "/api/auth/login"),
    # A signed link opens it, for some minutes (ADR 37).
    ("GET", "/api/exports/{export_id}/file"),
}


def _dependants(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for below in dependant.dependencies:
        yield from _dependants(below)


def _in_order_of_calls(dependant: Dependant) -> Iterator[Dependant]:
    """What an endpoint depends on, as it is called: what something depends on comes before it."""
    for below in dependant.dependencies:
        yield from _in_order_of_calls(below)
    yield dependant


def _endpoints(app: FastAPI) -> Iterator[tuple[str, str, APIRoute]]:
    for context in iter_route_contexts(app.routes):
        path, route = context.path or "", context.original_route
        if isinstance(route, APIRoute) and path.startswith("/api"):
            for method in sorted(route.methods or ()):
                yield method, path, route


def _permissions(route: APIRoute) -> set[Permission]:
    found = (getattr(dependant.call, "permission", None) for dependant in _dependants(route.dependant))
    return {permission for permission in found if permission is not None}


@pytest.fixture(scope="module")
def plain_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The app, created but not started."""
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("data")))


@pytest.mark.pure
def test_every_endpoint_asks_for_a_permission_or_is_known_to_be_public(plain_app: FastAPI) -> None:
    endpoints = list(_endpoints(plain_app))
    unguarded = {(method, path) for method, path, route in endpoints if not _permissions(route)}

    assert len(endpoints) > len(PUBLIC)
    assert unguarded == PUBLIC


@pytest.mark.pure
def test_nobody_is_in_the_queue_of_writers_before_it_is_known_who_asks(plain_app: FastAPI) -> None:
    """Finding out takes a connection, sometimes a unit of work of its own; and strangers must not make others wait."""
    early = set()
    for method, path, route in _endpoints(plain_app):
        calls = [dependant.call for dependant in _in_order_of_calls(route.dependant)]
        turns = [calls.index(unit) for unit in (_unit_of_work, _shared_unit_of_work) if unit in calls]
        if turns and authenticate in calls and min(turns) < calls.index(authenticate):
            early.add((method, path))

    assert early == set()


async def test_without_a_session_every_guarded_endpoint_answers_401(app: FastAPI, client: httpx.AsyncClient) -> None:
    answers = {}
    for method, path, route in _endpoints(app):
        if (method, path) not in PUBLIC:
            address = path.replace(":path}", "}").format(**dict.fromkeys(route.param_convertors, "normal"))
            response = await client.request(method, address, json={})
            answers[method, path] = (response.status_code, response.headers["content-type"])

    assert answers
    assert {key: found for key, found in answers.items() if found != (401, "application/problem+json")} == {}
