"""Sessions with two types, and the unit of work (architecture, decision 4).

A function that only reads asks for a `ReadSession`; one that writes asks for a `WriteSession`, so a type checker
refuses a write from a read path. One request or one job is one transaction: it commits before the response leaves.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

from crm_boost.kit.events import Event, EventBus
from crm_boost.settings import BusinessSettings


class ReadSession(AsyncSession):
    """A session on a connection that cannot write."""

    @property
    def business(self) -> BusinessSettings:
        """The business settings in force (zone, default country, reservation scope …)."""
        return cast(BusinessSettings, self.info["business"])


class WriteSession(ReadSession):
    """A session inside the unit of work. It is committed by whoever opened it, never by a service."""

    async def emit(self, event: Event) -> None:
        """Raise a domain event; its handlers run now, in this transaction."""
        await cast(EventBus, self.info["bus"]).publish(self, event)

    def before_commit(self, name: str, action: Callable[["WriteSession"], Awaitable[None]]) -> None:
        """Run `action` at the end of this transaction, in it: once, however often it is asked for under this name.

        For what follows from everything that the transaction does. Its locks are taken last, so they cannot be in the
        way of others; actions run in the order of their names, so that all transactions take theirs in one order.
        """
        self.info.setdefault("before_commit", {})[name] = action

    async def settle(self) -> None:
        """Run what waits for the end of the transaction, in one order for everybody: each takes locks. It finds
        everything that was changed before, also what the mapper has not written yet."""
        if self.new or self.dirty or self.deleted:
            await self.flush()
        while waiting := self.info.get("before_commit"):
            await waiting.pop(min(waiting))(self)

    async def open_part(self) -> AsyncSessionTransaction:
        """Begin a part of the transaction that can be taken back alone. What was asked for before it is settled first."""
        await self.settle()
        return await self.begin_nested()

    async def take_back(self, part: AsyncSessionTransaction) -> None:
        """Undo a part. What it asked for at the end is settled inside it, so that it goes with it and not into the next."""
        await self.settle()
        await part.rollback()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` once the transaction is durable; it is dropped with a rollback. It must not fail or block."""
        self.info.setdefault("after_commit", []).append(action)


async def _read_session(request: Request) -> AsyncIterator[ReadSession]:
    async with request.app.state.database.read() as session:
        yield session


async def _unit_of_work(request: Request) -> AsyncIterator[WriteSession]:
    async with request.app.state.database.write() as session:
        yield session


async def _shared_unit_of_work(request: Request) -> AsyncIterator[WriteSession]:
    async with request.app.state.database.write(together=True) as session:
        yield session


Reader = Annotated[ReadSession, Depends(_read_session, scope="function")]
Writer = Annotated[WriteSession, Depends(_unit_of_work, scope="function")]
"""At function scope: a `yield` dependency at request scope would commit after the response had started."""
SharingWriter = Annotated[WriteSession, Depends(_shared_unit_of_work, scope="function")]
"""The same for what people do all day, whose commit may be shared with others who wait for their turn (ADR 56)."""
