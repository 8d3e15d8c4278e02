"""Spans of requests, jobs and statements for OpenTelemetry, by our own hands (ADR 43).

The framework's instrumentation puts paths and queries into spans, which name customers. These hold the route's template, the
kind of statement, the status and the time.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import context, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Engine, event

_KINDS = frozenset({"begin", "commit", "delete", "insert", "rollback", "savepoint", "select", "update", "with"})
_SPAN = "crm_boost_span"


class Tracing:
    """The tracer of one app. It is handed where its spans go; nothing global is set."""

    def __init__(self, processor: SpanProcessor, *, version: str, environment: str) -> None:
        resource = Resource.create(
            {"service.name": "crm-boost", "service.version": version, "deployment.environment.name": environment}
        )
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("crm_boost", version)
        self._propagator = TraceContextTextMapPropagator()

    @classmethod
    def to_collector(cls, endpoint: str, *, version: str, environment: str) -> "Tracing":
        """Send spans in batches to a collector that speaks OTLP over HTTP."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        return cls(BatchSpanProcessor(exporter), version=version, environment=environment)

    def begin_request(self, method: str, headers: Mapping[str, str], request_id: str) -> "RequestSpan":
        """Begin the span of a request, below the caller's one where it names one."""
        parent = self._propagator.extract({name: headers[name] for name in ("traceparent",) if name in headers})
        span = self._tracer.start_span(
            method,
            context=parent,
            kind=trace.SpanKind.SERVER,
            attributes={"http.request.method": method, "crm_boost.request_id": request_id},
        )
        return RequestSpan(span)

    @contextmanager
    def job(self, key: str, run_id: str) -> Iterator[Callable[[str], None]]:
        """The span of a run of a job; to be told how it ended."""
        # What an exception says may hold a person's data: how it ended is enough.
        with self._tracer.start_as_current_span(
            f"job {key}",
            attributes={"crm_boost.job": key, "crm_boost.run_id": run_id},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:

            def ended(outcome: str) -> None:
                span.set_attribute("crm_boost.outcome", outcome)
                if outcome != "succeeded":
                    span.set_status(trace.StatusCode.ERROR)

            yield ended

    def watch(self, engine: Engine) -> None:
        """Make a span of every statement of this engine: its kind and its time, neither text nor parameters."""

        @event.listens_for(engine, "before_cursor_execute")
        def _begin(
            _connection: Any, _cursor: Any, statement: str, _parameters: Any, execution: Any, _many: Any
        ) -> None:
            kind = statement.split(None, 1)[0].lower() if statement.strip() else ""
            name = kind.upper() if kind in _KINDS else "other"
            attributes = {"db.system.name": engine.dialect.name, "db.operation.name": name}
            span = self._tracer.start_span(name, kind=trace.SpanKind.CLIENT, attributes=attributes)
            setattr(execution, _SPAN, span)

        @event.listens_for(engine, "after_cursor_execute")
        def _end(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, execution: Any, _many: Any) -> None:
            getattr(execution, _SPAN).end()

        @event.listens_for(engine, "handle_error")
        def _fail(failure: Any) -> None:
            span = getattr(failure.execution_context, _SPAN, None)
            if span is not None:
                span.set_attribute("error.type", type(failure.original_exception).__name__)
                span.set_status(trace.StatusCode.ERROR)
                span.end()

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


class RequestSpan:
    """The span of a request while it is answered; what happens meanwhile lies below it."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._token = context.attach(trace.set_span_in_context(span))

    def end(self, method: str, route: str, status: int) -> None:
        """Name it after its route and end it."""
        context.detach(self._token)
        self._span.update_name(f"{method} {route}")
        self._span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= 500:
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()
