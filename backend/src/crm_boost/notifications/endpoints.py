"""Routes of the inbox. Everybody sees only their own (spec 7.1)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.db.session import Reader, Writer
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.paging import decode_cursor
from crm_boost.notifications import service
from crm_boost.notifications.schemas import Inbox, MarkRead, NotificationMutes, NotificationSettings
from crm_boost.web.lists import paging_headers, rows_response

router = APIRouter(prefix="/notifications", tags=["notifications"])

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
async def mark_read(principal: Own, session: Writer, body: MarkRead) -> None:
    """Mark one's own notifications as read: those named, or all."""
    await service.mark_read(session, principal.id, body.ids)


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
