"""What Prometheus reads: refused without the token, names of routes only, and true."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from crm_boost import __version__
from crm_boost.app import create_app
from crm_boost.db.outbox import announce
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import Principal
from crm_boost.jobs import service as jobs
from crm_boost.jobs.registry import JOBS
from crm_boost.jobs.runner import JobRunner
from crm_boost.kit.clock import utc_now
from crm_boost.observing.metrics import Metrics, State
from crm_boost.settings import JobSettings, ObservabilitySettings, Settings
from tests.support.factories import make_user

TOKEN = "a token for figures"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def watched(settings: Settings) -> AsyncIterator[FastAPI]:
    """The app with metrics, started."""
    wanted = ObservabilitySettings(metrics_token=SecretStr(TOKEN))
    app = create_app(settings.model_copy(update={"observability": wanted}))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def watched_client(watched: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=watched), base_url="http://crm.test") as client:
        yield client


async def figures(client: httpx.AsyncClient) -> dict[str, float]:
    """Every sample by its name and labels."""
    answer = await client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


async def test_without_a_token_in_the_settings_there_are_no_metrics(client: httpx.AsyncClient) -> None:
    for headers in ({}, BEARER):
        answer = await client.get("/metrics", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \u00e9"])
async def test_nobody_reads_them_without_the_token(watched_client: httpx.AsyncClient, given: str) -> None:
    answer = await watched_client.get("/metrics", headers=[(b"authorization", given.encode("latin-1"))])

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "crm_boost_" not in answer.text


async def test_not_even_an_admin_reads_them_with_a_session(watched: FastAPI, watched_client: httpx.AsyncClient) -> None:
    admin = await make_user(watched.state.database, "master_admin")

    assert (await watched_client.get("/metrics", headers=admin.auth)).status_code == 401


async def test_requests_are_counted_by_the_template_of_their_route(
    watched: FastAPI, watched_client: httpx.AsyncClient
) -> None:
    admin = await make_user(watched.state.database, "admin")
    for typed in ("budi", "siti"):
        assert (await watched_client.patch(f"/api/users/{typed}", json={}, headers=admin.auth)).status_code == 404
        await watched_client.get(f"/api/nothing-called-{typed}")
        await watched_client.get(f"/customers/{typed}", headers={"accept": "text/html"})
        await watched_client.request(typed.upper(), "/api/health")

    found = await figures(watched_client)

    requests = {name: value for name, value in found.items() if name.startswith("crm_boost_http_requests_total")}
    assert requests['crm_boost_http_requests_total{method="PATCH",route="/api/users/{user_id}",status="404"}'] == 2
    assert requests['crm_boost_http_requests_total{method="GET",route="-",status="404"}'] == 2
    assert requests['crm_boost_http_requests_total{method="other",route="/api/health",status="405"}'] == 2
    assert not any(word in name.lower() for name in found for word in ("budi", "siti"))
    assert found['crm_boost_http_request_seconds_count{method="PATCH",route="/api/users/{user_id}"}'] == 2
    assert found["crm_boost_http_in_flight"] == 1, "the one that asks"


async def test_the_state_of_the_process_is_told(watched: FastAPI, watched_client: httpx.AsyncClient) -> None:
    database, staff = watched.state.database, await make_user(watched.state.database)
    before = await figures(watched_client)
    async with database.write() as session:
        await announce(session, "jobs", {"key": "x"})
    runner = JobRunner(database, JobSettings(enabled=False), {"session_cleanup": JOBS["session_cleanup"]})
    await runner.look()
    async with database.write() as session:
        await jobs.ask_run(session, runner.jobs, "session_cleanup")
    began = utc_now()
    await runner.look()
    await runner.wait()
    stream = watched.state.live.follow(_principal(staff.id), None)
    await anext(stream)
    try:
        found = await figures(watched_client)
    finally:
        await stream.aclose()

    assert found[f'crm_boost_build_info{{version="{__version__}"}}'] == 1
    assert found["crm_boost_db_up"] == 1
    assert found["crm_boost_streams_open"] == 1
    assert found["crm_boost_db_unit_of_work_seconds_count"] > before["crm_boost_db_unit_of_work_seconds_count"]
    assert found["crm_boost_db_connection_wait_seconds_count"] > before["crm_boost_db_connection_wait_seconds_count"]
    assert found['crm_boost_job_runs_total{job="session_cleanup",outcome="succeeded"}'] == 1
    last = found['crm_boost_job_last_success_timestamp_seconds{job="session_cleanup"}']
    assert began.timestamp() - 1 <= last <= utc_now().timestamp()
    assert found['crm_boost_db_connections_limit{pool="writer"}'] >= 1


async def test_what_was_announced_and_not_passed_on_is_the_backlog(settings: Settings) -> None:
    from crm_boost.db.engine import Database
    from crm_boost.live.relay import Relay
    from crm_boost.operations.service import state_of
    from crm_boost.wiring import build_bus

    database = Database(settings, build_bus())
    try:
        relay = Relay(database)
        assert (await state_of(database, relay)).outbox_behind == 0
        for number in range(3):
            async with database.write() as session:
                await announce(session, "jobs", {"key": str(number)})
        assert (await state_of(database, relay)).outbox_behind == 3
    finally:
        await database.dispose()


async def test_a_database_that_does_not_answer_is_told_too(watched: FastAPI, watched_client: httpx.AsyncClient) -> None:
    from unittest.mock import patch

    from sqlalchemy.exc import OperationalError

    with patch.object(watched.state.database, "read", side_effect=OperationalError("", {}, Exception())):
        found = await figures(watched_client)

    assert found["crm_boost_db_up"] == 0


@pytest.mark.pure
def test_a_stream_is_counted_and_says_nothing_about_speed() -> None:
    metrics = Metrics("1")
    metrics.request("GET", "/api/stream", 200, 3600.0, stream=True)
    told = metrics.render(State(last_success={"j": datetime(2025, 1, 1, tzinfo=UTC)})).decode()

    assert 'requests_total{method="GET",route="/api/stream",status="200"} 1.0' in told
    assert "crm_boost_http_request_seconds_count{" not in told
    assert re.search(r'last_success_timestamp_seconds\{job="j"\} 1\.7356896e\+09', told)


def _principal(user_id: str) -> Principal:
    return Principal(user_id, "Somebody", Role.STAFF, frozenset(), "")
