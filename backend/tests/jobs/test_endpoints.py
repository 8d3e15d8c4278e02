"""What admins do with jobs over HTTP (spec 3.6, 7.6): look, run now, change, pause, history."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select, update

from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.db.outbox import OutboxMessage
from crm_boost.jobs import repository
from crm_boost.jobs.models import Job, JobRun
from crm_boost.jobs.registry import JOBS
from crm_boost.jobs.runner import JobRunner
from crm_boost.kit import clock
from crm_boost.kit.clock import utc_now
from tests.jobs.test_runs import MONDAY, Work, breaks
from tests.support.factories import Account, make_user
from tests.support.statements import recorded_statements

KEY = "request_expiry"
ESSENTIAL = "reservation_cleanup"


@pytest.fixture
async def admin(database: Database) -> Account:
    return await make_user(database, "admin")


@pytest.fixture
async def desk(app: FastAPI, database: Database) -> AsyncIterator[JobRunner]:
    """The runner of the app; it looks when the test says so."""
    runner: JobRunner = app.state.jobs
    await runner.look()
    yield runner
    await runner.wait()


async def rows(client: httpx.AsyncClient, who: Account) -> dict[str, dict[str, Any]]:
    response = await client.get("/api/jobs", headers=who.auth)
    assert response.status_code == 200
    return {row["key"]: row for row in response.json()}


ADDRESSES = [
    ("GET", "/api/jobs", None),
    ("PATCH", f"/api/jobs/{KEY}", {"paused": False}),
    ("POST", f"/api/jobs/{KEY}/run", None),
    ("GET", f"/api/jobs/{KEY}/runs", None),
    ("GET", "/api/scheduled-reports/config", None),
]


async def test_who_may(client: httpx.AsyncClient, database: Database, admin: Account) -> None:
    staff = await make_user(database)
    blocked = await make_user(database, "admin", blocked_pages=["settings"])
    for method, path, body in ADDRESSES:
        answers = [
            (await client.request(method, path, json=body, headers=headers)).status_code
            for headers in ({}, staff.auth, blocked.auth, admin.auth)
        ]
        assert answers == [401, 403, 403, 200], (method, path)
        unknown = path.replace(KEY, "no-such-job")
        if unknown != path:
            assert (await client.request(method, unknown, json=body, headers=admin.auth)).status_code == 404
            # The role is looked at before the job is.
            assert (await client.request(method, unknown, json=body, headers=staff.auth)).status_code == 403


async def test_every_job_is_listed_before_any_ran(client: httpx.AsyncClient, admin: Account) -> None:
    found = await rows(client, admin)

    assert list(found) == list(JOBS)
    for key, row in found.items():
        assert (row["schedule"], row["paused"]) == (JOBS[key].schedule, False)
        assert datetime.fromisoformat(row["next_due"]) > utc_now()
        assert None not in row.values()
        assert "last_run" not in row


async def test_run_now(client: httpx.AsyncClient, database: Database, admin: Account, desk: JobRunner) -> None:
    key = {"Idempotency-Key": "press"}
    first = await client.post(f"/api/jobs/{KEY}/run", headers={**admin.auth, **key})
    assert (first.status_code, first.json()["open_run"]["state"]) == (200, "waiting")
    await desk.look()
    await desk.wait()
    again = await client.post(f"/api/jobs/{KEY}/run", headers={**admin.auth, **key})
    assert again.json() == first.json()

    row = (await rows(client, admin))[KEY]
    assert "open_run" not in row
    last = row["last_run"]
    assert (last["kind"], last["state"], last["result"]) == ("manual", "succeeded", {"expired": 0})
    assert last["asked_by_name"] == admin.name
    assert last["duration_ms"] >= 0
    async with database.read() as session:
        topics = set(await session.scalars(select(OutboxMessage.topic)))
        audited = set(await session.scalars(select(AuditEntry.action).where(AuditEntry.object_kind == "job")))
    assert "jobs" in topics
    assert audited == {"job.run_asked"}


async def test_a_job_runs_once_at_a_time_and_a_waiting_one_is_tried_now(
    app: FastAPI, client: httpx.AsyncClient, database: Database, admin: Account
) -> None:
    work, release = Work("count"), asyncio.Event()

    async def lasts(_database: Database) -> dict[str, int]:
        await release.wait()
        return {}

    work.next = [breaks, lasts]
    app.state.jobs = desk = JobRunner(database, app.state.settings.jobs, {"count": work.spec})
    await client.post("/api/jobs/count/run", headers=admin.auth)
    await desk.look()
    await desk.wait()
    assert (await rows(client, admin))["count"]["open_run"]["error"] == "RuntimeError"
    await client.post("/api/jobs/count/run", headers=admin.auth)
    await desk.look()
    refused = await client.post("/api/jobs/count/run", headers=admin.auth)
    release.set()
    await desk.wait()

    assert (refused.status_code, refused.json()["code"]) == (409, "job_running")
    (run,) = (await client.get("/api/jobs/count/runs", headers=admin.auth)).json()
    assert [(a["number"], a["state"], a.get("error")) for a in run["attempts"]] == [
        (1, "failed", "RuntimeError"),
        (2, "succeeded", None),
    ]
    assert "Nobody" not in str(run)


async def test_a_paused_job_can_be_run_by_hand(
    client: httpx.AsyncClient, admin: Account, database: Database, desk: JobRunner
) -> None:
    await client.patch("/api/jobs/session_cleanup", json={"paused": True}, headers=admin.auth)
    await client.post("/api/jobs/session_cleanup/run", headers=admin.auth)
    await desk.look()
    await desk.wait()

    row = (await rows(client, admin))["session_cleanup"]
    assert (row["paused"], row["last_run"]["state"]) == (True, "succeeded")
    assert "next_due" not in row


async def test_changing_a_schedule(client: httpx.AsyncClient, database: Database, admin: Account) -> None:
    with clock.frozen(MONDAY):
        changed = await client.patch(f"/api/jobs/{KEY}", json={"schedule": " 23:30 "}, headers=admin.auth)
        assert changed.status_code == 200
        row = changed.json()
        assert (row["schedule"], row["default_schedule"]) == ("23:30", JOBS[KEY].schedule)
        assert row["next_due"] == "2026-03-02T16:30:00+00:00"
        assert row["changed_by_name"] == admin.name
        back = await client.patch(f"/api/jobs/{KEY}", json={"schedule": JOBS[KEY].schedule}, headers=admin.auth)
        assert back.json()["schedule"] == JOBS[KEY].schedule
    async with database.read() as session:
        assert (await session.scalars(select(Job.schedule).where(Job.key == KEY))).one() is None
        details = (await session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "job.changed"))).all()
    assert [detail["to"]["schedule"] for detail in details] == ["23:30", JOBS[KEY].schedule]


async def test_a_changed_schedule_and_an_ended_pause_catch_nothing_up(
    client: httpx.AsyncClient, database: Database, admin: Account, desk: JobRunner
) -> None:
    async with database.write() as session:
        await session.execute(update(Job).values(counts_from=utc_now() - timedelta(days=3), paused=True))
    await client.patch(f"/api/jobs/{KEY}", json={"paused": False}, headers=admin.auth)
    await client.patch("/api/jobs/session_cleanup", json={"paused": False, "schedule": "04:00"}, headers=admin.auth)
    await desk.look()
    await desk.wait()

    changed = JobRun.job_key.in_([KEY, "session_cleanup"])
    async with database.read() as session:
        assert (await session.scalars(select(JobRun).where(changed))).all() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"schedule": "soon"}, "schedule"),
        ({"schedule": "0 0 31 2 *"}, "schedule"),
        ({"schedule": ""}, "schedule"),
        ({"schedule": "*" * 101}, "schedule"),
        ({"schedule": "00:\x00"}, "schedule"),
        ({"schedule": 7}, "schedule"),
        ({"paused": "perhaps"}, "paused"),
        ({"when": "00:01"}, "when"),
        ({}, "body"),
    ],
)
async def test_a_bad_change_is_refused_and_stops_nothing(
    client: httpx.AsyncClient, admin: Account, database: Database, body: dict[str, Any], field: str, desk: JobRunner
) -> None:
    refused = await client.patch(f"/api/jobs/{KEY}", json=body, headers=admin.auth)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert refused.json()["errors"][0]["message"]

    with clock.frozen(utc_now() + timedelta(days=1)):
        await desk.look()
        await desk.wait()
    found = await rows(client, admin)
    assert {key: row["last_run"]["state"] for key, row in found.items()} == dict.fromkeys(JOBS, "succeeded")
    assert found[KEY]["schedule"] == JOBS[KEY].schedule


async def test_pausing_an_essential_job_is_confirmed(client: httpx.AsyncClient, admin: Account) -> None:
    refused = await client.patch(f"/api/jobs/{ESSENTIAL}", json={"paused": True}, headers=admin.auth)
    assert (refused.status_code, refused.json()["code"]) == (409, "pause_needs_confirmation")
    assert (await rows(client, admin))[ESSENTIAL]["paused"] is False
    body = {"paused": True, "confirmed": True}
    assert (await client.patch(f"/api/jobs/{ESSENTIAL}", json=body, headers=admin.auth)).json()["paused"] is True
    assert (await client.patch(f"/api/jobs/{ESSENTIAL}", json={"paused": False}, headers=admin.auth)).status_code == 200


async def test_an_unreadable_stored_schedule_is_shown(
    client: httpx.AsyncClient, admin: Account, database: Database, desk: JobRunner
) -> None:
    async with database.write() as session:
        await session.execute(update(Job).where(Job.key == KEY).values(schedule="whenever"))

    row = (await rows(client, admin))[KEY]
    assert row["schedule_error"]
    assert "next_due" not in row


async def store_runs(database: Database, count: int) -> None:
    async with database.write() as session:
        await repository.add_jobs(session, list(JOBS), MONDAY)
        values = [
            {
                "id": f"{key}-{number}",
                "job_key": key,
                "due_at": MONDAY + timedelta(days=number),
                "kind": "scheduled",
                "state": "succeeded",
                "not_before": MONDAY,
                "started_at": MONDAY,
                "ended_at": MONDAY + timedelta(days=number),
                "result": {"done": number},
            }
            for key in JOBS
            for number in range(count)
        ]
        await session.execute(insert(JobRun), values)


async def test_history_is_paged_and_costs_the_same_however_long(
    client: httpx.AsyncClient, admin: Account, database: Database
) -> None:
    await store_runs(database, 45)
    seen: list[str] = []
    address: str | None = f"/api/jobs/{KEY}/runs?limit=20"
    while address:
        response = await client.get(address, headers=admin.auth)
        assert response.headers["x-total-count"] == "45"
        seen += [run["id"] for run in response.json()]
        address = response.links.get("next", {}).get("url")
    assert seen == [f"{KEY}-{number}" for number in reversed(range(45))]

    costs = set()
    for path in ("/api/jobs", f"/api/jobs/{KEY}/runs?limit=5", f"/api/jobs/{KEY}/runs?limit=40"):
        with recorded_statements(database) as statements:
            await client.get(path, headers=admin.auth)
        costs.add((path.partition("?")[0], len(statements)))
    assert costs == {("/api/jobs", 2), (f"/api/jobs/{KEY}/runs", 4)}  # one of each finds out who asks


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "W10"])
async def test_a_foreign_cursor_is_refused(client: httpx.AsyncClient, admin: Account, cursor: str) -> None:
    refused = await client.get(f"/api/jobs/{KEY}/runs", params={"cursor": cursor}, headers=admin.auth)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cursor")


async def test_the_kept_address_says_whether_anything_runs(
    client: httpx.AsyncClient, admin: Account, database: Database, desk: JobRunner
) -> None:
    before = (await client.get("/api/scheduled-reports/config", headers=admin.auth)).json()
    assert (before["enabled"], before["zone"], len(before["jobs"])) == (True, "Asia/Jakarta", len(JOBS))
    assert before["id"]
    async with database.write() as session:
        await session.execute(update(Job).values(paused=True))
    assert (await client.get("/api/scheduled-reports/config", headers=admin.auth)).json()["enabled"] is False


async def test_old_runs_are_forgotten_but_never_the_newest(database: Database) -> None:
    await store_runs(database, 4)
    async with database.write() as session:
        assert await repository.forget_runs(session, MONDAY + timedelta(days=2), 500) == 2 * len(JOBS)
    async with database.write() as session:
        assert await repository.forget_runs(session, datetime(2027, 1, 1, tzinfo=UTC), 500) == len(JOBS)
    async with database.read() as session:
        left = (await session.scalars(select(JobRun.id).where(JobRun.job_key == KEY))).all()
    assert left == [f"{KEY}-3"]
