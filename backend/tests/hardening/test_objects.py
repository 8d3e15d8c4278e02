"""Somebody else's things, at every place where the API lets a caller name one (spec 1.2).

The places are read from the router: one that this file does not know fails, so a new endpoint cannot be forgotten. A
stranger names the owner's things; the owner then does the same, so that each refusal is known to be about whose it is.
"""

from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Permission, Role
from crm_boost.identity.principal import Principal, allow
from tests.hardening.routes import Endpoint, Place, endpoints_of
from tests.hardening.samples import sample_body
from tests.hardening.world import SECRET, World, open_world
from tests.support.factories import Account

WORDS = {"kind": "batch", "module": "bonanza", "digest": "daily_briefing", "job_key": "outbox"}
"""What is in a path and is the name of no thing."""
SHARED = {"product_id", "database_id", "customer_id"}
"""Staff may name any product, ask for records of any database, and write down any customer."""
SHARED_AMONG_ADMINS = {
    "aliases", "actor_id", "assigned_to", "batch_id", "customer_ids", "database_id", "deposit_id", "ids", "import_id",
    "new_staff_id", "object_id", "operation_id", "product_id", "record_id", "record_ids", "repair_id", "request_id",
    "request_ids", "reservation_id", "reservation_ids", "staff_id", "staff_ids", "customer_id", "to_staff_id",
    "from_staff_id", "chat_id", "key", "webhook_id", "delivery_id",
}  # fmt: skip
"""Admins of both ranks see identical business data."""
BY_RANK = {"user_id"}
"""People: those of lower rank only."""
PUBLIC_FILES = {("GET", "/api/exports/{export_id}/file")}
"""Opened by a signature instead of a session (tests/exports)."""


def _address(endpoint: Endpoint, things: dict[str, Any]) -> str:
    return endpoint.path.format(**{**WORDS, **{name: value for name, value in things.items() if value != ""}})


async def _asked(world: World, who: Account, endpoint: Endpoint, place: Place, document: dict[str, Any]) -> Any:
    """Call an endpoint naming the owner's thing at one place (and in the whole path)."""
    things = world.things
    params = {place.name: things[place.name]} if place.where == "query" else None
    if place.name == "group_id" and params:
        params["group_kind"] = "batch"
    body = sample_body(endpoint, document, things) if endpoint.method != "GET" else None
    return await world.client.request(
        endpoint.method, _address(endpoint, things), params=params, json=body, headers=who.auth
    )


def _personal(app: FastAPI) -> list[tuple[Endpoint, Place]]:
    """Each place at which staff can name something that may be somebody else's."""
    return [
        (endpoint, place)
        for endpoint in endpoints_of(app)
        if endpoint.permissions and endpoint.is_open_to(Role.STAFF)
        for place in endpoint.places
        if place.name not in SHARED and place.name not in WORDS
    ]


async def holes(app: FastAPI, world: World) -> dict[str, Any]:
    """Where the stranger got at something of the owner's. Reading comes first, removing last."""
    order = {"GET": 0, "DELETE": 2}
    found: dict[str, Any] = {}
    places = sorted(_personal(app), key=lambda one: order.get(one[0].method, 1))
    before = await world.owners_things_now()
    for endpoint, place in places:
        answer = await _asked(world, world.stranger, endpoint, place, app.openapi())
        named = f"{endpoint}, {place.name} in the {place.where}"
        if (place.where == "path" and answer.status_code not in {403, 404}) or answer.status_code >= 500:
            found[named] = (answer.status_code, answer.text[:200])
        elif SECRET in answer.text.replace(str(world.things["key"]), "").replace(str(world.things["customer_id"]), ""):
            found[named] = ("told", answer.text[:200])
    if await world.owners_things_now() != before:
        found["changed"] = "something of the owner's is not as it was"
    for endpoint, place in places:
        answer = await _asked(world, world.owner, endpoint, place, app.openapi())
        if place.where == "path" and endpoint.method != "DELETE" and answer.status_code in {401, 403, 404, 405, 422}:
            found[f"{endpoint}, by the owner"] = (answer.status_code, answer.text[:300])
    return found


async def test_nobody_gets_at_what_belongs_to_somebody_else(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    assert await holes(app, await open_world(app, client, database)) == {}


async def test_a_hole_is_found(app: FastAPI, client: httpx.AsyncClient, database: Database) -> None:
    """What the test above would say, had somebody forgotten to look whose it is."""
    world = await open_world(app, client, database)

    async def forgetful(
        record_id: str, _principal: Annotated[Principal, Depends(allow(Permission.CONTACTS_WORK))]
    ) -> dict[str, str]:
        return {"id": record_id, "customer": SECRET}

    own = FastAPI()
    own.add_api_route("/api/forgetful/{record_id}", forgetful, methods=["GET"])
    own.state = app.state
    world.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=_either(own, app)), base_url="http://crm.test")
    async with world.client:
        assert list(await holes(own, world)) == ["GET /api/forgetful/{record_id}, record_id in the path"]


def _either(first: FastAPI, second: FastAPI) -> Any:
    """An app that answers with the first where it has the address."""

    async def both(scope: Any, receive: Any, send: Any) -> None:
        chosen = first if scope["path"].startswith("/api/forgetful/") else second
        await chosen(scope, receive, send)

    return both


@pytest.mark.pure
def test_every_place_where_a_thing_is_named_is_known(tmp_path_factory: pytest.TempPathFactory) -> None:
    from crm_boost.app import create_app
    from crm_boost.settings import Settings

    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("data")))
    known = SHARED | set(WORDS) | SHARED_AMONG_ADMINS | BY_RANK | {"export_id", "group_id", "session_id", "token_id"}
    unknown = {
        f"{endpoint}: {place.name}"
        for endpoint in endpoints_of(app)
        for place in endpoint.places
        if place.name not in known
    }

    assert unknown == set()
    assert len(_personal(app)) > 50


async def test_among_admins_only_people_and_exports_are_personal(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    world = await open_world(app, client, database)
    wrong = {}
    for endpoint in endpoints_of(app):
        names = {place.name for place in endpoint.places if place.where == "path"}
        if (endpoint.method, endpoint.path) in PUBLIC_FILES or not endpoint.is_open_to(Role.ADMIN):
            continue
        for name, theirs in (("export_id", world.things["admins_export_id"]), ("user_id", world.master.id)):
            if name in names:
                body = sample_body(endpoint, app.openapi(), {})
                address = endpoint.path.format(**{**WORDS, **world.things, name: theirs})
                answer = await client.request(endpoint.method, address, json=body, headers=world.colleague.auth)
                if answer.status_code not in {403, 404}:
                    wrong[str(endpoint)] = (answer.status_code, answer.text[:200])

    assert wrong == {}
