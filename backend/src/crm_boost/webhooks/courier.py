"""One per process: sends what waits for webhooks, after the transaction that decided on it.

As of messages to the channel (ADR 36): claimed before it is sent, so any number of processes may send, and one whose
process dies in between is sent again. Nobody waits for a webhook that is slow, except what else is meant for it.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.db.engine import Database
from crm_boost.db.session import WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.notifications.sealing import Sealer
from crm_boost.settings import Settings
from crm_boost.webhooks import repository, service
from crm_boost.webhooks.events import DeliveryWaits, InterestRead
from crm_boost.webhooks.models import Webhook, WebhookDelivery
from crm_boost.webhooks.sender import Sent, send
from crm_boost.webhooks.signing import signed_headers

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 10.0
_LEASE = timedelta(minutes=2)
_FIRST_PAUSE = timedelta(seconds=30)
_ATTEMPTS = 10
"""With doubling pauses: given up after more than four hours."""
_MANY_FAILURES = 20
_FAILING_LONG = timedelta(hours=24)
_GONE = 410
"""What an address answers that wants to hear nothing any more."""


def after_attempt(attempt: int, sent: Sent, now: datetime) -> dict[str, Any]:
    """Return what is noted of a delivery after so many attempts. Pure."""
    came_of_it = {"status_code": sent.status, "error": sent.error}
    if sent.error is None:
        return {**came_of_it, "state": "sent", "ended_at": now}
    if attempt >= _ATTEMPTS or sent.status == _GONE or sent.error == "secret_lost":
        return {**came_of_it, "state": "failed", "ended_at": now}
    return {**came_of_it, "not_before": now + _FIRST_PAUSE * 2 ** (attempt - 1)}


def why_off(sent: Sent, failures: int, since: datetime, now: datetime) -> str | None:
    """Return why a webhook is to be switched off after a failure; None: it is tried on. A busy desk makes many attempts
    within a minute, so it takes both many of them and a long time. Pure."""
    if sent.status == _GONE:
        return "gone"
    return "failing" if failures >= _MANY_FAILURES and now - since >= _FAILING_LONG else None


class HookCourier:
    """`run` sends until cancelled: at once what this process has written, the rest at the next look."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._loopback = settings.webhooks.allow_loopback
        self._sealer = Sealer(settings)
        self._wake = asyncio.Event()
        self._sending: dict[str, asyncio.Task[bool]] = {}
        database.bus.on(DeliveryWaits, self._send_after)

    async def _send_after(self, session: WriteSession, _event: DeliveryWaits) -> None:
        session.after_commit(self._wake.set)

    async def listen(self) -> None:
        """Read what webhooks want to hear, and let this process know."""
        async with self._database.read() as session:
            wanted = frozenset(name for row in await repository.interests(session) for name in row.events)
        await self._database.bus.publish(None, InterestRead(wanted))

    async def run(self) -> None:
        """Send until cancelled."""
        try:
            while True:
                self._wake.clear()
                try:
                    await self.listen()
                    await self.send_due()
                except SQLAlchemyError as error:
                    log.warning("webhooks_failed", error=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _LOOK_SECONDS)
        finally:
            await self._stop()

    async def send_due(self) -> int:
        """Send what is due, to each webhook one after the other; return how many arrived."""
        async with self._database.read() as session:
            if not await repository.is_due(session, utc_now()):
                return 0
        arrived = 0
        while True:
            claimed = await self._claim()
            if claimed is not None:
                delivery, webhook = claimed
                self._sending[webhook.id] = asyncio.create_task(self._deliver(delivery, webhook))
            elif not self._sending:
                return arrived
            else:
                await self._until_something_ends_or_comes()
            for webhook_id, task in list(self._sending.items()):
                if task.done():
                    del self._sending[webhook_id]
                    arrived += task.result()

    async def _until_something_ends_or_comes(self) -> None:
        """What comes for others meanwhile does not wait for a webhook that is slow."""
        woken = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait([*self._sending.values(), woken], return_when=asyncio.FIRST_COMPLETED)
            self._wake.clear()
        finally:
            woken.cancel()

    async def _claim(self) -> tuple[WebhookDelivery, Webhook] | None:
        now = utc_now()
        async with self._database.write() as session:
            return await repository.claim(session, now, now + _LEASE, self._sending.keys())

    async def _deliver(self, delivery: WebhookDelivery, webhook: Webhook) -> bool:
        # Whatever is written down of it, no person did it.
        enter_context(ActionContext())
        sent = await self._send(delivery, webhook)
        now = utc_now()
        async with self._database.write() as session:
            noted = after_attempt(delivery.attempts, sent, now)
            if not await repository.note(session, delivery.seq, delivery.attempts, **noted):
                return False
            if sent.error is None:
                await repository.note_success(session, webhook.id)
            else:
                failures, since = await repository.note_failure(session, webhook.id, now)
                if reason := why_off(sent, failures, since, now):
                    await service.switch_off(session, webhook.id, reason)
            await service.announce_progress(session, webhook.id)
        if sent.error is not None:
            log.warning("webhook_not_delivered", attempt=delivery.attempts, error=sent.error, status=sent.status)
        return sent.error is None

    async def _send(self, delivery: WebhookDelivery, webhook: Webhook) -> Sent:
        secret = self._sealer.open(webhook.sealed_secret)
        if secret is None:
            return Sent("secret_lost")
        told = {"type": delivery.event, "timestamp": delivery.happened_at.isoformat(), "data": delivery.data}
        body = orjson.dumps(told)
        headers = signed_headers(secret, delivery.event_id, int(utc_now().timestamp()), body)
        return await send(webhook.url, headers, body, loopback=self._loopback)

    async def _stop(self) -> None:
        for task in self._sending.values():
            task.cancel()
        await asyncio.gather(*self._sending.values(), return_exceptions=True)
        self._sending.clear()
