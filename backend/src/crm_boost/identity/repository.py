"""All SQL on people and sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, case, delete, func, insert, or_, select, union_all, update

from crm_boost.db.dialect import in_byte_order, in_texts, inserting, like_pattern, lowered
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import look_up
from crm_boost.identity.models import ApiToken, LoginThrottle, User, UserSession
from crm_boost.identity.permissions import Role

_alive = User.deleted_at.is_(None)


_u, _s = cast(Table, User.__table__).c, cast(Table, UserSession.__table__).c
_SESSION_USER = (
    select(_u.id, _u.name, _u.role, _u.blocked_pages, _u.last_seen_at, _s.last_seen_at.label("session_seen_at"))
    .join_from(_u.id.table, _s.token_hash.table, _s.user_id == _u.id)
    .where(
        _s.token_hash == bindparam("of_token"),
        _s.expires_at > bindparam("at"),
        _u.is_active,
        _u.deleted_at.is_(None),
    )
)


async def find_session_user(session: ReadSession, token_hash: str, now: datetime) -> Row[*tuple[Any, ...]] | None:
    """Return id, name, role, blocked pages and last-seen of a live session's active user, and of the session. Built once:
    every request asks."""
    rows = await look_up(session, _SESSION_USER, {"of_token": token_hash, "at": now})
    return rows[0] if rows else None


async def standing_of_sessions(
    session: ReadSession, token_hashes: Sequence[str], now: datetime
) -> dict[str, tuple[str, frozenset[str]]]:
    """Return role and blocked pages of those of these sessions and tokens that are still valid. One statement."""
    statement = union_all(
        *(
            select(kind.token_hash, User.role, User.blocked_pages)
            .join(User, User.id == kind.user_id)
            .where(in_texts(kind.token_hash, token_hashes), kind.expires_at > now, User.is_active, _alive)
            for kind in (UserSession, ApiToken)
        )
    )
    return {token_hash: (role, frozenset(pages)) for token_hash, role, pages in await session.execute(statement)}


async def get_user(session: ReadSession, user_id: str) -> User | None:
    """Return a user who was not removed."""
    return (await session.scalars(select(User).where(User.id == user_id, _alive))).first()


_STANDING = select(_u.id, _u.name, _u.is_active).where(_u.id == bindparam("of_user"), _u.deleted_at.is_(None))


async def standing_of(session: ReadSession, user_id: str) -> Row[*tuple[Any, ...]] | None:
    """Return id, name and whether they may sign in of a user who was not removed."""
    rows = await look_up(session, _STANDING, {"of_user": user_id})
    return rows[0] if rows else None


async def lock_user(session: WriteSession, user_id: str) -> User | None:
    """Return a user as of now and keep others from changing or removing that user until this transaction ends."""
    statement = (
        select(User).where(User.id == user_id, _alive).with_for_update().execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).first()


async def get_user_by_email(session: ReadSession, email_key: str) -> User | None:
    """Return a user who was not removed, by normalised email."""
    return (await session.scalars(select(User).where(User.email_key == email_key, _alive))).first()


async def any_user(session: ReadSession) -> bool:
    """Whether anybody was ever created."""
    return (await session.scalar(select(User.id).limit(1))) is not None


async def lock_first_run(session: WriteSession) -> None:
    """Serialise first-run requests: on PostgreSQL through an advisory lock, on SQLite writers queue anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(7_391_201)))


async def list_users(
    session: ReadSession,
    *,
    roles: list[Role] | None,
    q: str | None,
    after: tuple[str, str] | None,
    limit: int,
    active_only: bool = False,
    seen: tuple[datetime | None, datetime | None] = (None, None),
) -> tuple[list[User], int]:
    """Return up to `limit + 1` users ordered by name, and the total; `seen`: only those last seen after the one instant
    and until the other (never counts as long ago)."""
    where: list[Any] = [_alive]
    if roles is not None:
        where.append(User.role.in_([role.value for role in roles]))
    if active_only:
        where.append(User.is_active)
    seen_after, seen_until = seen
    if seen_after is not None:
        where.append(User.last_seen_at > seen_after)
    if seen_until is not None:
        before = User.last_seen_at <= seen_until
        where.append(before if seen_after is not None else or_(User.last_seen_at.is_(None), before))
    if q:
        pattern = like_pattern(q.lower())
        where.append(or_(lowered(User.name).like(pattern, escape="\\"), User.email_key.like(pattern, escape="\\")))
    total = (await session.scalar(select(func.count()).select_from(User).where(*where))) or 0
    name, user_id = in_byte_order(User.name), in_byte_order(User.id)
    statement = select(User).where(*where).order_by(name, user_id).limit(limit + 1)
    if after is not None:
        statement = statement.where((name > after[0]) | ((name == after[0]) & (user_id > after[1])))
    return list((await session.scalars(statement)).all()), total


