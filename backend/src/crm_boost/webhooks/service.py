"""Use cases of webhooks: set up, tried, looked into, switched off when nobody answers (ADR 42)."""

from datetime import datetime
from typing import Any

import httpx

from crm_boost.db.audit import record_audit
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.permissions import Page, Permission, audience_with, roles_with
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import NotFound
from crm_boost.kit.ids import new_id
from crm_boost.kit.paging import Page as ListPage
from crm_boost.kit.paging import decode_cursor, page_of
from crm_boost.notifications.repository import active_people
from crm_boost.notifications.sealing import Sealer
from crm_boost.notifications.service import tell_all
from crm_boost.settings import Settings
from crm_boost.webhooks import repository
from crm_boost.webhooks.addresses import checked_url
from crm_boost.webhooks.errors import TooManyWebhooks, WebhookOff
from crm_boost.webhooks.events import DeliveryWaits, WebhooksChanged
from crm_boost.webhooks.kinds import PING
from crm_boost.webhooks.models import Webhook, WebhookDelivery
from crm_boost.webhooks.schemas import WebhookChange, WebhookCreate
from crm_boost.webhooks.signing import new_secret

MOST = 10
"""Webhooks that a desk can have: each event is written once for each of them."""


async def listed(session: ReadSession) -> list[dict[str, Any]]:
    """Return all webhooks, never their secrets."""
    return [_shaped(row) for row in await repository.webhooks(session)]


async def create(
    session: WriteSession, settings: Settings, principal: Principal, wanted: WebhookCreate
) -> dict[str, Any]:
    """Register an address; the answer is the only place that shows the secret."""
    url = checked_url(wanted.url, loopback=settings.webhooks.allow_loopback)
    if await repository.lock_all(session) >= MOST:
        raise TooManyWebhooks(f"There are {MOST} webhooks. Remove one first.", limit=MOST)
    secret = new_secret()
    row = Webhook(
        id=new_id(),
        name=wanted.name,
        url=url,
        events=[str(event) for event in wanted.events],
        sealed_secret=Sealer(settings).seal(secret),
        is_active=True,
        failures=0,
        created_at=utc_now(),
        created_by=principal.id,
        created_by_name=principal.name,
    )
    session.add(row)
    await _changed(session, "created", row, events=row.events)
    return {**_shaped(row), "secret": secret}


async def change(session: WriteSession, settings: Settings, webhook_id: str, wanted: WebhookChange) -> dict[str, Any]:
    """Change a webhook. Switched on, it begins anew; switched off, what waits for it is not sent."""
    row = await _locked(session, webhook_id)
    if wanted.url is not None:
        row.url = checked_url(wanted.url, loopback=settings.webhooks.allow_loopback)
    if wanted.name is not None:
        row.name = wanted.name
    if wanted.events is not None:
        row.events = [str(event) for event in wanted.events]
    if wanted.is_active is not None and wanted.is_active != row.is_active:
        row.is_active, row.off_reason, row.failures, row.failing_since = wanted.is_active, None, 0, None
        if not row.is_active:
            await repository.drop_waiting(session, row.id, utc_now())
    fields = sorted(name for name in wanted.model_fields_set if getattr(wanted, name) is not None)
    await _changed(session, "changed", row, fields=fields)
    return _shaped(row)


async def renew_secret(session: WriteSession, settings: Settings, webhook_id: str) -> dict[str, Any]:
    """Give a webhook another secret; what is sent from now on is signed with it, what waits too."""
    row = await _locked(session, webhook_id)
    secret = new_secret()
    row.sealed_secret = Sealer(settings).seal(secret)
    await _changed(session, "secret_changed", row)
    return {"secret": secret}


async def remove(session: WriteSession, webhook_id: str) -> None:
    """Tell this address nothing any more."""
    row = await _locked(session, webhook_id)
    row.is_active, row.deleted_at, row.sealed_secret = False, utc_now(), ""
    await repository.drop_waiting(session, row.id, utc_now())
    await _changed(session, "removed", row)


async def ping(session: WriteSession, webhook_id: str) -> dict[str, Any]:
    """Send something now that says nothing."""
    row = await _on(session, webhook_id)
    now = utc_now()
    return await _add(session, delivery_row(row.id, new_id(), PING, {}, now))


async def redeliver(session: WriteSession, webhook_id: str, delivery_id: str) -> dict[str, Any]:
    """Send the same event once more, under its old id: who has it already can tell."""
    row = await _on(session, webhook_id)
    old = await repository.find_delivery(session, row.id, delivery_id)
    if old is None:
        raise NotFound("There is no such delivery.", id=delivery_id)
    return await _add(session, delivery_row(row.id, old.event_id, old.event, old.data, old.happened_at))


