"""Requests of one kind that come while one of them is under way are done together, in one transaction (ADR 58).

What many people want at once from one place costs each of them a transaction and a dozen statements; done together it
costs them one. Nobody waits for others to come: whoever finds nothing under way begins at once. And nobody pays for
others: what cannot be done together, because one is refused for instance, is done one after the other, each in a
transaction of its own, as if they had never met.
"""

import asyncio
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from crm_boost.db.engine import Database
from crm_boost.db.session import WriteSession
from crm_boost.kit.errors import Problem

log = structlog.get_logger(__name__)

Order = TypeVar("Order")
Answer = TypeVar("Answer")
_MOST = 32


class NotTogether(Exception):
    """These can only be done one after the other."""


@dataclass(slots=True)
class _Waiting(Generic[Order, Answer]):
    order: Order
    answered: "asyncio.Future[Answer]"


@dataclass(slots=True)
class _Place(Generic[Order, Answer]):
    """Where orders of one kind meet."""

    queue: deque[_Waiting[Order, Answer]] = field(default_factory=deque)
    is_busy: bool = False

    def take(self) -> list[_Waiting[Order, Answer]]:
        """Take what is waited for, first come, first served. Who has given up waiting wants nothing any more."""
        taken: list[_Waiting[Order, Answer]] = []
        while self.queue and len(taken) < _MOST:
            waiting = self.queue.popleft()
            if not waiting.answered.done():
                taken.append(waiting)
        return taken


class Gathering(Generic[Order, Answer]):
    """Does what is asked for, together where several ask at once.

    `work` gets a unit of work and orders of one place, and returns the answer to each. Whatever it raises for several is
    nobody's answer: it is called again for each alone, and what it raises then is.
    """

    def __init__(
        self, database: Database, work: Callable[[WriteSession, Sequence[Order]], Awaitable[Sequence[Answer]]]
    ) -> None:
        self._database = database
        self._work = work
        self._places: dict[str, _Place[Order, Answer]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, place: str, order: Order) -> Answer:
        """Return the answer to an order, when it is committed. Whoever gives up waiting may or may not get it done."""
        waiting: _Waiting[Order, Answer] = _Waiting(order, asyncio.get_running_loop().create_future())
        here = self._places.setdefault(place, _Place())
        here.queue.append(waiting)
        if not here.is_busy:
            here.is_busy = True
            task = asyncio.create_task(self._run(place, here), name="gathered work")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await waiting.answered

    async def _run(self, name: str, place: _Place[Order, Answer]) -> None:
        try:
            while place.queue:
                await self._do_some(place)
        finally:
            self._places.pop(name, None)

    async def _do_some(self, place: _Place[Order, Answer]) -> None:
        some: list[_Waiting[Order, Answer]] = []
        answers: Sequence[Answer] | None = None
        try:
            async with self._database.write(together=True) as session:
                # Not before: who comes while this waits for its turn may still join.
                some = place.take()
                if some:
                    found = await self._work(session, [waiting.order for waiting in some])
                    await session.settle()
                    answers = found
        except Exception as error:  # noqa: BLE001 - each hears of it, or is done alone
            if answers is None and len(some) > 1:
                if not isinstance(error, NotTogether | Problem):
                    log.error("not_done_together", exception="".join(traceback.format_exception(error)))
                    self._database.observer.report(error)
                for waiting in some:
                    await self._do_alone(waiting)
                return
            # The commit of several failed: what is stored of them nobody can tell, so none is tried again.
            # Where none could begin at all, whoever waits hears of it.
            for waiting in some or place.take():
                _fail(waiting, error)
            return
        for waiting, answer in zip(some, answers or (), strict=True):
            _tell(waiting, answer)

    async def _do_alone(self, waiting: _Waiting[Order, Answer]) -> None:
        try:
            async with self._database.write(together=True) as session:
                (answer,) = await self._work(session, [waiting.order])
        except Exception as error:  # noqa: BLE001 - it is the answer
            _fail(waiting, error)
        else:
            _tell(waiting, answer)


def _tell(waiting: _Waiting[Order, Answer], answer: Answer) -> None:
    if not waiting.answered.done():
        waiting.answered.set_result(answer)


def _fail(waiting: _Waiting[Order, Answer], error: Exception) -> None:
    if not waiting.answered.done():
        waiting.answered.set_exception(error)