async def insert_session(session: WriteSession, **values: Any) -> None:
    """Store a sign-in."""
    await session.execute(insert(UserSession).values(**values))


async def sessions_of(session: ReadSession, user_id: str, now: datetime) -> list[UserSession]:
    """Return the sign-ins of a user that are still valid, the newest first."""
    statement = select(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at > now)
    newest = statement.order_by(UserSession.created_at.desc(), UserSession.token_hash)
    return list((await session.scalars(newest.limit(100))).all())


async def session_hashes_of(session: ReadSession, user_id: str) -> Sequence[str]:
    """Return the token hashes of all sign-ins of a user."""
    return (await session.scalars(select(UserSession.token_hash).where(UserSession.user_id == user_id))).all()


async def delete_session(session: WriteSession, token_hash: str) -> None:
    """End one sign-in."""
    await session.execute(delete(UserSession).where(UserSession.token_hash == token_hash))


async def delete_sessions_of(session: WriteSession, user_id: str, *, keep: str | None = None) -> None:
    """End all sign-ins of a user, except the one whose token hash is `keep`."""
    statement = delete(UserSession).where(UserSession.user_id == user_id)
    if keep is not None:
        statement = statement.where(UserSession.token_hash != keep)
    await session.execute(statement)


async def delete_expired_sessions(session: WriteSession, now: datetime) -> int:
    """Drop some sign-ins past their end; those that another request is dropping are not waited for. Return how many."""
    over = (
        select(UserSession.token_hash).where(UserSession.expires_at <= now).limit(100).with_for_update(skip_locked=True)
    )
    statement = delete(UserSession).where(UserSession.token_hash.in_(over)).returning(UserSession.token_hash)
    return len((await session.execute(statement)).all())


async def touch_users(session: WriteSession, user_ids: list[str], now: datetime) -> None:
    """Set last-seen of these users. One whom somebody else is changing is left for the next time, never waited for:
    waiting for several people in no particular order could lock up with a hand-out that waits for the same ones."""
    free = (
        select(User.id)
        .where(in_texts(User.id, user_ids), or_(User.last_seen_at.is_(None), User.last_seen_at < now))
        .with_for_update(skip_locked=True, key_share=True)
    )
    await session.execute(update(User).where(User.id.in_(free)).values(last_seen_at=now))


async def touch_sessions(session: WriteSession, token_hashes: list[str], now: datetime) -> None:
    """Set last-seen of these sign-ins. One that is just being ended is not waited for."""
    older = or_(UserSession.last_seen_at.is_(None), UserSession.last_seen_at < now)
    free = (
        select(UserSession.token_hash)
        .where(in_texts(UserSession.token_hash, token_hashes), older)
        .with_for_update(skip_locked=True)
    )
    await session.execute(update(UserSession).where(UserSession.token_hash.in_(free)).values(last_seen_at=now))


async def get_throttles(session: ReadSession, keys: list[str]) -> dict[str, LoginThrottle]:
    """Return the throttle rows of these keys; inside a unit of work nobody counts on until it ends."""
    statement = select(LoginThrottle).where(LoginThrottle.key.in_(keys)).order_by(LoginThrottle.key)
    if isinstance(session, WriteSession):
        statement = statement.with_for_update()
    return {row.key: row for row in (await session.scalars(statement)).all()}


async def count_failure(session: WriteSession, key: str, now: datetime, window_start: datetime) -> tuple[int, datetime]:
    """Add one failure to `key`; a window that began before `window_start` begins anew. One atomic statement.

    Returns the number of failures in the window and when it began.
    """
    statement = inserting(session, LoginThrottle).values(key=key, failures=1, window_started_at=now)
    stale = LoginThrottle.window_started_at <= window_start
    counted = await session.execute(
        statement.on_conflict_do_update(
            index_elements=[LoginThrottle.key],
            set_={
                "failures": case((stale, 1), else_=LoginThrottle.failures + 1),
                "window_started_at": case((stale, now), else_=LoginThrottle.window_started_at),
            },
        ).returning(LoginThrottle.failures, LoginThrottle.window_started_at)
    )
    failures, since = counted.one()
    return failures, since


async def clear_failures(session: WriteSession, key: str, window_start: datetime) -> None:
    """Forget the failures of `key` after a good sign-in, and everybody's of windows that are over."""
    await session.execute(delete(LoginThrottle).where(LoginThrottle.key == key))
    over = (
        select(LoginThrottle.key)
        .where(LoginThrottle.window_started_at < window_start)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(LoginThrottle).where(LoginThrottle.key.in_(over)))
