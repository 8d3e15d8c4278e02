"""docs/api.md tells the truth: its requests are sent, its code is run, what it names is there."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from crm_boost.db.engine import Database
from crm_boost.identity.scopes import Scope
from crm_boost.kit.clock import utc_now
from crm_boost.webhooks.kinds import PING, HookEvent
from crm_boost.webhooks.signing import new_secret, signed_headers
from tests.support.factories import PASSWORD, make_product, make_user

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
REQUESTS = re.findall(r"```http (\d+)\n(.*?)```", TEXT, re.DOTALL)
CODE = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


async def test_every_request_is_answered_as_it_says(client: httpx.AsyncClient, database: Database) -> None:
    admin, _staff, _other = [await make_user(database, role) for role in ("admin", "staff", "staff")]
    body = {"name": "The document", "scopes": [str(scope) for scope in Scope]}
    token = (await client.post("/api/tokens", json=body, headers=admin.auth)).json()["token"]
    words = {
        "EMAIL": admin.email,
        "PASSWORD": PASSWORD,
        "PRODUCT": await make_product(database),
        "DAY": (utc_now() - timedelta(days=1)).date().isoformat(),
    }
    assert len(REQUESTS) >= 7
    for status, text in REQUESTS:
        for word, value in words.items():
            text = text.replace(word, value)
        head, _, sent = text.partition("\n\n")
        first, *lines = head.strip().splitlines()
        method, address = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines) | {"Authorization": f"Bearer {token}"}
        answer = await client.request(method, address, json=json.loads(sent) if sent else None, headers=headers)
        assert answer.status_code == int(status), (first, answer.text)
        if (method, address) == ("POST", "/api/omset"):
            words["DEPOSIT"] = answer.json()["id"]


@pytest.mark.pure
def test_the_code_reads_every_page_of_a_list() -> None:
    named: dict[str, Any] = {}
    exec(CODE[0], named)

    def answer(request: httpx.Request) -> httpx.Response:
        if "cursor" in request.url.params:
            return httpx.Response(200, json=[3])
        return httpx.Response(200, json=[1, 2], headers={"Link": '</api/users?limit=2&cursor=x>; rel="next"'})

    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://crm.test") as client:
        assert list(named["pages"](client, "/api/users?limit=2")) == [1, 2, 3]


@pytest.mark.pure
def test_the_code_tells_genuine_deliveries_from_others() -> None:
    named: dict[str, Any] = {}
    exec(CODE[1], named)
    is_genuine, secret, body = named["is_genuine"], new_secret(), b'{"type":"ping"}'
    headers = signed_headers(secret, "event", 1_700_000_000, body)
    assert is_genuine(secret, headers, body, now=1_700_000_100)
    assert is_genuine(
        secret, {**headers, "webhook-signature": f"v1,x {headers['webhook-signature']}"}, body, 1_700_000_000
    )
    assert not is_genuine(secret, headers, body, now=1_700_000_400)
    assert not is_genuine(secret, headers, b"{}", now=1_700_000_100)
    assert not is_genuine(new_secret(), headers, body, now=1_700_000_100)
    assert not is_genuine(secret, {**headers, "webhook-id": "other"}, body, now=1_700_000_100)


async def test_what_it_names_is_there(app: FastAPI) -> None:
    document = app.openapi()
    named = {address.rstrip(".") for address in re.findall(r"(?:GET|POST|PUT) (/api/[a-z/.{}-]+)", TEXT)}
    patterns = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$") for path in document["paths"]]
    unknown = {address for address in named if not any(pattern.match(address) for pattern in patterns)}
    # The document itself is not in it, and the path before the id of an example is none.
    assert unknown == {"/api/openapi.json", "/api/omset/"}
    assert set(re.findall(r"^\| `([a-z]+\.[a-z]+|ping)` \|", TEXT, re.MULTILINE)) == {*map(str, HookEvent), PING}
    assert set(re.findall(r"^\| `([a-z]+)` \| (?!nothing)", TEXT, re.MULTILINE)) == {str(scope) for scope in Scope}
