"""The stream of a browser: `GET /api/stream` (server-sent events)."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from crm_boost.db.outbox import EVERYBODY, OutboxMessage, Position, position_of
from crm_boost.identity.permissions import Permission, is_in_audience
from crm_boost.identity.principal import Principal, allow, still_signed_in
from crm_boost.live.relay import Relay

router = APIRouter(tags=["live"])

Listener = Annotated[Principal, Depends(allow(Permission.NOTIFICATIONS_OWN))]

KEEPALIVE_SECONDS = 15.0


def is_for(principal: Principal, message: OutboxMessage) -> bool:
    """Whether an announcement concerns this person."""
    return message.audience in (EVERYBODY, principal.id) or is_in_audience(principal.role, message.audience)


def visible_payload(principal: Principal, message: OutboxMessage) -> dict[str, Any]:
    """Return what this person may learn: what is announced to everybody names objects only to those who manage them."""
    if message.audience == EVERYBODY and not principal.can(Permission.DATABASES_READ):
        return {}
    return message.payload


def read_position(last_event_id: str | None) -> Position | None:
    """Read where a returning browser stopped; an id that is not ours means: from now on."""
    xact, _, seq = (last_event_id or "").partition(".")
    if not (xact.isascii() and xact.isdigit() and seq.isascii() and seq.isdigit()):
        return None
    position = Position(int(xact), int(seq))
    return position if position < Position(2**62, 2**62) and position.seq < 2**62 else None


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    principal: Listener,
    request: Request,
    last_event_id: Annotated[str | None, Header(max_length=60)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """What changes while the browser looks on: topics to read again. Resumes after `Last-Event-ID`."""
    relay: Relay = request.app.state.live
    subscription = relay.subscribe()
    position = read_position(last_event_id) or Position()
    try:
        yield ServerSentEvent(comment="open", retry=2000)
        if last_event_id is not None and position > Position():
            for message in await relay.missed(position):
                position = position_of(message)
                if is_for(principal, message):
                    yield _event(principal, message)
        while not subscription.is_over():
            news = await subscription.take(KEEPALIVE_SECONDS)
            if news is None:
                if subscription.is_over() or not await still_signed_in(request, principal):
                    return
                yield ServerSentEvent(comment="still here")
            elif position_of(news) > position and is_for(principal, news):
                yield _event(principal, news)
    finally:
        subscription.close()


def _event(principal: Principal, message: OutboxMessage) -> ServerSentEvent:
    return ServerSentEvent(
        data={"topic": message.topic, **visible_payload(principal, message)}, id=f"{message.xact}.{message.seq}"
    )
