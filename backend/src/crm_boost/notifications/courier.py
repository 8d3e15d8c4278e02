"""One per process: carries messages to the outside, after the transaction that decided on them.

A message is claimed before it is sent, so any number of processes may carry. One whose process dies in between is sent
again: at least once, and hardly ever twice.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.db.engine import Database
from crm_boost.db.session import WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.notifications import channel_repository as repository
from crm_boost.notifications import telegram
from crm_boost.notifications.channel_service import Target, target_of
from crm_boost.notifications.events import MessageWaits
from crm_boost.notifications.sealing import Sealer
from crm_boost.settings import Settings

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 30.0
_LEASE = timedelta(minutes=2)
_FIRST_PAUSE = timedelta(seconds=30)
_ATTEMPTS = 8
"""With doubling pauses: given up after about an hour."""


def after_attempt(attempt: int, result: telegram.Sent, now: datetime) -> dict[str, Any]:
    """Return what is noted of a message after so many attempts. Pure."""
    if result.error is None:
        return {"state": "sent", "ended_at": now, "error": None}
    if not result.again or attempt >= _ATTEMPTS:
        return {"state": "failed", "ended_at": now, "error": result.error}
    pause = _FIRST_PAUSE * 2 ** (attempt - 1)
    if result.wait_seconds is not None:
        pause = max(pause, timedelta(seconds=result.wait_seconds))
    return {"not_before": now + pause, "error": result.error}


class Courier:
    """`run` carries until cancelled: at once what this process has written, the rest at the next look."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._url = settings.telegram.url
        self._sealer = Sealer(settings)
        self._wake = asyncio.Event()
        database.bus.on(MessageWaits, self._carry_after)

    async def _carry_after(self, session: WriteSession, _event: MessageWaits) -> None:
        session.after_commit(self._wake.set)

    async def run(self) -> None:
        """Carry until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.carry_due()
            except SQLAlchemyError as error:
                log.warning("courier_failed", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _LOOK_SECONDS)

    async def carry_due(self) -> int:
        """Send what is due, one after the other; return how many arrived. One read when there is nothing to do."""
        arrived = 0
        async with self._database.read() as session:
            if not await repository.is_due(session, utc_now()):
                return 0
            target = await target_of(session, self._sealer)
        while True:
            now = utc_now()
            async with self._database.write() as session:
                message = await repository.claim(session, now, now + _LEASE)
            if message is None:
                return arrived
            result = await self._send(target, message.body)
            async with self._database.write() as session:
                noted = after_attempt(message.attempts, result, utc_now())
                await repository.note(session, message.seq, message.attempts, **noted)
            if result.error is None:
                arrived += 1
            else:
                log.warning("message_not_sent", kind=message.kind, attempt=message.attempts, error=result.error)

    async def _send(self, target: Target | None, text: str) -> telegram.Sent:
        if target is None:
            return telegram.Sent("switched_off")
        return await telegram.send(self._url, target.token, target.chat_id, text)
