"""What Prometheus reads of one process (ADR 43). Every app has a registry of its own; nothing is global.

Labels come from fixed lists: templates of routes, methods, keys of jobs. What people type never becomes one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_DATABASE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_JOB_SECONDS = (0.05, 0.25, 1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)


@dataclass(frozen=True, slots=True)
class State:
    """What is not counted as it happens but looked at when somebody asks. `last_success` is of all processes."""

    database_up: bool = True
    open_streams: int = 0
    outbox_behind: int = 0
    messages_waiting: int = 0
    last_success: Mapping[str, datetime] = field(default_factory=dict)
    connections: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By pool: how many connections are in use, and how many there may be."""


class Metrics:
    """Counts what happens; `render` writes it down in the format of Prometheus."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        build = Gauge(
            "crm_boost_build_info", "Always 1; the version is in the label.", ["version"], registry=self.registry
        )
        build.labels(version).set(1)
        self._requests = Counter(
            "crm_boost_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "crm_boost_http_request_seconds",
            "How long answers took; streams are left out.",
            ["method", "route"],
            buckets=_REQUEST_SECONDS,
            registry=self.registry,
        )
        self.in_flight = self._gauge("crm_boost_http_in_flight", "Requests being answered now; streams are left out.")
        self.unit_of_work_wait = self._database_seconds(
            "crm_boost_db_unit_of_work_wait_seconds", "How long units of work waited for their turn to write (SQLite)."
        )
        self.unit_of_work = self._database_seconds(
            "crm_boost_db_unit_of_work_seconds", "How long units of work took, from their turn to the commit."
        )
        self.connection_wait = self._database_seconds(
            "crm_boost_db_connection_wait_seconds", "How long a connection was waited for."
        )
        self._connections = self._gauge("crm_boost_db_connections_in_use", "Connections in use.", "pool")
        self._connections_limit = self._gauge("crm_boost_db_connections_limit", "Connections there may be.", "pool")
        self._database_up = self._gauge("crm_boost_db_up", "1 while the database answers.")
        self._behind = self._gauge(
            "crm_boost_outbox_behind", "Announcements that this process has not passed on yet (10,000 at most)."
        )
        self._waiting = self._gauge("crm_boost_messages_waiting", "Messages to the outside that wait to be sent.")
        self._streams = self._gauge("crm_boost_streams_open", "Event streams that this process feeds.")
        self._job_runs = Counter(
            "crm_boost_job_runs", "Runs of jobs in this process.", ["job", "outcome"], registry=self.registry
        )
        self._job_seconds = Histogram(
            "crm_boost_job_seconds", "How long runs took.", ["job"], buckets=_JOB_SECONDS, registry=self.registry
        )
        self._job_success = self._gauge(
            "crm_boost_job_last_success_timestamp_seconds", "When a job last succeeded, in any process.", "job"
        )
        self._client_errors = Counter(
            "crm_boost_client_errors", "Errors that browsers reported.", ["kept"], registry=self.registry
        )

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def _database_seconds(self, name: str, text: str) -> Histogram:
        return Histogram(name, text, buckets=_DATABASE_SECONDS, registry=self.registry)

    def request(self, method: str, route: str, status: int, seconds: float, *, stream: bool) -> None:
        """Count an answered request; `route` is a template. How long a stream was open says nothing about speed."""
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        if not stream:
            self._seconds.labels(method, route).observe(seconds)

    def job(self, key: str, outcome: str, seconds: float) -> None:
        """Count a run of a job: `succeeded`, `failed`, `handed_back` or `lost`."""
        self._job_runs.labels(key, outcome).inc()
        self._job_seconds.labels(key).observe(seconds)

    def client_error(self, *, kept: bool) -> None:
        """Count an error of a browser; beyond the limit it is counted alone."""
        self._client_errors.labels("yes" if kept else "no").inc()

    def render(self, state: State) -> bytes:
        """Return everything in the text format."""
        self._database_up.set(state.database_up)
        self._streams.set(state.open_streams)
        for pool, (in_use, limit) in state.connections.items():
            self._connections.labels(pool).set(in_use)
            self._connections_limit.labels(pool).set(limit)
        if state.database_up:
            self._behind.set(state.outbox_behind)
            self._waiting.set(state.messages_waiting)
            for key, instant in state.last_success.items():
                self._job_success.labels(key).set(instant.timestamp())
        return generate_latest(self.registry)