async def deliveries(
    session: ReadSession, webhook_id: str, *, state: str | None, cursor: str | None, limit: int
) -> ListPage[dict[str, Any]]:
    """Return a page of what was sent to a webhook, the newest first."""
    if await repository.find(session, webhook_id) is None:
        raise _unknown(webhook_id)
    after = decode_cursor(cursor, kinds=(int,))[0] if cursor else None
    rows, total = await repository.deliveries(session, webhook_id, state=state, after=after, limit=limit)
    page = page_of(list(rows), limit, total, lambda row: (row.seq,))
    page.rows = [_delivery(row) for row in page.rows]
    return page


async def tell(session: WriteSession, event: str, data: list[dict[str, Any]]) -> None:
    """Leave an event, or several, for every webhook that wants to hear of it."""
    now, rows = utc_now(), []
    interested = [row.id for row in await repository.interests(session) if event in row.events]
    for one in data:
        event_id = new_id()
        rows += [delivery_row(webhook_id, event_id, event, one, now) for webhook_id in interested]
    if rows:
        await repository.add_deliveries(session, rows)
        await session.emit(DeliveryWaits())


async def switch_off(session: WriteSession, webhook_id: str, reason: str) -> None:
    """Switch off a webhook that nobody answers at, and tell those who can do something about it."""
    name = await repository.switch_off(session, webhook_id, reason)
    if name is None:
        return
    await repository.drop_waiting(session, webhook_id, utc_now())
    await record_audit(session, "webhook.switched_off", "webhook", webhook_id, name=name, reason=reason)
    people = await active_people(session, roles_with(Permission.WEBHOOKS_MANAGE), Page.SETTINGS)
    data = {"webhook_id": webhook_id, "webhook_name": name, "reason": reason}
    await tell_all(session, [(user_id, "webhook_switched_off", data) for user_id in people])
    for user_id in people:
        await announce(session, "notifications", {}, user_id)
    await _announce(session)
    await session.emit(WebhooksChanged())


async def announce_progress(session: WriteSession, webhook_id: str) -> None:
    """Open logs of deliveries are read again."""
    await announce(session, "webhooks", {"id": webhook_id}, audience_with(Permission.WEBHOOKS_MANAGE))


def delivery_row(
    webhook_id: str, event_id: str, event: str, data: dict[str, Any], happened_at: datetime
) -> dict[str, Any]:
    """Return a new delivery, due at once."""
    now = utc_now()
    return {
        "id": new_id(),
        "webhook_id": webhook_id,
        "event_id": event_id,
        "event": str(event),
        "data": data,
        "state": "waiting",
        "attempts": 0,
        "not_before": now,
        "happened_at": happened_at,
        "created_at": now,
    }


async def _add(session: WriteSession, row: dict[str, Any]) -> dict[str, Any]:
    await repository.add_deliveries(session, [row])
    await session.emit(DeliveryWaits())
    return _delivery(WebhookDelivery(**row))


async def _locked(session: WriteSession, webhook_id: str) -> Webhook:
    row = await repository.lock(session, webhook_id)
    if row is None:
        raise _unknown(webhook_id)
    return row


async def _on(session: WriteSession, webhook_id: str) -> Webhook:
    row = await _locked(session, webhook_id)
    if not row.is_active:
        raise WebhookOff("Switch the webhook on first.", id=webhook_id)
    return row


def _unknown(webhook_id: str) -> NotFound:
    return NotFound("There is no such webhook.", id=webhook_id)


async def _changed(session: WriteSession, what: str, row: Webhook, **detail: Any) -> None:
    """The path of an address can be a secret of the other side: the log keeps where it leads, not all of it."""
    await session.flush()
    host = httpx.URL(row.url).host
    await record_audit(session, f"webhook.{what}", "webhook", row.id, name=row.name, host=host, **detail)
    await _announce(session)
    await session.emit(WebhooksChanged())


async def _announce(session: WriteSession) -> None:
    await announce(session, "webhooks", {}, audience_with(Permission.WEBHOOKS_MANAGE))


def _shaped(row: Webhook) -> dict[str, Any]:
    names = (
        "id",
        "name",
        "url",
        "events",
        "is_active",
        "off_reason",
        "failures",
        "failing_since",
        "created_at",
        "created_by_name",
    )
    return {name: value for name in names if (value := getattr(row, name)) is not None}


def _delivery(row: WebhookDelivery) -> dict[str, Any]:
    names = (
        "id",
        "event_id",
        "event",
        "data",
        "state",
        "attempts",
        "happened_at",
        "created_at",
        "ended_at",
        "status_code",
        "error",
    )
    shaped = {name: value for name in names if (value := getattr(row, name)) is not None}
    return shaped | ({"next_at": row.not_before} if row.state == "waiting" else {})
