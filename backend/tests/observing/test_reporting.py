"""Errors and slow requests on their way to Sentry and OpenTelemetry, held up at the door and looked at."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from crm_boost.app import create_app
from crm_boost.jobs.registry import JobSpec, registry
from crm_boost.jobs.runner import JobRunner
from crm_boost.kit.errors import Problem
from crm_boost.observing.observer import NotInstalled, Observer
from crm_boost.observing.reporter import Reporter
from crm_boost.observing.tracing import Tracing
from crm_boost.settings import JobSettings, ObservabilitySettings, Settings
from crm_boost.web.middleware import RequestMiddleware
from crm_boost.web.problems import install_problem_handlers
from tests.support.factories import make_user

DSN = "https://public@sentry.example.test/1"
NAME, PHONE, TYPED = "Budi Santoso", "081234567890", "typed-by-somebody"


class Door(Transport):
    """Keeps what would have been sent."""

    def __init__(self) -> None:
        super().__init__({"dsn": DSN})
        self.envelopes: list[bytes] = []
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope.serialize())
        for item in envelope.items:
            if (event := item.get_event() or item.get_transaction_event()) is not None:
                self.events.append(dict(event))


def reporter(door: Door, slow_seconds: float = 60.0) -> Reporter:
    return Reporter(DSN, release="crm-boost@1", environment="test", slow_seconds=slow_seconds, transport=door)


def failing_app(observer: Observer) -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)

    @app.post("/api/customers/{customer_id}")
    async def fail(customer_id: str) -> None:
        held = {"name": NAME, "phone": PHONE}
        raise KeyError(f"{customer_id}: no such desk for {held['name']}, {held['phone']}")

    @app.get("/api/quick/{customer_id}")
    async def quick(customer_id: str) -> dict[str, str]:
        return {}

    @app.get("/api/refused")
    async def refused() -> None:
        raise Problem(detail=f"{NAME} is reserved")

    app.add_middleware(
        RequestMiddleware, max_body_bytes=10_000, max_upload_bytes=1, upload_paths=frozenset(), observer=observer
    )
    return app


def talking_to(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://crm.test")


@pytest.mark.pure
async def test_an_error_is_reported_with_its_place_and_its_request_and_no_person() -> None:
    door = Door()
    async with talking_to(failing_app(Observer(reporter=reporter(door)))) as client:
        answer = await client.post(
            f"/api/customers/{TYPED}?q={TYPED}",
            json={"name": NAME, "phone": PHONE},
            headers={
                "X-Request-Id": "marked-request-1",
                "Authorization": f"Bearer {TYPED}",
                "Cookie": f"crm_session={TYPED}",
            },
        )
        await client.get("/api/refused")
        await client.get(f"/api/quick/{TYPED}")

    assert answer.status_code == 500
    (event,) = door.events
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("KeyError", "[withheld]")
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["tags"] == {"request_id": "marked-request-1", "route": "/api/customers/{customer_id}"}
    sent = b"".join(door.envelopes).decode()
    # The line of the program that failed is sent; what stood in its variables is not.
    assert [word for word in (NAME, PHONE, TYPED) if word in sent] == []


@pytest.mark.pure
async def test_a_slow_request_is_reported_by_its_route_and_a_quick_one_is_not() -> None:
    slow, patient = Door(), Door()
    for door, limit in ((slow, 1e-9), (patient, 60.0)):
        async with talking_to(failing_app(Observer(reporter=reporter(door, limit)))) as client:
            await client.get(f"/api/quick/{TYPED}?q={NAME}", headers={"X-Request-Id": "marked-request-1"})

    (event,) = slow.events
    assert (event["type"], event["transaction"], event["spans"]) == ("transaction", "/api/quick/{customer_id}", [])
    assert event["tags"] == {"request_id": "marked-request-1", "method": "GET"}
    assert TYPED not in b"".join(slow.envelopes).decode()
    assert patient.events == []


async def test_a_failing_job_is_reported_logged_and_counted_under_the_id_of_its_run(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    from crm_boost.db.engine import Database
    from crm_boost.jobs import service
    from crm_boost.observing.metrics import Metrics, State
    from crm_boost.web.logging import configure_logging
    from crm_boost.wiring import build_bus

    async def fails(_database: Database) -> dict[str, int]:
        raise LookupError(NAME)

    jobs, door = registry(JobSpec("fails", "00:00", fails, attempts=1)), Door()
    metrics = Metrics("1")
    database = Database(settings, build_bus(), Observer(reporter=reporter(door), metrics=metrics))
    configure_logging(ObservabilitySettings())
    try:
        runner = JobRunner(database, JobSettings(enabled=False), jobs)
        await runner.look()
        async with database.write() as session:
            await service.ask_run(session, jobs, "fails")
        await runner.look()
        await runner.wait()
    finally:
        await database.dispose()

    (event,) = door.events
    assert event["tags"]["job"] == "fails"
    run_id = event["tags"]["request_id"]
    lines = [
        line for line in capsys.readouterr().err.splitlines() if '"job_failed"' in line or '"event": "job"' in line
    ]
    assert [(run_id in line, '"job": "fails"' in line) for line in lines] == [(True, True)] * 2
    assert NAME not in b"".join(door.envelopes).decode()
    assert b'crm_boost_job_runs_total{job="fails",outcome="failed"} 1.0' in metrics.render(State())


async def test_spans_name_routes_and_kinds_of_statements_alone(settings: Settings) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(SimpleSpanProcessor(exporter), version="1", environment="test")
    app = create_app(settings, Observer(tracing=tracing))
    caller = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    async with app.router.lifespan_context(app):
        admin = await make_user(app.state.database, "admin")
        async with talking_to(app) as client:
            exporter.clear()
            found = await client.get(f"/api/users?q={TYPED}", headers={**admin.auth, **caller})
            assert (
                await client.patch(f"/api/users/{TYPED}", json={"name": NAME}, headers=admin.auth)
            ).status_code == 404
        spans = exporter.get_finished_spans()

    assert found.status_code == 200
    requests = {span.name: span for span in spans if span.name.endswith(("/api/users", "/api/users/{user_id}"))}
    assert set(requests) == {"GET /api/users", "PATCH /api/users/{user_id}"}
    listed = requests["GET /api/users"]
    assert listed.context is not None
    assert f"{listed.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    below = [span for span in spans if span.parent and span.parent.span_id == listed.context.span_id]
    assert "SELECT" in {span.name for span in below}
    told = " ".join(span.to_json() for span in spans)
    assert [word for word in (TYPED, NAME, admin.email, "FROM users") if word in told] == []


def test_tracing_without_its_packages_is_refused_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    wanted = Settings(
        data_dir=tmp_path, observability=ObservabilitySettings(otlp_endpoint="http://collector.test:4318")
    )

    with pytest.raises(NotInstalled, match=r"pip install 'crm-boost\[tracing\]'"):
        Observer.of(wanted)


def test_what_is_not_asked_for_is_not_even_imported() -> None:
    program = (
        "import sys, crm_boost.web.middleware; from crm_boost.observing.observer import Observer;"
        "from crm_boost.settings import Settings; Observer.of(Settings());"
        "print([name for name in ('sentry_sdk', 'opentelemetry.sdk') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("staging", [False, True])
def test_a_staging_instance_reports_to_nobody(tmp_path: Path, staging: bool) -> None:
    from pydantic import SecretStr

    wanted = ObservabilitySettings(sentry_dsn=SecretStr(DSN), otlp_endpoint="http://collector.test:4318")
    observer = Observer.of(Settings(data_dir=tmp_path, staging=staging, observability=wanted))

    assert [observer.reporter is None, observer.tracing is None] == [staging, staging]
