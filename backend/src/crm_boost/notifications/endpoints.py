"""Routes of the inbox, where everybody sees only their own (spec 7.1), of the channel to the outside, and of digests."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.db.session import Reader, SharingWriter, Writer
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.paging import decode_cursor
from crm_boost.notifications import channel_service, digests, service
from crm_boost.notifications.channel_schemas import ChannelChange, ChannelOut, DigestPreview
from crm_boost.notifications.digest_kinds import Digest
from crm_boost.notifications.schemas import Inbox, MarkRead, MarkUnread, NotificationMutes, NotificationSettings
from crm_boost.notifications.sealing import Sealer
from crm_boost.web.lists import paging_headers, rows_response

router = APIRouter(prefix="/notifications", tags=["notifications"])
outside = APIRouter(tags=["notifications"])
"""The channel and the digests: for those who say what runs by the clock."""

Manager = Annotated[Principal, Depends(allow(Permission.JOBS_MANAGE, Page.SETTINGS))]
Own = Annotated[Principal, Depends(allow(Permission.NOTIFICATIONS_OWN))]


@router.get("", response_model=Inbox)
async def list_notifications(
    principal: Own,
    session: Reader,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    unread: bool = False,
) -> Response:
    """The caller's notifications, newest first, and how many are unread."""
    after = decode_cursor(cursor, kinds=(int,))[0] if cursor else None
    page, count = await service.inbox(session, principal.id, after=after, limit=limit, unread_only=unread)
    body: dict[str, Any] = {"notifications": page.rows, "unread": count}
    return rows_response(body, paging_headers(request, page))


@router.post("/read", status_code=204)
async def mark_read(principal: Own, session: SharingWriter, body: MarkRead) -> None:
    """Mark one's own notifications as read: those named, or all."""
    await service.mark_read(session, principal.id, body.ids)


@router.post("/unread", status_code=204)
async def mark_unread(principal: Own, session: SharingWriter, body: MarkUnread) -> None:
    """Mark some of one's own notifications as not read, to come back to them."""
    await service.mark_unread(session, principal.id, body.ids)


@router.get("/settings")
async def notification_settings(principal: Own, session: Reader) -> NotificationSettings:
    """What the caller may be told of, and what of it is muted."""
    return NotificationSettings.model_validate(await service.settings_of(session, principal))


@router.put("/settings")
async def change_notification_settings(
    principal: Own, session: Writer, body: NotificationMutes
) -> NotificationSettings:
    """Mute exactly these kinds for the caller."""
    return NotificationSettings.model_validate(await service.change_settings(session, principal, body.muted))


def _sealer(request: Request) -> Sealer:
    return Sealer(request.app.state.settings)


@outside.get("/channels/telegram", response_model_exclude_none=True)
async def telegram_channel(principal: Manager, session: Reader, request: Request) -> ChannelOut:
    """How the channel is set up, and what was sent last; never the token."""
    return ChannelOut.model_validate(await channel_service.shown(session, _sealer(request)))


@outside.put("/channels/telegram", response_model_exclude_none=True)
async def change_telegram_channel(
    principal: Manager, session: Writer, request: Request, body: ChannelChange
) -> ChannelOut:
    """Set the channel up."""
    return ChannelOut.model_validate(await channel_service.change(session, _sealer(request), body))


@outside.post("/channels/telegram/test", status_code=204)
async def test_telegram_channel(principal: Manager, request: Request) -> None:
    """Send a short text now."""
    state = request.app.state
    await channel_service.send_test(state.database, state.settings, f"CRM Boost: {principal.name}")


@outside.get("/digests/{digest}/preview")
async def preview_digest(principal: Manager, session: Reader, digest: Digest) -> DigestPreview:
    """What would be told if it were time now; nothing is told, and nothing is noted."""
    return DigestPreview.model_validate(await digests.preview(session, digest))
