"""Follows the outbox once per process and hands each announcement to every open stream.

The cost of an announcement is one read per process, however many browsers listen.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.db.engine import Database
from crm_boost.db.outbox import (
    OutboxMessage,
    Position,
    forget_before,
    latest_position,
    messages_after,
    position_of,
)
from crm_boost.kit.clock import utc_now

log = structlog.get_logger(__name__)

_POLL_SECONDS = 0.5
_KEEP = timedelta(days=1)
_TIDY_SECONDS = 3600.0
_BACKLOG = 1000


class Subscription:
    """One open stream. `take` waits for the next announcement; None means: nothing for a while, or the end."""

    def __init__(self, relay: "Relay") -> None:
        self._relay = relay
        self._queue: asyncio.Queue[OutboxMessage] = asyncio.Queue(_BACKLOG)
        self._over = False

    def is_over(self) -> bool:
        """Whether the stream has to end: the process is about to stop, or its listener was too slow."""
        return self._over

    def offer(self, message: OutboxMessage) -> None:
        """Hand over an announcement; a listener too slow for its backlog is ended and will come back by itself."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self._over = True

    async def take(self, seconds: float) -> OutboxMessage | None:
        """Return the next announcement, or None after `seconds` without one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                getter = asyncio.ensure_future(self._queue.get())
                closing = asyncio.ensure_future(self._relay.closing.wait())
                try:
                    await asyncio.wait([getter, closing], return_when=asyncio.FIRST_COMPLETED)
                    if getter.done():
                        return getter.result()
                    self._over = True
                finally:
                    getter.cancel()
                    closing.cancel()
        return None

    def close(self) -> None:
        """Stop listening."""
        self._relay.forget(self)


class Relay:
    """The process's reader of the outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._subscriptions: set[Subscription] = set()
        self.closing = asyncio.Event()

    def subscribe(self) -> Subscription:
        """Open a subscription to everything announced from now on."""
        subscription = Subscription(self)
        self._subscriptions.add(subscription)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        """Remove a subscription."""
        self._subscriptions.discard(subscription)

    async def missed(self, position: Position) -> list[OutboxMessage]:
        """Return what was announced after `position`, for a browser that comes back."""
        async with self._database.read() as session:
            return await messages_after(session, position)

    def close(self) -> None:
        """End every stream: the process is about to stop."""
        self.closing.set()

    async def run(self) -> None:
        """Read and hand out until cancelled. What is announced before the start concerns no stream of this process,
        except through `missed`."""
        position: Position | None = None
        while True:
            try:
                async with self._database.read() as session:
                    if position is None:
                        position = await latest_position(session)
                    messages = await messages_after(session, position)
            except SQLAlchemyError as error:
                log.warning("outbox_read_failed", error=type(error).__name__)
                messages = []
            for message in messages:
                position = position_of(message)
                for subscription in tuple(self._subscriptions):
                    subscription.offer(message)
            await asyncio.sleep(_POLL_SECONDS)

    async def tidy_regularly(self) -> None:
        """Drop announcements that every reader has passed, until cancelled."""
        while True:
            try:
                async with self._database.write() as session:
                    await forget_before(session, utc_now() - _KEEP)
            except SQLAlchemyError as error:
                log.warning("outbox_tidy_failed", error=type(error).__name__)
            await asyncio.sleep(_TIDY_SECONDS)
