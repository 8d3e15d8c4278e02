"""All SQL on personal tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, or_, select, update

from crm_boost.db.dialect import in_texts
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.models import ApiToken, User


async def find_token_user(session: ReadSession, token_hash: str, now: datetime) -> Row[*tuple[Any, ...]] | None:
    """Return the active person of a token that is still valid, with the token's id, name, scopes, last use and pace."""
    statement = (
        select(
            User.id,
            User.name,
            User.role,
            User.blocked_pages,
            ApiToken.id.label("token_id"),
            ApiToken.name.label("token_name"),
            ApiToken.scopes,
            ApiToken.last_used_at,
            ApiToken.minute,
            ApiToken.minute_requests,
        )
        .join(ApiToken, ApiToken.user_id == User.id)
        .where(ApiToken.token_hash == token_hash, ApiToken.expires_at > now, User.is_active, User.deleted_at.is_(None))
    )
    return (await session.execute(statement)).first()


async def add(session: WriteSession, **values: Any) -> None:
    """Store a token."""
    await session.execute(insert(ApiToken).values(**values))


async def count_of(session: ReadSession, user_id: str) -> int:
    """Return how many tokens a person has."""
    statement = select(func.count()).select_from(ApiToken).where(ApiToken.user_id == user_id)
    return (await session.execute(statement)).scalar_one()


async def tokens_of(session: ReadSession, user_id: str) -> Sequence[ApiToken]:
    """Return a person's tokens, the newest first; there are never many."""
    statement = select(ApiToken).where(ApiToken.user_id == user_id)
    return (await session.scalars(statement.order_by(ApiToken.created_at.desc(), ApiToken.id.desc()))).all()


async def delete_token(session: WriteSession, user_id: str, token_id: str) -> str | None:
    """End one token of a person and return its name; None when there is no such token."""
    statement = delete(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user_id).returning(ApiToken.name)
    return await session.scalar(statement)


async def delete_tokens_of(session: WriteSession, user_id: str) -> None:
    """End all tokens of a person."""
    await session.execute(delete(ApiToken).where(ApiToken.user_id == user_id))


async def delete_expired(session: WriteSession, before: datetime) -> int:
    """Drop some tokens that ended before then; return how many."""
    over = select(ApiToken.id).where(ApiToken.expires_at <= before).limit(100).with_for_update(skip_locked=True)
    statement = delete(ApiToken).where(ApiToken.id.in_(over)).returning(ApiToken.id)
    return len((await session.execute(statement)).all())


async def touch_tokens(session: WriteSession, ids: list[str], now: datetime) -> None:
    """Note that these tokens were used. One that is just being ended is not waited for."""
    older = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < now)
    free = select(ApiToken.id).where(in_texts(ApiToken.id, ids), older).with_for_update(skip_locked=True)
    await session.execute(update(ApiToken).where(ApiToken.id.in_(free)).values(last_used_at=now))


async def add_requests(session: WriteSession, token_id: str, minute: datetime, requests: int) -> int:
    """Add requests of a minute to what all processes counted in it, in one atomic statement. Return the sum; 0 where the
    token is gone, or where another process, by its clock, counts the next minute already."""
    begun = ApiToken.minute.is_(None) | (ApiToken.minute <= minute)
    counted = case((ApiToken.minute == minute, ApiToken.minute_requests + requests), else_=requests)
    statement = update(ApiToken).where(ApiToken.id == token_id, begun).values(minute=minute, minute_requests=counted)
    return await session.scalar(statement.returning(ApiToken.minute_requests)) or 0
