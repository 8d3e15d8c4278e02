"""The list of imports, its paging and its statements; and who may call what."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from crm_boost.kit.paging import encode_cursor
from crm_boost.uploads.models import Import
from tests.support.factories import make_user
from tests.support.statements import recorded_statements
from tests.uploads.desk import Desk, csv_bytes, people


async def insert_imports(desk: Desk, count: int, **fields: Any) -> list[str]:
    """Imports as other processes of this product may have left them."""
    now, ids = utc_now(), [new_id() for _ in range(count)]
    async with desk.database.write() as session:
        for number, import_id in enumerate(ids):
            values = {
                "state": "failed",
                "module": desk.module,
                "created_at": now + timedelta(seconds=number // 2),
                "preview_rows": [["sari"]],
                "error_code": "too_slow",
                "error_message": "slow",
                **fields,
            }
            session.add(
                Import(
                    id=import_id, product_id=desk.product_id, filename="c.csv", file_hash="", size_bytes=1,
                    created_by_name="Wati", **values,
                )
            )  # fmt: skip
    return ids


async def test_paging_meets_every_import_once(desk: Desk) -> None:
    ids = await insert_imports(desk, 7)
    await insert_imports(desk, 1, module="normal")
    seen: list[str] = []
    path = "/api/imports?module=bonanza&limit=2"
    while path:
        answer = await desk.client.get(path)
        assert (answer.status_code, answer.headers["X-Total-Count"]) == (200, "7")
        seen += [row["id"] for row in answer.json()]
        assert all(row["preview_rows"] == [] for row in answer.json())
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert sorted(seen) == sorted(ids) and seen[0] in ids[-2:]
    assert len((await desk.client.get("/api/imports")).json()) == 8
    assert (await desk.client.get("/api/imports?module=nobody")).json() == []
    assert (await desk.get(ids[0]))["preview_rows"] == [["sari"]]


@pytest.mark.parametrize("cursor", ["x", encode_cursor((1,)), encode_cursor(("a", "b")), encode_cursor((1, 2)),
                                    encode_cursor(("2026-01-01T00:00:00", "b"))])  # fmt: skip
async def test_cursors_of_other_lists(desk: Desk, cursor: str) -> None:
    answer = await desk.client.get("/api/imports", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")
    for limit in (0, 1001):
        assert (await desk.client.get("/api/imports", params={"limit": limit})).status_code == 422


async def test_statements_do_not_grow(desk: Desk) -> None:
    await desk.imported(csv_bytes(people(3)))
    counts = []
    for extra in (0, 20):
        await insert_imports(desk, extra)
        with recorded_statements(desk.database) as statements:
            assert len((await desk.client.get("/api/imports")).json()) == extra + 1
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 5


async def test_progress_of_another_process_is_shown(desk: Desk) -> None:
    progress = {"phase": "storing", "rows_done": 40, "rows_total": 100, "rate": 20.5, "eta_seconds": 2.9}
    (import_id,) = await insert_imports(
        desk, 1, state="importing", worker="elsewhere|1|abc", heartbeat_at=utc_now(), progress=progress,
        error_code=None, error_message=None,
    )  # fmt: skip
    item = await desk.get(import_id)
    assert (item["state"], item["progress"], item["error"]) == ("importing", progress, None)
    cancelled = await desk.post(import_id, "cancel")  # its own process hears of it with its next heartbeat
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "importing")
    await desk.runner.sweep()
    assert (await desk.get(import_id))["state"] == "importing"


async def test_an_import_whose_process_is_gone(desk: Desk) -> None:
    (silent,) = await insert_imports(
        desk, 1, state="analysing", worker="elsewhere|1|abc", heartbeat_at=utc_now() - timedelta(seconds=60)
    )
    await desk.runner.sweep()
    item = await desk.get(silent)
    assert (item["state"], item["error"]["code"]) == ("failed", "interrupted")
    assert "start it again" in item["error"]["message"]


async def test_forgotten_previews_and_their_files(desk: Desk) -> None:
    kept, old = await desk.upload(csv_bytes(people(2))), await desk.upload(csv_bytes(people(2)))
    failed = await desk.upload(csv_bytes([]))
    async with desk.database.write() as session:
        for import_id, column in ((old["id"], "created_at"), (failed["id"], "finished_at")):
            setattr(await session.get_one(Import, import_id), column, utc_now() - timedelta(hours=49))
    await desk.runner.sweep()
    await desk.runner._tidy()
    assert (await desk.get(old["id"]))["state"] == "cancelled"
    assert (await desk.get(kept["id"]))["state"] == "ready"
    assert {name.split("/")[0] for name in desk.files()} == {kept["id"]}
    choice = await desk.client.patch(f"/api/imports/{failed['id']}", json={"header_row": 1})
    assert choice.status_code == 409 and "no longer kept" in choice.json()["detail"]


def calls(import_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    file = {"files": {"file": ("c.csv", csv_bytes(people(1)))}, "data": {"module": "bonanza", "product_id": "nobody"}}
    one = f"/api/imports/{import_id}"
    return [
        ("POST", "/api/imports", file),
        ("POST", "/api/bonanza/upload", file),
        ("GET", one, {}),
        ("PATCH", one, {"json": {"header_row": 1}}),
        ("POST", f"{one}/commit", {"json": {"name": "A", "duplicates": "skip"}}),
        ("POST", f"{one}/cancel", {}),
        ("POST", f"{one}/undo", {}),
        ("GET", f"{one}/rejected", {}),
    ]


async def test_who_may(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    item = await desk.imported(csv_bytes([*people(2), ["", "nobody", ""]]))
    staff = await make_user(database, "staff")
    blocked = await make_user(database, "admin", blocked_pages=["bonanza"])
    other = await make_user(database, "admin")
    client.headers.pop("Authorization")
    for method, path, body in [*calls(item["id"]), ("GET", "/api/imports", {})]:
        assert (await client.request(method, path, **body)).status_code == 401, path
        assert (await client.request(method, path, headers=staff.auth, **body)).status_code == 403, path
    for method, path, body in calls(item["id"]):
        refused = await client.request(method, path, headers=blocked.auth, **body)
        assert (refused.status_code, refused.json()["page"]) == (403, "bonanza"), path
        assert (await client.request(method, path, headers=other.auth, **body)).status_code in (200, 404, 409), path
    assert (await client.get("/api/imports", headers=blocked.auth)).json() == []
    assert (await client.get("/api/imports?module=bonanza", headers=blocked.auth)).json() == []
    assert desk.files() == {f"{item['id']}/staging.db"}


async def test_the_rejected_file_needs_a_finished_import(desk: Desk) -> None:
    item = await desk.upload(csv_bytes(people(2)))
    path = f"/api/imports/{item['id']}/rejected"
    assert (await desk.client.get(path)).json()["state"] == "ready"
    await desk.commit(item["id"])
    answer = await desk.client.get(path, params={"format": "csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="rejected-{item["id"]}.csv"'
    assert (await desk.client.get(path, params={"format": "pdf"})).json()["errors"][0]["field"] == "format"
    (desk.uploads / item["id"] / "staging.db").unlink()
    assert (await desk.client.get(path)).status_code == 404
