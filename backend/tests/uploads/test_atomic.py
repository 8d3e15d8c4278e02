"""All of an import or none of it: for readers, when the server is killed, and when it is stopped (spec 2.2)."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.settings import Settings
from tests.support.factories import Account, make_product, make_user
from tests.support.live import LiveServer, serving
from tests.uploads.conftest import PauseAt
from tests.uploads.desk import Desk, csv_bytes, people, stored_counts

ROWS = 2000


async def test_readers_see_nothing_or_everything(desk: Desk) -> None:
    """Lists, counts and search, polled as fast as they answer while rows go in by many small transactions."""
    desk.app.state.settings.imports.chunk_rows = 20
    item = await desk.upload(csv_bytes(people(600)))
    await desk.post_commit(item["id"])
    seen: set[int] = set()
    phases: set[str] = set()
    while True:
        now = await desk.get(item["id"])
        found = await desk.databases()
        seen.add(found[0]["total_records"] if found else 0)
        hits = (await desk.client.get("/api/search", params={"q": "sari599"})).json()
        # What was not visible after the search was not visible to it; what was before it is.
        assert len(found) <= len(hits["items"]) <= len(await desk.databases())
        path = f"/api/bonanza/databases/{now['database_id']}/records"
        records = await desk.client.get(path, params={"limit": 1})
        assert records.status_code == 404 or records.headers["X-Total-Count"] == "600"
        if now["progress"]:
            phases.add(now["progress"]["phase"])
        if now["state"] != "importing":
            break
    assert now["state"] == "done"
    assert seen == {0, 600}
    assert len(await desk.records(now)) == 600


async def test_progress_grows_to_the_end(desk: Desk, pause_at: PauseAt) -> None:
    pause = pause_at("_store_rows", after=True)
    item = await desk.upload(csv_bytes(people(50)))
    await desk.post_commit(item["id"])
    await pause.reached.wait()
    desk.runner._works[item["id"]].look_now.set()
    deadline = time.monotonic() + 5
    while (progress := (await desk.get(item["id"]))["progress"])["phase"] != "storing":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    assert (progress["rows_done"], progress["rows_total"], progress["eta_seconds"]) == (50, 50, 0)
    assert progress["rate"] > 0
    pause.go.set()
    assert (await desk.settled(item["id"]))["progress"] is None


# --- a real server, ended in the middle -----------------------------------------------------------------------------------


@pytest.fixture
async def storage(settings: Settings) -> AsyncIterator[Database]:
    """The database of the server under test, as somebody beside it sees it."""
    database = Database(settings)
    yield database
    await database.dispose()


class Remote:
    """Calls to a real server."""

    def __init__(self, server: LiveServer, admin: Account) -> None:
        self._url, self._headers = server.url, admin.auth

    def call(self, method: str, path: str, **content: Any) -> httpx.Response:
        # A connection for each call: the server on its other end is killed.
        return httpx.request(method, f"{self._url}{path}", headers=self._headers, timeout=20, **content)

    def upload(self, content: bytes, product_id: str) -> dict[str, Any]:
        data = {"module": "memberwd", "product_id": product_id}
        answer = self.call("POST", "/api/imports", files={"file": ("c.csv", content)}, data=data)
        assert answer.status_code == 202, answer.text
        return self.until(answer.json()["id"], "ready")

    def commit(self, import_id: str) -> dict[str, Any]:
        body = {"name": "A", "duplicates": "skip"}
        answer = self.call("POST", f"/api/imports/{import_id}/commit", json=body)
        assert answer.status_code == 202, answer.text
        item: dict[str, Any] = answer.json()
        return item

    def get(self, import_id: str) -> dict[str, Any]:
        item: dict[str, Any] = self.call("GET", f"/api/imports/{import_id}").json()
        return item

    def until(self, import_id: str, *states: str) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while (item := self.get(import_id))["state"] not in states:
            assert time.monotonic() < deadline, item
            time.sleep(0.05)
        return item

    def databases(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.call("GET", "/api/memberwd/databases").json()
        return rows


async def some_rows_stored(storage: Database) -> int:
    """Wait until the import is in the middle of storing."""
    deadline = time.monotonic() + 30
    while not (count := (await stored_counts(storage))[1]):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    return count


async def none_left(storage: Database) -> None:
    deadline = time.monotonic() + 20
    while await stored_counts(storage) != (0, 0, 0):
        assert time.monotonic() < deadline, await stored_counts(storage)
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
async def test_the_server_ends_while_it_stores(settings: Settings, storage: Database, tmp_path: Path, how: str) -> None:
    admin, product_id = await make_user(storage, "admin"), await make_product(storage)
    content = csv_bytes(people(ROWS))
    with serving(settings, tmp_path / "first.log", CRM_IMPORTS__CHUNK_ROWS="1") as server:
        remote = Remote(server, admin)
        import_id = remote.upload(content, product_id)["id"]
        remote.commit(import_id)
        await some_rows_stored(storage)
        os.kill(server.process.pid, getattr(signal, how))
        server.process.wait(timeout=20)
    half = await stored_counts(storage)
    assert half[0] == 1 and 0 < half[1] < ROWS, half

    with serving(settings, tmp_path / "second.log") as server:
        remote = Remote(server, admin)
        assert remote.databases() == []
        item = remote.get(import_id)
        assert (item["state"], item["error"]["code"], item["progress"]) == ("failed", "interrupted", None)
        assert "server stopped" in item["error"]["message"] and item["can_undo"] is False
        await none_left(storage)
        # The interrupted one can be taken up again, and so can the file.
        assert remote.call("PATCH", f"/api/imports/{import_id}", json={"header_row": 1}).status_code == 202
        again = remote.until(import_id, "ready")
        assert again["report"]["duplicates_in_product"] == 0
        remote.commit(import_id)
        done = remote.until(import_id, "done", "failed")
        assert (done["state"], done["result"]["stored"]) == ("done", ROWS)
        assert [row["total_records"] for row in remote.databases()] == [ROWS]
        twin = remote.upload(content, product_id)
        assert twin["report"]["duplicates_in_product"] == ROWS
    assert await stored_counts(storage) == (1, ROWS, ROWS)


async def test_the_server_is_killed_while_it_analyses(settings: Settings, storage: Database, tmp_path: Path) -> None:
    admin, product_id = await make_user(storage, "admin"), await make_product(storage)
    with serving(settings, tmp_path / "first.log") as server:
        remote = Remote(server, admin)
        files = {"file": ("c.csv", csv_bytes(people(20_000)))}
        answer = remote.call("POST", "/api/imports", files=files, data={"module": "normal", "product_id": product_id})
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(timeout=20)
    import_id = answer.json()["id"]
    with serving(settings, tmp_path / "second.log") as server:
        remote = Remote(server, admin)
        assert remote.get(import_id)["error"]["code"] == "interrupted"
        assert remote.call("PATCH", f"/api/imports/{import_id}", json={}).status_code == 202
        assert remote.until(import_id, "ready", "failed")["report"]["rows_total"] == 20_000
        assert remote.call("POST", f"/api/imports/{import_id}/cancel").json()["state"] == "cancelled"
    assert await stored_counts(storage) == (0, 0, 0)
    assert not (settings.data_dir / "uploads" / import_id).exists()
