"""All SQL on notifications."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import FromClause, Insert, Table, Text, bindparam, delete, exists, func, insert, select, update

from crm_boost.db.dialect import in_texts
from crm_boost.db.lots import given_rows
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, write_each
from crm_boost.identity.models import User
from crm_boost.notifications.kinds import kind_of
from crm_boost.notifications.models import Notification, NotificationMute

_notification = cast(Table, Notification.__table__)
_COLUMNS = ("id", "user_id", "type", "data", "created_at")
_TYPES = {f"p_{name}": _notification.c[name].type for name in _COLUMNS} | {"p_kind": Text()}


def _inserting(values: Mapping[str, Any], rows: FromClause | None = None) -> Insert:
    """Whoever was removed reads nothing any more: nothing waits for them. What somebody has muted is not told."""
    told = select(*(values[f"p_{name}"] for name in _COLUMNS)).where(
        exists().where(User.id == values["p_user_id"], User.deleted_at.is_(None)),
        ~exists().where(NotificationMute.user_id == values["p_user_id"], NotificationMute.kind == values["p_kind"]),
    )
    told = told if rows is None else told.select_from(rows)
    return insert(_notification).from_select(list(_COLUMNS), told, include_defaults=False)


_rows = given_rows(_TYPES)
_INSERT = _inserting({name: bindparam(name, type_=kind) for name, kind in _TYPES.items()})
_INSERT_LOT = _inserting(dict(_rows.c.items()), _rows)
_WAITING = "notifications"


def add(session: WriteSession, rows: Iterable[dict[str, Any]]) -> None:
    """Store notifications, those to people who were removed or do not want them left out: all of a transaction at its end,
    in one statement."""
    values = [{**{f"p_{name}": row[name] for name in _COLUMNS}, "p_kind": kind_of(row["type"])} for row in rows]
    session.info.setdefault(_WAITING, []).extend(values)
    session.before_commit(_WAITING, _write)


async def _write(session: WriteSession) -> None:
    await write_each(session, [Write(_INSERT, session.info.pop(_WAITING), lot=_INSERT_LOT)])


async def newest(
    session: ReadSession, user_id: str, *, after: int | None, limit: int, unread_only: bool
) -> list[Notification]:
    """Return up to `limit + 1` notifications of a person, newest first."""
    statement = select(Notification).where(Notification.user_id == user_id)
    if unread_only:
        statement = statement.where(Notification.read_at.is_(None))
    if after is not None:
        statement = statement.where(Notification.seq < after)
    return list((await session.scalars(statement.order_by(Notification.seq.desc()).limit(limit + 1))).all())


async def count_unread(session: ReadSession, user_id: str) -> int:
    """Return how many notifications a person has not read."""
    statement = select(func.count()).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    return (await session.execute(statement)).scalar_one()


async def mark_read(session: WriteSession, user_id: str, ids: Sequence[str] | None, now: datetime) -> None:
    """Mark notifications of a person as read: those named, or all."""
    statement = update(_notification).where(_notification.c.user_id == user_id, _notification.c.read_at.is_(None))
    if ids is not None:
        statement = statement.where(in_texts(_notification.c.id, ids))
    await session.execute(statement.values(read_at=now))


async def mark_unread(session: WriteSession, user_id: str, ids: Sequence[str]) -> None:
    """Mark the named notifications of a person as not read."""
    own = (_notification.c.user_id == user_id, in_texts(_notification.c.id, ids))
    await session.execute(update(_notification).where(*own).values(read_at=None))


async def active_people(session: ReadSession, roles: Sequence[str], page: str) -> list[str]:
    """Return the active people of these roles for whom a page is not blocked."""
    statement = select(User.id, User.blocked_pages).where(
        User.role.in_(roles), User.is_active, User.deleted_at.is_(None)
    )
    return [row.id for row in await session.execute(statement) if page not in row.blocked_pages]


async def muted_kinds(session: ReadSession, user_id: str) -> set[str]:
    """Return the kinds that a person does not want to be told of."""
    return set(await session.scalars(select(NotificationMute.kind).where(NotificationMute.user_id == user_id)))


async def mute(session: WriteSession, user_id: str, kinds: Sequence[str]) -> None:
    """Have exactly these kinds muted."""
    await session.execute(delete(NotificationMute).where(NotificationMute.user_id == user_id))
    if kinds:
        await session.execute(insert(NotificationMute), [{"user_id": user_id, "kind": kind} for kind in kinds])
