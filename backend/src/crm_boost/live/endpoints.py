"""The stream of a browser: `GET /api/stream` (server-sent events)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.live.event_stream import EventStream
from crm_boost.live.news import read_position
from crm_boost.live.relay import Relay

router = APIRouter(tags=["live"])

Listener = Annotated[Principal, Depends(allow(Permission.NOTIFICATIONS_OWN))]


@router.get("/stream", response_class=EventStream)
async def stream(
    principal: Listener,
    request: Request,
    last_event_id: Annotated[str | None, Header(max_length=60)] = None,
    after: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    """What changes while the browser looks on: topics to read again. Goes on after `Last-Event-ID`, or after `after`
    where a page opens the stream anew itself; the topic `resync` says that too much was missed to tell."""
    relay: Relay = request.app.state.live
    return EventStream(relay.follow(principal, read_position(last_event_id or after)))
