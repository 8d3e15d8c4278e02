"""Idempotency keys (spec 2.1): the same key and body give the same answer and one effect; another body is refused.

The key is claimed inside the transaction of the effect, so neither can exist without the other. Two simultaneous
requests with one key: the second waits for the first (unique key) and then answers what the first answered.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import orjson
from fastapi import Header, Request
from sqlalchemy import ColumnElement, Delete, Index, Text, delete, select, tuple_, update
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.dialect import inserting
from crm_boost.db.gathering import NotTogether
from crm_boost.db.session import WriteSession
from crm_boost.db.types import UtcDateTime
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import InvalidInput

KEEP = timedelta(hours=24)


class IdempotencyKey(Base):
    """One used key of one user: the fingerprint of its request, and the answer."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Idempotency:
    """The `Idempotency-Key` of the running request, if it has one."""

    def __init__(self, key: str | None, fingerprint: str) -> None:
        self._key = key
        self._fingerprint = fingerprint

    async def once(self, session: WriteSession, effect: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """Run `effect` and remember its answer, or return the answer remembered for this key."""
        known = await self.claim(session)
        if known is not None:
            return known
        answer = await effect()
        await self.remember(session, answer)
        return answer

    async def claim(self, session: WriteSession) -> dict[str, Any] | None:
        """Return the answer remembered for this key; None when the request is to be done now, and its answer remembered."""
        if self._key is None:
            return None
        now = utc_now()
        await session.execute(_forget_some_before(now - KEEP))
        statement = inserting(session, IdempotencyKey).values(
            user_id=_user_id(), key=self._key, fingerprint=self._fingerprint, created_at=now
        )
        claimed = await session.execute(
            statement.on_conflict_do_update(
                index_elements=[IdempotencyKey.user_id, IdempotencyKey.key],
                set_={"fingerprint": self._fingerprint, "answer": None, "created_at": now},
                where=IdempotencyKey.created_at < now - KEEP,  # an expired key is free again
            ).returning(IdempotencyKey.key)
        )
        if claimed.first() is not None:
            return None
        query = select(IdempotencyKey.fingerprint, IdempotencyKey.answer).where(self._is_mine())
        stored = (await session.execute(query)).one()
        if stored.fingerprint != self._fingerprint:
            message = "This key was already used for a different request."
            raise InvalidInput.of("Idempotency-Key", message, "key_used")
        if stored.answer is None:
            # Only this transaction sees that: the same request came twice, and both are being done together.
            raise NotTogether
        return dict(orjson.loads(stored.answer))

    async def remember(self, session: WriteSession, answer: dict[str, Any]) -> None:
        """Keep the answer to the request that claimed this key, in the same transaction."""
        if self._key is not None:
            stored = orjson.dumps(answer).decode()
            await session.execute(update(IdempotencyKey).where(self._is_mine()).values(answer=stored))

    def _is_mine(self) -> ColumnElement[bool]:
        return (IdempotencyKey.user_id == _user_id()) & (IdempotencyKey.key == self._key)


def _user_id() -> str:
    return current_context().actor_id or ""


async def forget_some_keys(session: WriteSession) -> int:
    """Drop some keys that are too old to count; return how many."""
    statement = _forget_some_before(utc_now() - KEEP).returning(IdempotencyKey.key)
    return len((await session.execute(statement)).all())


def _forget_some_before(instant: datetime) -> Delete:
    """Drop a few expired keys with each new one. Rows that another request is dropping are skipped, not waited for."""
    expired = (
        select(IdempotencyKey.user_id, IdempotencyKey.key)
        .where(IdempotencyKey.created_at < instant)
        .order_by(IdempotencyKey.created_at)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    return delete(IdempotencyKey).where(tuple_(IdempotencyKey.user_id, IdempotencyKey.key).in_(expired))


async def idempotency(
    request: Request,
    key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)] = None,
) -> Idempotency:
    """Read the header and fingerprint the request (method, path, query and body)."""
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return Idempotency(key, digest.hexdigest())
