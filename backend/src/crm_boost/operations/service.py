"""What an operator learns about a process, and what browsers tell of their errors (issue "Moving in and staying", ADR 43)."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.db.engine import Database
from crm_boost.jobs.repository import last_successes
from crm_boost.live.relay import Relay
from crm_boost.notifications.channel_repository import count_waiting
from crm_boost.observing.metrics import State
from crm_boost.observing.observer import Observer
from crm_boost.observing.scrub import frames_of_browser, text_without_persons
from crm_boost.operations import repository
from crm_boost.operations.browser_errors import BrowserErrors
from crm_boost.operations.schemas import BrowserErrorIn

log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 5.0
_MOST_BEHIND = 10_000


async def state_of(database: Database, relay: Relay) -> State:
    """Return the state of this process. Four small statements; a database that does not answer is part of the state."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), database.read() as session:
            behind = await repository.count_after(session, relay.position, _MOST_BEHIND)
            waiting = await count_waiting(session)
            successes = await last_successes(session)
    except (SQLAlchemyError, OSError, TimeoutError):
        return State(database_up=False, open_streams=relay.open_streams, connections=database.connections)
    return State(
        open_streams=relay.open_streams,
        outbox_behind=behind,
        messages_waiting=waiting,
        last_success=successes,
        connections=database.connections,
    )


def take_browser_error(observer: Observer, pace: BrowserErrors, user_id: str, error: BrowserErrorIn) -> None:
    """Log and report an error of the web app, without what could be a customer's; beyond the pace it is counted alone."""
    kept = pace.may_report(user_id)
    if observer.metrics is not None:
        observer.metrics.client_error(kept=kept)
    if not kept:
        return
    frames = [
        f"{frame['function']} {frame['filename']}:{frame['lineno']}:{frame['colno']}"
        for frame in frames_of_browser(error.stack)
    ]
    log.warning(
        "browser_error", kind=error.kind, message=text_without_persons(error.message), page=error.page, frames=frames
    )
    if observer.reporter is not None:
        observer.reporter.browser_error(error.kind, error.message, error.stack, {"page": error.page})
