"""All SQL on webhooks and deliveries."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, select, update

from crm_boost.db.queues import claim_due, note_attempt
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.webhooks.models import Webhook, WebhookDelivery

_WAITS = WebhookDelivery.state == "waiting"
_alive = Webhook.deleted_at.is_(None)


async def webhooks(session: ReadSession) -> Sequence[Webhook]:
    """Return all webhooks, the oldest first; there are never many."""
    return (await session.scalars(select(Webhook).where(_alive).order_by(Webhook.created_at, Webhook.id))).all()


async def lock_all(session: WriteSession) -> int:
    """Return how many webhooks there are; nobody adds one until this transaction ends."""
    held = select(Webhook.id).where(_alive).order_by(Webhook.id).with_for_update()
    return len((await session.execute(held)).all())


async def find(session: ReadSession, webhook_id: str) -> Webhook | None:
    """Return a webhook that was not removed."""
    return (await session.scalars(select(Webhook).where(Webhook.id == webhook_id, _alive))).first()


async def lock(session: WriteSession, webhook_id: str) -> Webhook | None:
    """Return a webhook as of now, which nobody else changes until this transaction ends."""
    statement = select(Webhook).where(Webhook.id == webhook_id, _alive).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).first()


async def interests(session: ReadSession) -> Sequence[Row[str, list[str]]]:
    """Return id and events of the webhooks that are on."""
    statement = select(Webhook.id, Webhook.events).where(Webhook.is_active).order_by(Webhook.id)
    return (await session.execute(statement)).all()


async def add_deliveries(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store deliveries, in one statement."""
    await session.execute(insert(WebhookDelivery), rows)


async def is_due(session: ReadSession, now: datetime) -> bool:
    """Whether a delivery is to be sent now."""
    statement = select(WebhookDelivery.seq).where(_WAITS, WebhookDelivery.not_before <= now).limit(1)
    return await session.scalar(statement) is not None


async def claim(
    session: WriteSession, now: datetime, until: datetime, busy: Collection[str]
) -> tuple[WebhookDelivery, Webhook] | None:
    """Take the delivery that has waited longest, and is not for one of the `busy` webhooks, for this process alone until
    `until`; None when none is due."""
    free = WebhookDelivery.webhook_id.not_in(busy)
    delivery = await claim_due(session, WebhookDelivery, now, until, _WAITS, free)
    if delivery is None:
        return None
    webhook = await session.get_one(Webhook, delivery.webhook_id, populate_existing=True)
    return delivery, webhook


async def note(session: WriteSession, seq: int, attempt: int, **values: Any) -> bool:
    """Note what came of an attempt; False where another process has taken the delivery since."""
    return await note_attempt(session, WebhookDelivery, seq, attempt, _WAITS, **values)


async def note_success(session: WriteSession, webhook_id: str) -> None:
    """Whatever failed before, it works again."""
    failing = (Webhook.id == webhook_id, Webhook.failures > 0)
    await session.execute(update(Webhook).where(*failing).values(failures=0, failing_since=None))


async def note_failure(session: WriteSession, webhook_id: str, now: datetime) -> tuple[int, datetime]:
    """Count a failure; return how many there were one after the other, and since when."""
    since = case((Webhook.failures == 0, now), else_=Webhook.failing_since)
    counted = update(Webhook).where(Webhook.id == webhook_id).values(failures=Webhook.failures + 1, failing_since=since)
    row = (await session.execute(counted.returning(Webhook.failures, Webhook.failing_since))).one()
    assert row.failing_since is not None
    return row.failures, row.failing_since


async def switch_off(session: WriteSession, webhook_id: str, reason: str) -> str | None:
    """Switch a webhook off that is on, and return its name."""
    off = update(Webhook).where(Webhook.id == webhook_id, Webhook.is_active).values(is_active=False, off_reason=reason)
    return await session.scalar(off.returning(Webhook.name))


async def drop_waiting(session: WriteSession, webhook_id: str, now: datetime) -> None:
    """What waits for a webhook is not sent any more."""
    waiting = (WebhookDelivery.webhook_id == webhook_id, _WAITS)
    await session.execute(update(WebhookDelivery).where(*waiting).values(state="off", ended_at=now))


async def deliveries(
    session: ReadSession, webhook_id: str, *, state: str | None, after: int | None, limit: int
) -> tuple[Sequence[WebhookDelivery], int]:
    """Return up to `limit + 1` deliveries to a webhook, the newest first, and how many there are."""
    where: list[Any] = [WebhookDelivery.webhook_id == webhook_id]
    if state is not None:
        where.append(WebhookDelivery.state == state)
    total = (await session.execute(select(func.count()).select_from(WebhookDelivery).where(*where))).scalar_one()
    if after is not None:
        where.append(WebhookDelivery.seq < after)
    statement = select(WebhookDelivery).where(*where).order_by(WebhookDelivery.seq.desc()).limit(limit + 1)
    return (await session.scalars(statement)).all(), total


async def find_delivery(session: ReadSession, webhook_id: str, delivery_id: str) -> WebhookDelivery | None:
    """Return one delivery to a webhook."""
    mine = (WebhookDelivery.id == delivery_id, WebhookDelivery.webhook_id == webhook_id)
    return (await session.scalars(select(WebhookDelivery).where(*mine))).first()


async def forget_before(session: WriteSession, instant: datetime) -> int:
    """Drop some deliveries that ended before then; return how many."""
    over = select(WebhookDelivery.seq).where(WebhookDelivery.ended_at < instant).limit(500)
    gone = delete(WebhookDelivery).where(WebhookDelivery.seq.in_(over.with_for_update(skip_locked=True)))
    return len((await session.execute(gone.returning(WebhookDelivery.seq))).all())
