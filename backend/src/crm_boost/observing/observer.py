"""Metrics, reports of errors and traces in one: what is not configured costs one comparison (ADR 43)."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool
from starlette.datastructures import Headers
from starlette.types import Scope

from crm_boost import __version__
from crm_boost.kit.context import current_context
from crm_boost.observing.metrics import Metrics
from crm_boost.settings import Settings

if TYPE_CHECKING:
    from crm_boost.observing.reporter import Reporter
    from crm_boost.observing.tracing import Tracing


class NotInstalled(RuntimeError):
    """A setting asks for a package that is not there."""


class Observer:
    """What watches an app. Handed to whatever is watched; each of the three may be missing."""

    def __init__(
        self, *, metrics: Metrics | None = None, reporter: "Reporter | None" = None, tracing: "Tracing | None" = None
    ) -> None:
        self.metrics = metrics
        self.reporter = reporter
        self.tracing = tracing

    @classmethod
    def of(cls, settings: Settings) -> "Observer":
        """Return what the settings ask for. Raises `NotInstalled`."""
        return cls(
            metrics=Metrics(__version__) if settings.observability.metrics_token else None,
            reporter=_reporter(settings),
            tracing=_tracing(settings),
        )

    def request(self, scope: Scope, headers: Headers, request_id: str) -> "RequestWatch | None":
        """Begin to watch a request; None when nothing watches."""
        if self.metrics is None and self.reporter is None and self.tracing is None:
            return None
        return RequestWatch(self, scope["method"], headers, request_id)

    def report(self, error: BaseException, **tags: str) -> None:
        """Report an error that nobody expected. What is logged beside it has the same id."""
        if self.reporter is not None:
            self.reporter.error(error, {"request_id": current_context().correlation_id, **tags})

    @contextmanager
    def job(self, key: str, run_id: str) -> Iterator[Callable[[str], None]]:
        """Around the work of a run; to be told how it ended."""
        if self.tracing is None:
            yield lambda _outcome: None
        else:
            with self.tracing.job(key, run_id) as ended:
                yield ended

    def pool_class(self) -> type[Pool] | None:
        """Return the kind of pool that says how long its connections were waited for; None: nobody wants to know."""
        if self.metrics is None:
            return None
        waited = self.metrics.connection_wait

        class WatchedPool(AsyncAdaptedQueuePool):
            def _do_get(self) -> Any:
                began = time.perf_counter()
                try:
                    return super()._do_get()
                finally:
                    waited.observe(time.perf_counter() - began)

        return WatchedPool

    async def close(self) -> None:
        """Send what waits."""
        for part in (self.reporter, self.tracing):
            if part is not None:
                await asyncio.to_thread(part.close)


def _reporter(settings: Settings) -> "Reporter | None":
    wanted = settings.observability
    if wanted.sentry_dsn is None or settings.staging:
        return None
    from crm_boost.observing.reporter import Reporter

    return Reporter(
        wanted.sentry_dsn.get_secret_value(),
        release=f"crm-boost@{__version__}",
        environment=wanted.environment,
        slow_seconds=wanted.slow_seconds,
    )


def _tracing(settings: Settings) -> "Tracing | None":
    wanted = settings.observability
    if wanted.otlp_endpoint is None or settings.staging:
        return None
    try:
        from crm_boost.observing.tracing import Tracing

        return Tracing.to_collector(wanted.otlp_endpoint, version=__version__, environment=wanted.environment)
    except ImportError as error:
        raise NotInstalled(
            "CRM_OBSERVABILITY__OTLP_ENDPOINT is set, but what it needs is not installed: "
            "pip install 'crm-boost[tracing]', or take the setting away."
        ) from error


class RequestWatch:
    """One request while it is answered."""

    def __init__(self, observer: Observer, method: str, headers: Headers, request_id: str) -> None:
        self._observer = observer
        self._method = method
        self._request_id = request_id
        self._stream = False
        self._began = time.time()
        if observer.metrics is not None:
            observer.metrics.in_flight.inc()
        self._span = observer.tracing.begin_request(method, headers, request_id) if observer.tracing else None

    def answered(self, content_type: str) -> None:
        """The answer begins. A stream stays open for hours: it is no longer a request that somebody waits for."""
        if content_type.startswith("text/event-stream"):
            self._stream = True
            if self._observer.metrics is not None:
                self._observer.metrics.in_flight.dec()

    def ended(self, route: str, status: int, seconds: float) -> None:
        """The answer is over."""
        metrics, reporter = self._observer.metrics, self._observer.reporter
        if metrics is not None:
            if not self._stream:
                metrics.in_flight.dec()
            metrics.request(self._method, route, status, seconds, stream=self._stream)
        if self._span is not None:
            self._span.end(self._method, route, status)
        if reporter is not None and not self._stream and seconds > reporter.slow_seconds:
            tags = {"request_id": self._request_id, "method": self._method}
            reporter.slow(route, status, self._began, self._began + seconds, tags)
