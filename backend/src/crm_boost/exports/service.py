"""Use cases: ask for a file, look at what was asked for, cancel, start again, get a link (spec 5.5)."""

import secrets
from datetime import datetime
from typing import Any

from crm_boost.db.audit import record_audit
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.exports import links, repository
from crm_boost.exports.endings import note
from crm_boost.exports.errors import BadLink, TooManyExports, UnknownExport, WrongExportState
from crm_boost.exports.models import Export
from crm_boost.exports.reading import Wanted
from crm_boost.exports.registry import kind_of
from crm_boost.exports.schemas import ExportOrder
from crm_boost.exports.states import ExportState
from crm_boost.exports.transitions import ExportMove
from crm_boost.identity.permissions import Permission, Role
from crm_boost.identity.principal import Principal
from crm_boost.identity.repository import get_user
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from crm_boost.kit.paging import Page, decode_cursor, instant_key

_AT_ONCE = 5
"""So many files one person may have waiting: they are written one after another."""

_OPTIONAL = ("rows_total", "size_bytes", "error_code", "error_message", "started_at", "ended_at", "expires_at")


async def order(session: WriteSession, principal: Principal, body: ExportOrder, wanted: Wanted) -> dict[str, Any]:
    """Put an export in the queue and return it; 409 where too many of the caller's are waiting."""
    await _ensure_room(session, principal)
    item = Export(
        id=new_id(),
        kind=wanted.kind.key,
        format=body.format,
        language=body.language,
        filters=dict(wanted.given),
        state=str(ExportState.QUEUED),
        secret=secrets.token_hex(32),
        rows_done=0,
        cancel_requested=False,
        created_by=principal.id,
        created_at=utc_now(),
    )
    session.add(item)
    await session.flush()
    await note(session, item, {})
    return await one(session, principal, item.id)


