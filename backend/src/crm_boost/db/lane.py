"""Where units of work begin: on SQLite one at a time in this process, first come, first served, and several in one commit.

A commit of SQLite waits for the disk, and everybody in the lane waits for it. Units of work that queue therefore share a
transaction: one runs after the other as before, each within a savepoint of its own, and the last one's end is everybody's
commit. Nobody is answered before it, and a commit that fails fails for all of them (ADR 56). There is no queue on
PostgreSQL, and nothing is shared there.
"""

import asyncio
import time
import traceback
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from crm_boost.db.session import WriteSession
from crm_boost.observing.observer import Observer

log = structlog.get_logger(__name__)

MOST_UNITS = 32
LONGEST_SECONDS = 0.05
"""Nobody joins a transaction that is older: the first one in it waits for all who do."""

Action = Callable[[], None]


class TransactionLost(Exception):
    """The transaction that this unit of work shared with others is gone: nothing of it was stored."""


class _Place(NamedTuple):
    turn: asyncio.Future[None]
    shares: bool


class _Group:
    """Units of work in one transaction. The first one is the transaction itself, and so costs no more than it would alone;
    each of the others has a savepoint."""

    def __init__(self, connection: AsyncConnection, raw: Any) -> None:
        self.connection = connection
        self._raw = raw
        self._began = time.perf_counter()
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.units = 0
        """So many are done and wait for the commit."""
        self.actions: list[Action] = []
        """What they want to follow it."""

    @classmethod
    async def begin(cls, engine: AsyncEngine) -> "_Group":
        connection = await engine.connect()
        try:
            await connection.begin()
            raw = await connection.get_raw_connection()
        except BaseException:
            await connection.close()
            raise
        return cls(connection, raw.driver_connection)

    @property
    def may_grow(self) -> bool:
        return self.units < MOST_UNITS and time.perf_counter() - self._began < LONGEST_SECONDS

    @property
    def is_open(self) -> bool:
        """False when SQLite has given the transaction up by itself, as it does when the disk is full."""
        return bool(self._raw._connection and self._raw._conn.in_transaction)

    async def committed(self) -> None:
        """Wait for the commit. Who gives up waiting takes nothing back."""
        await asyncio.shield(self._ended)

    def tell(self, error: BaseException | None) -> None:
        """Let everybody who waits know how it ended."""
        if error is None:
            self._ended.set_result(None)
            return
        self._ended.set_exception(error if isinstance(error, Exception) else TransactionLost(repr(error)))
        # There may be nobody who waits.
        self._ended.exception()


class WriteLane:
    """The queue of the writers of this process.

    A unit of work opened inside another one of the same task is an error on both databases: it would be a second
    transaction, and on SQLite wait for the first one for ever.
    """

    def __init__(self, engine: AsyncEngine, *, observer: Observer, committed: Callable[[int], None] | None) -> None:
        """`committed` is told how many units of work a commit held; None: there is no queue."""
        self._engine = engine
        self._observer = observer
        self._committed = committed
        self._is_taken = False
        self._queue: deque[_Place] = deque()
        self._group: _Group | None = None
        self._ending: asyncio.Task[None] | None = None
        self._inside: set[asyncio.Task[Any] | None] = set()

    @asynccontextmanager
    async def alone(self, *, next_in_turn: bool = False) -> AsyncIterator[None]:
        """Take a turn that shares nothing: whoever came before is committed, whoever comes after waits for its end.
        `next_in_turn`: ahead of everybody who waits."""
        with self._watched() as begin:
            if self._committed is None:
                begin()
                yield
                return
            await self._take(shares=False, is_next=next_in_turn)
            begin()
            try:
                yield
            finally:
                self._pass_on()

    @asynccontextmanager
    async def together(self, info: dict[str, Any]) -> AsyncIterator[WriteSession]:
        """Take a turn in a transaction that others may share, and leave when it is committed."""
        with self._watched() as begin:
            await self._take(shares=True)
            begin()
            try:
                group = self._group = self._group or await _Group.begin(self._engine)
            except BaseException:
                self._pass_on()
                raise
            session = WriteSession(
                group.connection,
                join_transaction_mode="create_savepoint" if group.units else "rollback_only",
                expire_on_commit=False,
                info=info,
            )
            try:
                yield session
                await session.settle()
                await session.commit()
                await session.close()
                if not group.is_open:
                    raise TransactionLost
            except BaseException as error:
                # Nobody has the next turn before this is done, not even when the one who waits for it gives up.
                self._ending = asyncio.create_task(self._take_back(group, session, error))
                await asyncio.shield(self._ending)
                raise
            group.units += 1
            group.actions += session.info.pop("after_commit", [])
            self._pass_on()
            await group.committed()

    async def close(self) -> None:
        """Wait for a commit under way."""
        if self._ending is not None:
            await asyncio.wait([self._ending])

    def follow(self, actions: Iterable[Action]) -> None:
        """Run what was to follow a commit. What was committed stays: a failing announcement must not tell otherwise."""
        for action in actions:
            try:
                action()
            except Exception as error:  # noqa: BLE001 - whatever it is
                log.error("after_commit_failed", exception="".join(traceback.format_exception(error)))
                self._observer.report(error)

    @contextmanager
    def _watched(self) -> Iterator[Callable[[], None]]:
        task, metrics = asyncio.current_task(), self._observer.metrics
        if task in self._inside:
            raise RuntimeError("this task is already inside a unit of work")
        asked = begun = time.perf_counter()

        def begin() -> None:
            nonlocal begun
            begun = time.perf_counter()
            self._inside.add(task)
            if metrics is not None:
                metrics.unit_of_work_wait.observe(begun - asked)

        try:
            yield begin
        finally:
            if task in self._inside:
                self._inside.remove(task)
                if metrics is not None:
                    metrics.unit_of_work.observe(time.perf_counter() - begun)

    async def _take(self, *, shares: bool, is_next: bool = False) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        place = _Place(asyncio.get_running_loop().create_future(), shares)
        if is_next:
            self._queue.appendleft(place)
        else:
            self._queue.append(place)
        try:
            await place.turn
        except asyncio.CancelledError:
            if not place.turn.cancelled():
                # The turn had come at that very moment.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give the turn to the next in the queue; before that, end the transaction that the next one does not share."""
        while self._queue and self._queue[0].turn.done():
            self._queue.popleft()
        group, following = self._group, self._queue[0] if self._queue else None
        if group is not None and not (following and following.shares and group.may_grow):
            self._group = None
            self._ending = asyncio.create_task(self._end(group))
        elif following is not None:
            self._queue.popleft().turn.set_result(None)
        else:
            self._is_taken = False

    async def _end(self, group: _Group) -> None:
        failed: BaseException | None = None
        try:
            try:
                await group.connection.commit()
            finally:
                await group.connection.close()
            if self._committed is not None:
                self._committed(group.units)
            self.follow(group.actions)
        except BaseException as error:  # noqa: BLE001 - whoever waits is told
            failed = error
        group.tell(failed)
        self._pass_on()

    async def _take_back(self, group: _Group, session: WriteSession, error: BaseException) -> None:
        """Take back a unit of work that failed: alone, where others are in its transaction."""
        is_undone = False
        try:
            await session.close()
            is_undone = group.units > 0 and group.is_open
        finally:
            if not is_undone:
                self._group = None
                try:
                    await group.connection.close()
                finally:
                    group.tell(TransactionLost(repr(error)))
            self._pass_on()
