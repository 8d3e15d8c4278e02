"""The API keeps what its OpenAPI document says, whatever is sent by whomever: no 500, no status and no body that the
document does not know, and nothing of the owner's in front of a stranger.

Requests are made from the document by schemathesis: what it allows, and what it does not. Every other one names things that
exist. Repeatable: the same code sends the same requests. `CRM_TEST_CONTRACT_EXAMPLES=100` makes it a long run.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import Any

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crm_boost.app import create_app
from crm_boost.identity.permissions import Role
from crm_boost.settings import Settings, TelegramSettings
from tests.hardening.routes import Endpoint, endpoints_of
from tests.hardening.world import SECRET, World, open_world
from tests.support.databases import kind_wanted
from tests.support.factories import Account, open_session

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

EXAMPLES = int(os.environ.get("CRM_TEST_CONTRACT_EXAMPLES", "1"))
"""Requests of each mode for each operation."""
THOROUGH = EXAMPLES > 1
SLICES = 4
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WITHOUT_AN_END = {"/api/stream"}
"""Goes on for ever (tests/live)."""


class Desk:
    """A running app with a world in it, called from code that is not asynchronous itself."""

    def __init__(self, runner: asyncio.Runner, app: FastAPI, world: World) -> None:
        self.run = runner.run
        self.app = app
        self.world = world
        self.requests = 0

    def callers(self, mode: GenerationMode, endpoint: Endpoint) -> list[Account]:
        """Everybody; outside a long run what is not allowed, and all on PostgreSQL, is sent by one who may use the
        endpoint."""
        world = self.world
        if THOROUGH:
            return [world.stranger, world.owner, world.colleague, world.master]
        if mode.is_negative or kind_wanted() == "postgresql":
            return [world.owner if endpoint.is_open_to(Role.STAFF) else world.colleague]
        return [world.stranger, world.owner, world.master]

    def send(self, case: Case[Any], who: Account) -> httpx.Response:
        """Send a request as this person; somebody whose session has ended signs in again."""
        answer = self.run(self._send(case, who.token))
        self.requests += 1
        if answer.status_code == 401 and case.path != "/api/auth/login":
            object.__setattr__(who, "token", self.run(open_session(self.world.database, who.id)))
        return answer

    async def _send(self, case: Case[Any], token: str) -> httpx.Response:
        wanted = case.as_transport_kwargs(base_url="http://crm.test")
        wanted.pop("cookies", None)
        wanted["headers"] = {**dict(wanted.get("headers") or {}), "Authorization": f"Bearer {token}"}
        made: Any = requests.Request(**wanted).prepare()
        return await self.world.client.request(made.method, made.url, headers=dict(made.headers), content=made.body)


@contextmanager
def running_desk(settings: Settings) -> Iterator[Desk]:
    """Start the app and fill it."""
    # Nothing leaves the house.
    settings = settings.model_copy(update={"telegram": TelegramSettings(url="http://127.0.0.1:9")})
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def start() -> Desk:
            app = create_app(settings)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://crm.test"))
            return Desk(runner, app, await open_world(app, client, app.state.database))

        try:
            yield runner.run(start())
        finally:
            runner.run(_closed(stack))


async def _closed(stack: AsyncExitStack) -> None:
    await stack.aclose()


def _order(endpoint: Endpoint) -> int:
    """What ends sessions or closes the desk comes last."""
    if any(word in endpoint.path for word in ("/auth/", "/users", "/setup")):
        return 3
    if any(word in endpoint.path for word in ("settings", "config", "targets")) or endpoint.method == "DELETE":
        return 2
    return 0 if endpoint.method == "GET" else 1


def _name_things(value: Any, things: dict[str, Any]) -> Any:
    """The same, with things that exist wherever a field has such a name."""
    if isinstance(value, dict):
        return {name: things.get(name, _name_things(below, things)) for name, below in value.items()}
    if isinstance(value, list):
        return [_name_things(below, things) for below in value]
    return value


def _made_real(case: Case[Any], things: dict[str, Any]) -> None:
    words = {"module": "memberwd", "kind": "batch" if "/groups/" in case.path else "omset"}
    for name in case.path_parameters or {}:
        case.path_parameters[name] = {**words, **things}.get(name, case.path_parameters[name])
    for name in list(case.query or {}):
        case.query[name] = things.get(name, case.query[name])
    case.body = _name_things(case.body, things)


def _faults(desk: Desk, endpoint: Endpoint, operation: APIOperation[Any, Any, Any, Any]) -> list[str]:
    """Everything wrong that turned up with this operation."""
    found: dict[str, str] = {}
    count = 0

    def examine(case: Case[Any], mode: GenerationMode) -> None:
        nonlocal count
        count += 1
        if count % 2:
            _made_real(case, desk.world.things)
        for who in desk.callers(mode, endpoint):
            answer = desk.send(case, who)
            label = f"{operation.label} as {who.role}: {answer.status_code}"
            try:
                case.validate_response(answer, checks=CHECKS)
            except AssertionError as failed:
                found.setdefault(label, str(failed)[:1500])
            except BaseExceptionGroup as failed:
                found.setdefault(label, str(failed)[:1500])
            said = answer.text
            if who is desk.world.stranger and SECRET in said and SECRET not in repr(case):
                found.setdefault(f"{label}, told", said[:300])

    for mode in GenerationMode:
        strategy = operation.as_strategy(generation_mode=mode)
        limits = hypothesis.settings(
            max_examples=EXAMPLES,
            derandomize=not THOROUGH,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        # Nothing can be wrong about a request without input.
        with suppress(hypothesis.errors.Unsatisfiable):
            limits(hypothesis.given(case=strategy, mode=st.just(mode))(examine))()
    return [f"{label}\n{text}" for label, text in found.items()]


@pytest.mark.parametrize("part", range(SLICES))
def test_whatever_is_sent_the_answer_is_what_the_document_says(settings: Settings, part: int) -> None:
    with running_desk(settings) as desk:
        schema = schemathesis.openapi.from_dict(desk.app.openapi(), config=SchemathesisConfig())
        endpoints = [one for one in endpoints_of(desk.app) if one.path not in WITHOUT_AN_END]
        chosen = sorted(endpoints[part::SLICES], key=_order)
        if kind_wanted() == "postgresql" and not THOROUGH:
            # What the databases answer differently, they do when something is written.
            chosen = [one for one in chosen if one.method != "GET"][::5]
        faults = [fault for one in chosen for fault in _faults(desk, one, schema[one.path][one.method.lower()])]

        assert faults == [], "\n\n".join(faults)
        assert desk.requests >= len(chosen)
