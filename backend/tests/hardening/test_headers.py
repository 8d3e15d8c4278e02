"""What goes with every kind of answer: nothing is kept by caches, framed, sniffed or handed to other sites."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from crm_boost.app import create_app
from crm_boost.db.engine import Database
from crm_boost.settings import AuthSettings, Settings
from tests.hardening.world import open_world
from tests.support.factories import PASSWORD, make_user

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
ELSEWHERE = {"Origin": "https://elsewhere.example"}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With a small web app of its own."""
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>CRM Boost</title>")
    (folder / "assets" / "app-1a2b.js").write_text("0")
    return settings.model_copy(update={"web_app_dir": folder})


async def test_every_kind_of_answer_carries_them(app: FastAPI, client: httpx.AsyncClient, database: Database) -> None:
    world = await open_world(app, client, database)
    auth = world.owner.auth
    link = await world.call(world.owner, "POST", f"/exports/{world.things['export_id']}/link")
    asked: list[tuple[int, str, str, dict[str, str], dict[str, Any]]] = [
        (200, "GET", "/api/health", {}, {}),
        (200, "GET", "/api/my/records", auth, {}),
        (200, "GET", link["url"], {}, {}),
        (200, "GET", "/api/export/omset", auth, {}),
        (201, "POST", f"/api/records/{world.things['record_id']}/notes", auth, {"json": {"text": "hello"}}),
        (204, "POST", "/api/notifications/read", auth, {"json": {"ids": []}}),
        (401, "GET", "/api/my/records", {}, {}),
        (403, "GET", "/api/users", auth, {}),
        (404, "GET", "/api/nothing", {}, {}),
        (405, "PUT", "/api/health", {}, {}),
        (405, "OPTIONS", "/api/omset", {**ELSEWHERE, "Access-Control-Request-Method": "POST"}, {}),
        (413, "POST", "/api/omset", auth, {"content": bytes(9_000_000)}),
        (422, "POST", "/api/omset", auth, {"json": {}}),
        (422, "GET", "/api/omset?q=%00", auth, {}),
        (200, "GET", "/api/openapi.json", {}, {}),
        (200, "GET", "/customers", {}, {}),
        (200, "GET", "/assets/app-1a2b.js", {}, {}),
        (404, "GET", "/favicon.ico", {}, {}),
    ]
    for status, method, path, headers, options in asked:
        answer = await client.request(method, path, headers={**ELSEWHERE, **headers}, **options)
        found = (method, path, answer.status_code)
        assert answer.status_code == status, (found, answer.text[:300])
        assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE, found
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy, found
        assert "script-src" not in policy or "unsafe" not in policy.split("script-src")[1].split(";")[0], found
        assert answer.headers.get("x-request-id"), found
        # No other site may read an answer, whoever asks.
        assert not [name for name in answer.headers if name.startswith("access-control-")], found
        assert "strict-transport-security" not in answer.headers, found
        assert "server" not in answer.headers and "x-powered-by" not in answer.headers, found
        cached = answer.headers.get("cache-control", "")
        assert ("no-store" in cached) == path.startswith("/api"), (found, cached)


@pytest.mark.parametrize("secure", [True, False])
async def test_behind_tls_cookie_and_address_stay_there(settings: Settings, secure: bool) -> None:
    app = create_app(settings.model_copy(update={"auth": AuthSettings(cookie_secure=secure)}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://crm.test") as client,
    ):
        who = await make_user(app.state.database)
        answer = await client.post("/api/auth/login", json={"email": who.email, "password": PASSWORD})
        page = await client.get("/customers")
        over_tls = await client.get("https://crm.test/customers")

    flags = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert ("secure" in flags) == secure
    wanted = "max-age=31536000"
    assert [one.headers.get("strict-transport-security") == wanted for one in (answer, page)] == [secure, secure]
    assert over_tls.headers["strict-transport-security"] == wanted
