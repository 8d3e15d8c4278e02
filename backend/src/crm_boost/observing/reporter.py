"""Sends errors and slow requests to Sentry; without a DSN the library is not even imported (ADR 43)."""

from datetime import UTC, datetime
from typing import Any, cast

import sentry_sdk
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import event_from_exception

from crm_boost.kit.ids import new_id
from crm_boost.observing.scrub import frames_of_browser, report_without_persons, text_without_persons

_STOP_SECONDS = 2.0
_MESSAGE = "message"


class Reporter:
    """A client of its own beside the library's global one: nothing is patched, nothing is collected by itself."""

    def __init__(
        self, dsn: str, *, release: str, environment: str, slow_seconds: float, transport: Transport | None = None
    ) -> None:
        self.slow_seconds = slow_seconds
        self._client = sentry_sdk.Client(
            dsn=dsn,
            release=release,
            environment=environment,
            transport=transport,
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_breadcrumbs=0,
            send_client_reports=False,
            auto_session_tracking=False,
            before_send=_scrubbed,
            before_send_transaction=_scrubbed,
        )

    def error(self, error: BaseException, tags: dict[str, str]) -> None:
        """Report an error with its stack: what kind of error, where, in which request or job."""
        event, hint = event_from_exception(error, client_options=self._client.options)
        event["tags"] = tags
        self._client.capture_event(event, hint)

    def browser_error(self, kind: str, message: str, stack: str, tags: dict[str, str]) -> None:
        """Report an error of the web app."""
        value = {"type": kind, "stacktrace": {"frames": frames_of_browser(stack)}}
        event = {"level": "error", "platform": "javascript", "exception": {"values": [value]}, "tags": tags}
        self._client.capture_event(cast(Event, event), {_MESSAGE: text_without_persons(message)})

    def slow(self, route: str, status: int, began: float, ended: float, tags: dict[str, str]) -> None:
        """Report a request that took longer than the setting allows."""
        trace = {"trace_id": new_id(), "span_id": new_id()[16:], "op": "http.server"}
        event = {
            "type": "transaction",
            "transaction": route,
            "start_timestamp": datetime.fromtimestamp(began, UTC),
            "timestamp": datetime.fromtimestamp(ended, UTC),
            "contexts": {"trace": {**trace, "status": "ok" if status < 500 else "internal_error"}},
            "spans": [],
            "tags": tags,
        }
        self._client.capture_event(cast(Event, event))

    def close(self) -> None:
        """Send what waits, for a short while."""
        self._client.close(timeout=_STOP_SECONDS)


def _scrubbed(event: Event, hint: Hint) -> Event:
    return cast(Event, report_without_persons(cast(dict[str, Any], event), hint.get(_MESSAGE)))
