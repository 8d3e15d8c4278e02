"""Presence: online < 5 minutes, idle < 30 (spec 1.2). Written in small batches, not per request."""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce
from crm_boost.identity.permissions import Permission, audience_with
from crm_boost.identity.repository import touch_sessions, touch_users
from crm_boost.identity.schemas import Presence
from crm_boost.identity.token_repository import touch_tokens

log = structlog.get_logger(__name__)

_RESOLUTION = timedelta(seconds=30)
_COARSE = timedelta(minutes=5)
"""Of single sign-ins and tokens: it is looked at now and then, and written all day."""


def presence_of(last_seen_at: datetime | None, now: datetime, *, online_seconds: int, idle_seconds: int) -> Presence:
    """Return `online`, `idle` or `offline`."""
    if last_seen_at is None:
        return "offline"
    age = (now - last_seen_at).total_seconds()
    if age < online_seconds:
        return "online"
    return "idle" if age < idle_seconds else "offline"


def seen_between(
    presence: Presence, now: datetime, *, online_seconds: int, idle_seconds: int
) -> tuple[datetime | None, datetime | None]:
    """Return the instants `(after, until]` between which somebody of this presence was last seen; None leaves that side
    open, on the left also to those who were never seen."""
    online, idle = now - timedelta(seconds=online_seconds), now - timedelta(seconds=idle_seconds)
    if presence == "online":
        return online, None
    return (idle, online) if presence == "idle" else (None, idle)


class ActivityRecorder:
    """Collects who was seen and writes it every few seconds in one statement. That somebody has come is announced."""

    def __init__(self, database: Database, *, online_seconds: int = 300, interval: float = 5.0) -> None:
        self._database = database
        self._online = timedelta(seconds=online_seconds)
        self._somebody_came = False
        self._interval = interval
        self._seen: dict[str, datetime] = {}
        self._sessions: dict[str, datetime] = {}
        self._tokens: dict[str, datetime] = {}

    def seen(self, user_id: str, stored: datetime | None, now: datetime) -> None:
        """Note that a user made a request at `now`; `stored` is what the database knows."""
        if stored is None or now - stored > _RESOLUTION:
            self._seen[user_id] = now
            self._somebody_came |= stored is None or now - stored >= self._online

    def session_seen(self, token_hash: str, stored: datetime | None, now: datetime) -> None:
        """Note that a sign-in was used at `now`."""
        if stored is None or now - stored > _COARSE:
            self._sessions[token_hash] = now

    def token_used(self, token_id: str, stored: datetime | None, now: datetime) -> None:
        """Note that a personal token was used at `now`."""
        if stored is None or now - stored > _COARSE:
            self._tokens[token_id] = now

    async def flush(self) -> None:
        """Write what was collected."""
        if not (self._seen or self._sessions or self._tokens):
            return
        seen, self._seen = self._seen, {}
        sessions, self._sessions = self._sessions, {}
        tokens, self._tokens = self._tokens, {}
        try:
            async with self._database.write() as session:
                for touch, found in ((touch_users, seen), (touch_sessions, sessions), (touch_tokens, tokens)):
                    if found:
                        await touch(session, list(found), max(found.values()))
                if self._somebody_came:
                    await announce(session, "presence", {}, audience_with(Permission.USERS_READ))
            self._somebody_came = False
        except SQLAlchemyError:
            self._seen = {**seen, **self._seen}
            self._sessions = {**sessions, **self._sessions}
            self._tokens = {**tokens, **self._tokens}
            raise

    async def run(self) -> None:
        """Flush until cancelled; a failing flush is logged and tried again with the next one."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.flush()
            except SQLAlchemyError as error:
                log.warning("activity_flush_failed", error=type(error).__name__)
