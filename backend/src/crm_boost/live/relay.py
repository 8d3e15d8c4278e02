"""Follows the outbox once per process and hands each announcement to every open stream.

The cost of an announcement is one read per process, however many browsers listen; that of a stream nobody talks on is a
line every fifteen seconds. What this process commits is told at once, what others commit at the next look.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.db.engine import Database
from crm_boost.db.outbox import Announced, Position, forget_before, is_kept, latest_position, messages_after
from crm_boost.db.session import WriteSession
from crm_boost.identity.principal import Principal
from crm_boost.identity.repository import standing_of_sessions
from crm_boost.kit.clock import utc_now
from crm_boost.live.news import OPENING, RESYNC, News, event, here

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 0.5
_GAP_SECONDS = 0.02
"""Between two looks at least, so that a desk where everybody works is read in bursts."""
_KEEPALIVE_SECONDS = 15.0
_KEEP = timedelta(days=1)
_TIDY_SECONDS = 3600.0
_BACKLOG = 1000
_MOST_MISSED = 2000
"""Whoever missed more reads everything again; that is less work for both sides."""
_PAGE = 500


class Subscription:
    """One open stream of one person."""

    def __init__(self, principal: Principal, since: Position) -> None:
        self.principal = principal
        self._since = since
        self._waiting: deque[bytes] = deque()
        self._ready = asyncio.Event()
        self._over = False

    def tell(self, news: News) -> None:
        """Hand over an announcement, if it is new to this stream and concerns this person."""
        if news.position > self._since and (chunk := news.told_to(self.principal)) is not None:
            self.offer(chunk)

    def offer(self, chunk: bytes) -> None:
        """Hand over bytes; a listener too slow for its backlog is ended and will come back by itself."""
        if len(self._waiting) >= _BACKLOG:
            self.end()
            return
        self._waiting.append(chunk)
        self._ready.set()

    def end(self) -> None:
        """End the stream: the process is about to stop, the session is over, or its listener was too slow."""
        self._over = True
        self._ready.set()

    async def take(self) -> bytes | None:
        """Wait for what comes next, and return all that is there; None: the stream is over."""
        await self._ready.wait()
        if self._over:
            return None
        self._ready.clear()
        chunk = b"".join(self._waiting)
        self._waiting.clear()
        return chunk


class Relay:
    """The process's reader of the outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._subscriptions: set[Subscription] = set()
        self._position = Position()
        self._started = asyncio.Event()
        self._wake = asyncio.Event()
        self._closing = False
        database.bus.on(Announced, self._look_after)

    @property
    def open_streams(self) -> int:
        """How many streams are open."""
        return len(self._subscriptions)

    @property
    def position(self) -> Position:
        """How far this process has passed on what was announced."""
        return self._position

    async def _look_after(self, session: WriteSession, _event: Announced) -> None:
        session.after_commit(self._wake.set)

    async def follow(self, principal: Principal, last: Position | None) -> AsyncGenerator[bytes, None]:
        """Yield what a stream sends: what was missed since `last`, then what comes; until it is over."""
        await self._started.wait()
        here_and_now = self._position
        subscription = Subscription(principal, max(last or here_and_now, here_and_now))
        if self._closing:
            return
        self._subscriptions.add(subscription)
        try:
            yield OPENING
            if last is not None:
                yield await self._missed(principal, last, here_and_now)
            yield here(here_and_now, b"here")
            while chunk := await subscription.take():
                yield chunk
        finally:
            self._subscriptions.discard(subscription)

    async def _missed(self, principal: Principal, last: Position, until: Position) -> bytes:
        """Return what this person is to be told of what was announced after `last`; or that nobody can tell."""
        chunks: list[bytes] = []
        async with self._database.read() as session:
            if last != until and not await is_kept(session, last):
                return event(until, {"topic": RESYNC})
            for _ in range(0, _MOST_MISSED, _PAGE):
                found = [News(message) for message in await messages_after(session, last, _PAGE, until=until)]
                chunks.extend(chunk for news in found if (chunk := news.told_to(principal)) is not None)
                if len(found) < _PAGE:
                    return b"".join(chunks)
                last = found[-1].position
        return event(until, {"topic": RESYNC})

    def close(self) -> None:
        """End every stream: the process is about to stop."""
        self._closing = True
        self._started.set()
        for subscription in tuple(self._subscriptions):
            subscription.end()

    async def run(self) -> None:
        """Read and hand out until cancelled. What is announced before the start concerns no stream of this process,
        except through what a browser says it has missed."""
        pause = _LOOK_SECONDS
        while True:
            self._wake.clear()
            found = await self._look()
            await asyncio.sleep(_GAP_SECONDS)
            # What was committed here may have to wait for an older transaction: looked for again soon, then less soon.
            pause = _LOOK_SECONDS if found else min(pause * 2, _LOOK_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)
                pause = _GAP_SECONDS

    async def _look(self) -> bool:
        """Hand out what is new; return whether there was anything."""
        try:
            async with self._database.read() as session:
                if not self._started.is_set():
                    self._position = await latest_position(session)
                    self._started.set()
                messages = await messages_after(session, self._position)
        except SQLAlchemyError as error:
            log.warning("outbox_read_failed", error=type(error).__name__)
            return False
        for message in messages:
            news = News(message)
            self._position = news.position
            for subscription in tuple(self._subscriptions):
                subscription.tell(news)
        if len(messages) == _PAGE:
            self._wake.set()
        return bool(messages)

    async def keep_alive(self) -> None:
        """Until cancelled: end the streams whose session is over, and say to the others that they are alive."""
        while True:
            await asyncio.sleep(_KEEPALIVE_SECONDS)
            try:
                await self.check_sessions()
            except SQLAlchemyError as error:
                log.warning("stream_check_failed", error=type(error).__name__)

    async def check_sessions(self) -> None:
        """End the streams of sessions that are over, or whose person has another role or other pages by now. One
        statement for all of them."""
        streams = tuple(self._subscriptions)
        if not streams:
            return
        hashes = sorted({stream.principal.token_hash for stream in streams})
        async with self._database.read() as session:
            now = await standing_of_sessions(session, hashes, utc_now())
        still_here = here(self._position, b"still here")
        for stream in streams:
            principal = stream.principal
            if now.get(principal.token_hash) == (principal.role, principal.blocked_pages):
                stream.offer(still_here)
            else:
                stream.end()

    async def tidy_regularly(self) -> None:
        """Drop announcements that every reader has passed, until cancelled."""
        while True:
            try:
                async with self._database.write() as session:
                    await forget_before(session, utc_now() - _KEEP)
            except SQLAlchemyError as error:
                log.warning("outbox_tidy_failed", error=type(error).__name__)
            await asyncio.sleep(_TIDY_SECONDS)
