"""Telling people what concerns them, and what they have read."""

from collections.abc import Sequence
from typing import Any

from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.ids import new_id
from crm_boost.kit.paging import Page, page_of
from crm_boost.notifications import repository
from crm_boost.notifications.kinds import KINDS, Kind

Message = tuple[str, str, dict[str, Any]]
"""User id, type, data."""


async def tell(session: WriteSession, user_id: str, kind: str, data: dict[str, Any]) -> None:
    """Leave a message for one person. `data` names what to open; the text is made in the reader's language."""
    await tell_all(session, [(user_id, kind, data)])


async def tell_all(session: WriteSession, messages: Sequence[Message]) -> None:
    """Leave any number of messages. Open pages learn of them by the announcement of what caused them: web apps read the
    inbox again on `records`."""
    if not messages:
        return
    now = utc_now()
    repository.add(
        session,
        [
            {"id": new_id(), "user_id": user_id, "type": kind, "data": data, "created_at": now}
            for user_id, kind, data in messages
        ],
    )


async def inbox(
    session: ReadSession, user_id: str, *, after: int | None, limit: int, unread_only: bool
) -> tuple[Page[dict[str, Any]], int]:
    """Return a page of a person's notifications, newest first, and how many are unread."""
    rows = await repository.newest(session, user_id, after=after, limit=limit, unread_only=unread_only)
    unread = await repository.count_unread(session, user_id)
    page = page_of(rows, limit, None, lambda row: (row.seq,))
    page.rows = [_shaped(row) for row in page.rows]
    return page, unread


async def mark_read(session: WriteSession, user_id: str, ids: Sequence[str] | None) -> None:
    """Mark the named notifications of a person as read, or all of them; other people's ids change nothing."""
    await repository.mark_read(session, user_id, ids, utc_now())
    await announce(session, "notifications", {}, audience=user_id)


async def mark_unread(session: WriteSession, user_id: str, ids: Sequence[str]) -> None:
    """Mark the named notifications of a person as not read; other people's ids change nothing."""
    await repository.mark_unread(session, user_id, ids)
    await announce(session, "notifications", {}, audience=user_id)


async def settings_of(session: ReadSession, principal: Principal) -> dict[str, Any]:
    """Return the kinds that a person may be told of, and which of them are muted."""
    muted = await repository.muted_kinds(session, principal.id)
    return {
        "kinds": [
            {"kind": kind, "muted": kind in muted, "essential": spec.essential}
            for kind, spec in KINDS.items()
            if principal.can(spec.permission)
        ]
    }


async def change_settings(session: WriteSession, principal: Principal, muted: Sequence[Kind]) -> dict[str, Any]:
    """Mute exactly these kinds for oneself. What happens from now on is told accordingly. 422 for an essential one."""
    if any(KINDS[kind].essential for kind in muted):
        raise InvalidInput.of("muted", "This kind cannot be muted.", "essential_kind")
    await repository.mute(session, principal.id, sorted(set(muted)))
    return await settings_of(session, principal)


def _shaped(row: Any) -> dict[str, Any]:
    shaped = {"id": row.id, "type": row.type, "user_id": row.user_id, "data": row.data, "created_at": row.created_at}
    if row.read_at is not None:
        shaped["read_at"] = row.read_at
    return shaped
