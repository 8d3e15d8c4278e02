"""The transactional outbox: announcements written with the change they announce (architecture, decision 8).

What was rolled back is never announced, and what was committed is announced even when the process dies in between.

Readers follow the table by position, and a position must never be overtaken: numbers are drawn before a commit, so on
PostgreSQL number 7 can become visible after number 8 was read. A position is therefore the writing transaction and
then the number, and a reader sees only transactions older than every one still running. SQLite has one writer at a
time: numbers become visible in their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from sqlalchemy import BigInteger, Index, Insert, Table, Text, delete, insert, literal, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.dialect import own_transaction, settled_transactions
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, built_once, write_each
from crm_boost.db.types import BigKey, Json, UtcDateTime
from crm_boost.kit.clock import utc_now
from crm_boost.kit.events import Event


class OutboxMessage(Base):
    """One announcement. `audience` is a user id, `can:` and a permission for those who hold it, or `*` for everybody
    who is signed in."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_created_at", "created_at"),
        Index("ix_outbox_position", "xact", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    xact: Mapped[int] = mapped_column(BigInteger)
    """The writing transaction's number on PostgreSQL, 0 on SQLite."""
    topic: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


EVERYBODY = "*"

_WAITING = "announcements"
_LAST = "~announcements"
"""Sorts behind the names of everything that may have something to announce."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far a reader has come."""

    xact: int = 0
    seq: int = 0


class Announced(Event):
    """Something was announced in this transaction: whoever follows the outbox may look as soon as it is committed."""


async def announce(session: WriteSession, topic: str, payload: dict[str, Any], audience: str = EVERYBODY) -> None:
    """Write an announcement. The payload names what changed (ids, never personal data)."""
    await announce_to(session, topic, payload, [audience])


async def announce_to(session: WriteSession, topic: str, payload: dict[str, Any], audiences: Sequence[str]) -> None:
    """Write the same announcement for several audiences that have nobody in common. All that a transaction announces is
    written at its end, in its order, by one statement; the same announcement is written once."""
    row = {"topic": topic, "payload": payload, "created_at": utc_now()}
    session.info.setdefault(_WAITING, []).extend({**row, "audience": audience} for audience in audiences)
    session.before_commit(_LAST, _write)
    await session.emit(Announced())


async def _write(session: WriteSession) -> None:
    waiting = session.info.pop(_WAITING)
    said = {(row["topic"], row["audience"], orjson.dumps(row["payload"])): row for row in waiting}
    await write_each(session, [Write(_insert(session), list(said.values()))])


@built_once
def _insert(session: ReadSession) -> Insert:
    return insert(cast(Table, OutboxMessage.__table__)).values(xact=own_transaction(session))


async def messages_after(
    session: ReadSession, position: Position, limit: int = 500, *, until: Position | None = None
) -> list[OutboxMessage]:
    """Return the announcements after `position`, up to and with `until`, in their order; the next position is
    `position_of` the last one."""
    place = tuple_(OutboxMessage.xact, OutboxMessage.seq)
    statement = (
        select(OutboxMessage)
        .where(place > tuple_(literal(position.xact), literal(position.seq)))
        .order_by(OutboxMessage.xact, OutboxMessage.seq)
        .limit(limit)
    )
    if until is not None:
        statement = statement.where(place <= tuple_(literal(until.xact), literal(until.seq)))
    settled = settled_transactions(session)
    if settled is not None:
        statement = statement.where(OutboxMessage.xact < settled)
    return list((await session.scalars(statement)).all())


async def is_kept(session: ReadSession, position: Position) -> bool:
    """Whether the announcement at `position` is still there: then so is everything after it."""
    statement = select(OutboxMessage.seq).where(OutboxMessage.xact == position.xact, OutboxMessage.seq == position.seq)
    return await session.scalar(statement) is not None


def position_of(message: OutboxMessage) -> Position:
    """Return where a reader stands that has read `message`."""
    return Position(message.xact, message.seq)


async def latest_position(session: ReadSession) -> Position:
    """Return the position of the newest announcement a reader would see: what comes after it is new."""
    statement = (
        select(OutboxMessage.xact, OutboxMessage.seq)
        .order_by(OutboxMessage.xact.desc(), OutboxMessage.seq.desc())
        .limit(1)
    )
    settled = settled_transactions(session)
    if settled is not None:
        statement = statement.where(OutboxMessage.xact < settled)
    row = (await session.execute(statement)).first()
    return Position(row.xact, row.seq) if row else Position()


async def forget_before(session: WriteSession, instant: datetime) -> None:
    """Drop announcements older than `instant`: every reader has long passed them."""
    await session.execute(delete(OutboxMessage).where(OutboxMessage.created_at < instant))