async def list_exports(
    session: ReadSession, principal: Principal, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return one's own exports, and those of people of lower rank where one may; the newest first."""
    after = None
    if cursor:
        at, seen = decode_cursor(cursor, kinds=(str, str))
        after = (instant_key(at), seen)
    page = await repository.list_exports(session, _seen(principal), after=after, limit=limit)
    page.rows = [_row(principal, row) for row in page.rows]
    return page


async def one(session: ReadSession, principal: Principal, export_id: str) -> dict[str, Any]:
    """Return an export or refuse with 404."""
    return _row(principal, await _require(session, principal, export_id))


async def cancel(session: WriteSession, principal: Principal, export_id: str) -> dict[str, Any]:
    """Take an export back: one that waits at once, one that is being written as soon as its process hears of it."""
    found = await _require(session, principal, export_id)
    item = await repository.move(
        session, export_id, ExportMove.CANCEL, only_from=ExportState.QUEUED, ended_at=utc_now()
    )
    if item is not None:
        await note(session, item, {})
    elif not await repository.ask_to_cancel(session, export_id):
        raise await _wrong_state(session, export_id)
    else:
        await record_audit(session, "export.cancel_asked", "export", export_id, list=found[0].kind)
    return await one(session, principal, export_id)


async def restart(session: WriteSession, principal: Principal, export_id: str) -> dict[str, Any]:
    """Put one's own export that has no file in the queue again."""
    item = _own(principal, await _require(session, principal, export_id))
    kind_of(item.kind).ensure_open_to(principal)
    await _ensure_room(session, principal)
    if _is_over(item, utc_now()):
        await repository.move(session, export_id, ExportMove.EXPIRE)
    nothing: dict[str, Any] = dict.fromkeys((*_OPTIONAL, "file_name", "worker", "heartbeat_at"))
    fresh: dict[str, Any] = {"rows_done": 0, "cancel_requested": False, "secret": secrets.token_hex(32)}
    moved = await repository.move(session, export_id, ExportMove.RESTART, **nothing, **fresh)
    if moved is None:
        raise await _wrong_state(session, export_id)
    await note(session, moved, {})
    return await one(session, principal, export_id)


async def link(session: WriteSession, principal: Principal, export_id: str) -> dict[str, Any]:
    """Return a link to the file of one's own export; whoever has the link may fetch it for some minutes."""
    item = _own(principal, await _require(session, principal, export_id))
    kind_of(item.kind).ensure_open_to(principal)
    now = utc_now()
    if item.state != ExportState.DONE or item.expires_at is None or _is_over(item, now):
        raise await _wrong_state(session, export_id)
    until = min(now + links.VALID, item.expires_at)
    query = links.query_of(item.secret, item.id, principal.id, until)
    return {"url": f"/api/exports/{item.id}/file?{query}", "expires_at": until.replace(microsecond=0)}


async def fetch(session: WriteSession, export_id: str, user_id: str, expires: int, signed: str) -> Export:
    """Return the export whose file a link leads to; 403 for a link that is not ours, is over, or whose person may not
    sign in any more. Every fetch is audited."""
    found = await repository.find(session, export_id)
    item: Export | None = found[0] if found is not None else None
    now = utc_now()
    if item is None or not links.is_valid(item.secret, export_id, user_id, expires, signed, now):
        raise BadLink("This link is not valid, or not any more. Get a new one from the list of exports.")
    user = await get_user(session, user_id)
    if user is None or not user.is_active:
        raise BadLink("Who made this link may not sign in any more.")
    if item.state != ExportState.DONE or _is_over(item, now):
        raise UnknownExport("This file is not kept any more.", id=export_id)
    what = {"list": item.kind, "format": item.format, "rows": item.rows_done}
    await record_audit(session, "export.fetched", "export", item.id, **what, user_id=user.id, user_name=user.name)
    return item


def _is_over(item: Export, now: datetime) -> bool:
    """Whether a file has been kept long enough, also where nobody has removed it yet."""
    return item.state == ExportState.DONE and item.expires_at is not None and item.expires_at <= now


async def _ensure_room(session: WriteSession, principal: Principal) -> None:
    if await repository.count_open(session, principal.id) >= _AT_ONCE:
        raise TooManyExports(f"{_AT_ONCE} of your exports are waiting. Wait for one, or cancel it.", limit=_AT_ONCE)


def _seen(principal: Principal) -> Any:
    lower = [role for role in Role if role.rank < principal.role.rank]
    return repository.seen_by(principal.id, lower if principal.can(Permission.EXPORTS_OVERSEE) else [])


async def _require(session: ReadSession, principal: Principal, export_id: str) -> Any:
    found = await repository.find(session, export_id, _seen(principal))
    if found is None:
        raise UnknownExport("There is no such export.", id=export_id)
    return found


def _own(principal: Principal, found: Any) -> Export:
    """Return an export of the caller; of somebody else's one sees that it exists, and may end it, no more."""
    item: Export = found[0]
    if item.created_by != principal.id:
        raise UnknownExport("This export is somebody else's.", id=item.id)
    return item


async def _wrong_state(session: ReadSession, export_id: str) -> WrongExportState:
    found = await repository.find(session, export_id)
    return WrongExportState("The export is not in a state for this.", state=found[0].state)


def _row(principal: Principal, found: Any) -> dict[str, Any]:
    item: Export = found[0]
    shaped = {
        "id": item.id,
        "kind": item.kind,
        "format": item.format,
        "language": item.language,
        "filters": item.filters,
        "state": ExportState.EXPIRED if _is_over(item, utc_now()) else item.state,
        "rows_done": item.rows_done,
        "created_by": item.created_by,
        "created_by_name": found.owner_name,
        "created_at": item.created_at,
        "is_own": item.created_by == principal.id,
    }
    for name in _OPTIONAL:
        value = getattr(item, name)
        if value is not None:
            shaped[name] = value
    return shaped
