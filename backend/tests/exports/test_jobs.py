"""Exports as jobs: who may, links, cancelling, dying processes, limits, cleaning up, what is audited (spec 5.5)."""

import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.exports import endings, links, reading, repository, work
from crm_boost.exports.models import Export
from crm_boost.exports.runner import ExportRunner
from crm_boost.exports.transitions import ExportMove
from crm_boost.jobs.registry import JOBS
from crm_boost.kit.clock import frozen, utc_now
from tests.exports.desk import Desk, table_of
from tests.support.factories import make_database, make_product, make_user

PATH = "/api/exports"


@pytest.fixture
async def desk(app: FastAPI, client: httpx.AsyncClient, database: Database) -> Desk:
    """People, and one database of a few records."""
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    stored = await make_database(database, 7, product_id=product)
    return Desk(app, client, database, admin, staff, other, product, {"normal": stored})


@pytest.fixture
def records(desk: Desk) -> dict[str, Any]:
    return {"kind": "customer-records", "filters": {"database_id": desk.pools["normal"].id}, "format": "csv"}


class Gate:
    """Holds the writing of files after their first page."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    pages_of = reading.pages_of

    async def held(*args: Any) -> AsyncIterator[reading.Batch]:
        async for batch in pages_of(*args):
            yield batch
            gate.reached.set()
            await gate.opened.wait()

    monkeypatch.setattr(reading, "PAGE", 2)
    monkeypatch.setattr(work, "pages_of", held)
    return gate


def files(desk: Desk) -> list[str]:
    folder = desk.database.data_dir / "exports"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


async def audited(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    async with desk.database.read() as session:
        rows = await session.scalars(
            select(AuditEntry).where(AuditEntry.object_kind == "export").order_by(AuditEntry.seq)
        )
        return [(row.action, row.actor_name, row.detail) for row in rows]


async def test_who_may_have_which_list_as_a_file(desk: Desk, records: dict[str, Any]) -> None:
    blocked = await make_user(desk.database, "admin", blocked_pages=["databases"])
    without = await make_user(desk.database, "admin", blocked_pages=["exports"])
    bodies = {"/api/exports": records, "/api/exports/preview": {n: records[n] for n in ("kind", "filters")}}
    for path, body in bodies.items():
        assert (await desk.client.post(path, json=body)).status_code == 401
        for who, status in ((desk.staff, 403), (blocked, 403), (without, 403), (desk.admin, 202)):
            answer = await desk.client.post(path, json=body, headers=who.auth)
            assert answer.status_code in (status, 200 if status == 202 else status), answer.text
    params = records["filters"]
    url = "/api/export/customer-records"
    assert (await desk.client.get(url, params=params)).status_code == 401
    for who, status in ((desk.staff, 403), (blocked, 403), (without, 403), (desk.admin, 200)):
        assert (await desk.client.get(url, params=params, headers=who.auth)).status_code == status
    for kind in ("assignments", "memberwd", "bonanza", "conflict-log"):
        assert (await desk.client.get(f"/api/export/{kind}", headers=desk.staff.auth)).status_code == 403
    assert (await desk.client.get("/api/export/nothing", headers=desk.admin.auth)).status_code == 404


@pytest.mark.parametrize(
    ("kind", "filters", "field"),
    [
        ("customer-records", {"status": "banana"}, "status"),
        ("customer-records", {"sort": "name"}, "sort"),
        ("omset", {"start_date": "2026-02-30"}, "start_date"),
        ("omset", {"statsu": "pending"}, "statsu"),
        ("staff-report", {"month": 13}, "month"),
        ("conflict-log", {"is_open": "perhaps"}, "is_open"),
        ("reserved-members", {"status": "?"}, "status"),
        ("requests", {"status": "?"}, "status"),
    ],
)
async def test_bad_filters_are_refused_by_field(desk: Desk, kind: str, filters: dict[str, Any], field: str) -> None:
    body = {"kind": kind, "filters": filters}
    for answer in (
        await desk.client.post(PATH, json=body, headers=desk.admin.auth),
        await desk.client.post(f"{PATH}/preview", json=body, headers=desk.admin.auth),
        await desk.client.get(f"/api/export/{kind}", params=filters, headers=desk.admin.auth),
    ):
        assert answer.status_code == 422
        assert [error["field"].split(".")[-1] for error in answer.json()["errors"]] == [field]
    for name, value in (("format", "exe"), ("language", "xx")):
        bad = await desk.client.post(PATH, json={"kind": "omset", name: value}, headers=desk.admin.auth)
        assert bad.status_code == 422 and bad.json()["errors"][0]["field"].endswith(name)
        assert (
            await desk.client.get("/api/export/omset", params={name: value}, headers=desk.admin.auth)
        ).status_code == 422


async def test_exports_are_ones_own_and_admins_see_those_of_lower_rank(desk: Desk) -> None:
    master = await make_user(desk.database, "master_admin")
    peer = await make_user(desk.database, "admin")
    made = {who.id: await desk.finished(who, "omset") for who in (desk.staff, desk.other, desk.admin, master)}
    seen = {
        desk.staff.id: {desk.staff.id},
        desk.admin.id: {desk.staff.id, desk.other.id, desk.admin.id},
        peer.id: {desk.staff.id, desk.other.id},
        master.id: {desk.staff.id, desk.other.id, desk.admin.id, master.id},
    }
    for who in (desk.staff, desk.admin, peer, master):
        page = await desk.client.get(PATH, headers=who.auth, params={"limit": 2})
        listed = await desk.every("/exports", who)
        assert {row["created_by"] for row in listed} == seen[who.id]
        assert page.headers["X-Total-Count"] == str(len(listed)) and len(page.json()) <= 2
        assert {row["created_by"] for row in listed if row["is_own"]} == ({who.id} & made.keys())
        for owner, item in made.items():
            status = 200 if owner in seen[who.id] else 404
            assert (await desk.client.get(f"{PATH}/{item['id']}", headers=who.auth)).status_code == status
            # Whose file it is fetches it: of others one sees that it exists.
            linked = await desk.client.post(f"{PATH}/{item['id']}/link", headers=who.auth)
            assert linked.status_code == (200 if owner == who.id else 404)
            again = await desk.client.post(f"{PATH}/{item['id']}/restart", headers=who.auth)
            assert again.status_code == (409 if owner == who.id else 404)
            ended = await desk.client.post(f"{PATH}/{item['id']}/cancel", headers=who.auth)
            assert ended.status_code == (409 if owner in seen[who.id] else 404)
    for method, path in (
        ("GET", ""),
        ("GET", "/x"),
        ("POST", "/x/cancel"),
        ("POST", "/x/restart"),
        ("POST", "/x/link"),
    ):
        assert (await desk.client.request(method, PATH + path)).status_code == 401
        assert path == "" or (await desk.client.request(method, PATH + path, headers=master.auth)).status_code == 404


async def test_a_link_is_for_one_file_one_person_and_some_minutes(desk: Desk) -> None:
    mine, theirs = await desk.finished(desk.staff, "omset"), await desk.finished(desk.other, "omset")
    url = (await desk.client.post(f"{PATH}/{mine['id']}/link", headers=desk.staff.auth)).json()["url"]
    assert (await desk.client.get(url)).status_code == 200
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}

    async def status(path: str = parts.path, **changed: Any) -> int:
        return (await desk.client.get(f"{path}?{urlencode({**query, **changed})}")).status_code

    assert await status(path=f"{PATH}/{theirs['id']}/file") == 403
    assert await status(user=desk.other.id) == 403
    assert await status(expires=int(query["expires"]) + 1) == 403
    assert await status(signature="0" * 64) == 403 and await status(signature="é") == 403
    assert await status(path=f"{PATH}/nothing/file") == 403
    assert (await desk.client.get(parts.path)).status_code == 422
    with frozen(utc_now() + links.VALID + timedelta(seconds=1)):
        assert (await desk.client.get(url)).status_code == 403
    async with desk.database.write() as session:
        await session.execute(
            text("UPDATE users SET is_active = :no WHERE id = :id"), {"no": False, "id": desk.staff.id}
        )
    assert (await desk.client.get(url)).status_code == 403


async def test_everything_is_audited_with_who_and_what(desk: Desk, records: dict[str, Any]) -> None:
    given = records["filters"]
    item = await desk.finished(desk.admin, "customer-records", **given)
    await desk.fetch(desk.admin, item)
    await desk.streamed(desk.admin, "customer-records", "xlsx", status="available", **given)
    found = await audited(desk)
    assert [action for action, _, _ in found] == [
        "export.queued", "export.done", "export.fetched", "export.stream_started", "export.stream_ended",
    ]  # fmt: skip
    assert {actor for action, actor, _ in found if action != "export.fetched"} == {desk.admin.name}
    assert found[2][2]["user_name"] == desk.admin.name
    assert {detail["list"] for _, _, detail in found} == {"customer-records"}
    assert [detail.get("rows") for _, _, detail in found] == [None, 7, 7, None, 7]
    assert found[1][2]["filters"] == given and found[3][2]["filters"] == {"status": "available", **given}
    assert found[4][2]["complete"] is True


async def test_a_waiting_export_is_cancelled_at_once_and_a_running_one_in_the_middle(
    desk: Desk, records: dict[str, Any], gate: Gate
) -> None:
    first = await desk.order(desk.admin, "customer-records", **records["filters"])
    await asyncio.wait_for(gate.reached.wait(), 20)
    second = await desk.order(desk.admin, "omset")
    assert [name.endswith(".part") for name in files(desk)] == [True]
    row = (await desk.client.post(f"{PATH}/{second['id']}/cancel", headers=desk.admin.auth)).json()
    assert row["state"] == "cancelled"
    assert (await desk.client.post(f"{PATH}/{first['id']}/cancel", headers=desk.admin.auth)).status_code == 200
    await asyncio.wait_for(desk.app.state.exports.idle(), 20)
    assert (await desk.get(f"/exports/{first['id']}", desk.admin))["state"] == "cancelled"
    assert files(desk) == []
    assert [(a, who) for a, who, _ in await audited(desk) if "cancel" in a] == [
        ("export.cancelled", desk.admin.name), ("export.cancel_asked", desk.admin.name),
        ("export.cancelled", desk.admin.name),
    ]  # fmt: skip
    refused = await desk.client.post(f"{PATH}/{first['id']}/link", headers=desk.admin.auth)
    assert (refused.status_code, refused.json()["state"]) == (409, "cancelled")
    gate.opened.set()
    again = await desk.client.post(f"{PATH}/{first['id']}/restart", headers=desk.admin.auth)
    assert again.json()["state"] == "queued"
    await asyncio.wait_for(desk.app.state.exports.idle(), 20)
    done = await desk.get(f"/exports/{first['id']}", desk.admin)
    assert (done["state"], done["rows_done"]) == ("done", 7)
    assert len(table_of(await desk.fetch(desk.admin, done), "csv")) == 7


async def test_a_process_that_stops_says_so(desk: Desk, records: dict[str, Any], gate: Gate) -> None:
    item = await desk.order(desk.admin, "customer-records", **records["filters"])
    await asyncio.wait_for(gate.reached.wait(), 20)
    await desk.app.state.exports.stop()
    assert (await desk.get(f"/exports/{item['id']}", desk.admin))["state"] == "interrupted"
    assert files(desk) == []


async def test_a_killed_process_leaves_no_half_file(desk: Desk, records: dict[str, Any]) -> None:
    await desk.app.state.exports.stop()
    item = await desk.order(desk.admin, "customer-records", **records["filters"])
    dead = dataclasses.replace(desk.app.state.exports._worker, pid=_dead_pid(), token="gone")
    assert await endings.start(desk.database, item["id"], str(dead), "half") is not None
    folder = desk.database.data_dir / "exports"
    folder.mkdir()
    for name in ("half.part", "stray"):
        (folder / name).write_bytes(b"rows")
    kept = await _finished_by_hand(desk, folder)
    runner = ExportRunner(desk.database, desk.app.state.meter)
    await runner.start()
    found = await desk.get(f"/exports/{item['id']}", desk.admin)
    assert found["state"] == "interrupted"
    assert files(desk) == [kept]
    # The dead one's last words come too late.
    assert not await endings.finish(desk.database, item["id"], str(dead), 7, 4)
    assert (await desk.client.post(f"{PATH}/{item['id']}/restart", headers=desk.admin.auth)).status_code == 200
    runner.wake()
    await asyncio.wait_for(runner.idle(), 20)
    await runner.stop()
    assert (await desk.get(f"/exports/{item['id']}", desk.admin))["state"] == "done"


def _dead_pid() -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


async def _finished_by_hand(desk: Desk, folder: Path) -> str:
    """An export whose file must stay."""
    other = await desk.order(desk.staff, "omset")
    assert await endings.start(desk.database, other["id"], "w", "whole") is not None
    (folder / "whole").write_bytes(b"rows")
    assert await endings.finish(desk.database, other["id"], "w", 1, 4)
    return "whole"


async def test_one_of_two_processes_writes_an_export(desk: Desk) -> None:
    await desk.app.state.exports.stop()
    item = await desk.order(desk.staff, "omset")
    started = await asyncio.gather(*(endings.start(desk.database, item["id"], f"w{n}", f"f{n}") for n in range(4)))
    (winner,) = [one for one in started if one is not None]
    ends = await asyncio.gather(
        *(endings.end(desk.database, item["id"], name, winner.worker) for name in (ExportMove.CANCEL, ExportMove.FAIL))
    )
    assert sorted(ends) == [False, True]


async def test_rows_count_as_customers_looked_at(desk: Desk, records: dict[str, Any]) -> None:
    limits = {"rows_per_hour": 7}
    await desk.client.put("/api/settings/access-limits", json=limits, headers=desk.admin.auth)
    assert (await desk.finished(desk.admin, "customer-records", **records["filters"]))["state"] == "done"
    for answer in (
        await desk.client.post(PATH, json=records, headers=desk.admin.auth),
        await desk.client.get("/api/export/assignments", headers=desk.admin.auth),
    ):
        assert (answer.status_code, answer.json()["kind"]) == (429, "rows")
    # Figures and requests are no customers.
    assert (await desk.client.get("/api/export/requests", headers=desk.admin.auth)).status_code == 200
    assert (await desk.finished(desk.admin, "staff-report"))["state"] == "done"


async def test_files_are_removed_after_their_time(desk: Desk) -> None:
    item = await desk.finished(desk.staff, "omset")
    assert len(files(desk)) == 1
    assert await JOBS["export_cleanup"].run(desk.database) == {"files": 0, "exports": 0}
    later = utc_now() + endings.KEEP_FILES + timedelta(seconds=1)
    with frozen(later):
        # Also before anybody has tidied up.
        assert (await desk.get(f"/exports/{item['id']}", desk.staff))["state"] == "expired"
        refused = await desk.client.post(f"{PATH}/{item['id']}/link", headers=desk.staff.auth)
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_export_state")
        assert await JOBS["export_cleanup"].run(desk.database) == {"files": 1, "exports": 0}
    assert files(desk) == []
    assert (await desk.get(f"/exports/{item['id']}", desk.staff))["state"] == "expired"
    assert (await desk.client.post(f"{PATH}/{item['id']}/restart", headers=desk.staff.auth)).status_code == 200
    await desk.app.state.exports.idle()
    assert (await desk.get(f"/exports/{item['id']}", desk.staff))["state"] == "done"
    with frozen(later + timedelta(days=90)):
        assert await JOBS["export_cleanup"].run(desk.database) == {"files": 1, "exports": 1}
    assert await desk.get("/exports", desk.staff) == []


async def test_a_permission_lost_meanwhile_ends_an_export(desk: Desk, records: dict[str, Any]) -> None:
    await desk.app.state.exports.stop()
    item = await desk.order(desk.admin, "customer-records", **records["filters"])
    gone = await desk.order(desk.staff, "omset")
    async with desk.database.write() as session:
        await session.execute(text("UPDATE users SET role = 'staff' WHERE id = :id"), {"id": desk.admin.id})
        await session.execute(
            text("UPDATE users SET is_active = :no WHERE id = :id"), {"no": False, "id": desk.staff.id}
        )
    runner = ExportRunner(desk.database, desk.app.state.meter)
    await runner.start()
    await asyncio.wait_for(runner.idle(), 20)
    await runner.stop()
    async with desk.database.read() as session:
        for export_id in (item["id"], gone["id"]):
            row = await session.get_one(Export, export_id)
            assert (row.state, row.error_code) == ("failed", "forbidden")
    assert files(desk) == []


async def test_an_order_is_made_once_and_few_wait_at_a_time(desk: Desk) -> None:
    await desk.app.state.exports.stop()
    headers = {**desk.staff.auth, "Idempotency-Key": "once"}
    answers = [(await desk.client.post(PATH, json={"kind": "omset"}, headers=headers)).json()["id"] for _ in range(2)]
    assert answers[0] == answers[1]
    for _ in range(4):
        await desk.order(desk.staff, "omset")
    refused = await desk.client.post(PATH, json={"kind": "omset"}, headers=desk.staff.auth)
    assert (refused.status_code, refused.json()["code"], refused.json()["limit"]) == (409, "too_many_exports", 5)
    await desk.order(desk.other, "omset")


async def test_an_announcement_reaches_the_owner_alone(desk: Desk) -> None:
    item = await desk.finished(desk.staff, "omset")
    async with desk.database.read() as session:
        rows = await session.execute(text("SELECT audience FROM outbox WHERE topic = 'exports'"))
        assert {row[0] for row in rows} == {desk.staff.id}
        assert await repository.files_in_use(session) == set(files(desk))
    assert item["size_bytes"] > 0
