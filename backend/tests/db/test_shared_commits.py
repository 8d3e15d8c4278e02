"""Units of work that queue on SQLite share a commit, and nothing else (ADR 56)."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection

from crm_boost.db import lane
from crm_boost.db.audit import AuditEntry, record_audit
from crm_boost.db.engine import Database
from crm_boost.db.lane import TransactionLost
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.models import LoginThrottle
from crm_boost.kit.clock import utc_now

Body = Callable[[WriteSession], Coroutine[Any, Any, None]]


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test holds the first one up, the others may join."""
    monkeypatch.setattr(lane, "LONGEST_SECONDS", 3600)


async def stored(session: ReadSession) -> list[str]:
    return list((await session.scalars(select(AuditEntry.object_id).order_by(AuditEntry.seq))).all())


async def committed(database: Database) -> list[str]:
    async with database.read() as session:
        return await stored(session)


def writing(name: str) -> Body:
    async def write(session: WriteSession) -> None:
        await record_audit(session, "a", "b", name)

    return write


async def unit(database: Database, body: Body) -> None:
    async with database.write(together=True) as session:
        await body(session)


@asynccontextmanager
async def queued(database: Database, *bodies: Body) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Units of work that wait in this order behind one that begins when the block ends."""
    gate = asyncio.Event()

    async def first(session: WriteSession) -> None:
        await record_audit(session, "a", "b", "first")
        await gate.wait()

    tasks = []
    for body in (first, *bodies):
        tasks.append(asyncio.create_task(unit(database, body)))
        await asyncio.sleep(0)
    yield tasks
    gate.set()
    await asyncio.wait(tasks)


def commits(database: Database) -> list[int]:
    """A list that grows with each commit of the writer."""
    found: list[int] = []
    event.listen(database.engines[0].sync_engine, "commit", lambda _connection: found.append(1))
    return found


def outcomes(tasks: list[asyncio.Task[None]]) -> list[str]:
    return [
        "cancelled" if task.cancelled() else type(error).__name__ if (error := task.exception()) else "ok"
        for task in tasks
    ]


async def test_those_who_queue_share_one_commit_and_nobody_is_answered_before_it(sqlite_database: Database) -> None:
    done, seen = commits(sqlite_database), []

    async def answered(name: str) -> None:
        await unit(sqlite_database, writing(name))
        seen.append((name, name in await committed(sqlite_database)))

    async with queued(sqlite_database) as tasks:
        for name in "abc":
            tasks.append(asyncio.create_task(answered(name)))
            await asyncio.sleep(0)
        assert await committed(sqlite_database) == []

    assert await committed(sqlite_database) == ["first", "a", "b", "c"]
    assert sorted(seen) == [("a", True), ("b", True), ("c", True)]
    assert len(done) == 1


@pytest.mark.parametrize(("name", "value"), [("MOST_UNITS", 1), ("LONGEST_SECONDS", 0)])
async def test_a_shared_transaction_has_its_bounds(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    monkeypatch.setattr(lane, name, value)
    done = commits(sqlite_database)
    async with queued(sqlite_database, writing("a"), writing("b")):
        pass
    assert (await committed(sqlite_database), len(done)) == (["first", "a", "b"], 3)


async def test_a_unit_of_work_of_its_own_finds_everything_before_it_committed(sqlite_database: Database) -> None:
    done, seen = commits(sqlite_database), []

    async def alone() -> None:
        async with sqlite_database.write() as session:
            seen.append((await committed(sqlite_database), len(done)))
            await record_audit(session, "a", "b", "alone")

    async with queued(sqlite_database, writing("a")) as tasks:
        tasks.append(asyncio.create_task(alone()))
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(unit(sqlite_database, writing("after"))))
        await asyncio.sleep(0)

    assert seen == [(["first", "a"], 1)]
    assert (await committed(sqlite_database), len(done)) == (["first", "a", "alone", "after"], 3)


async def test_the_log_is_moved_ahead_of_those_who_wait(sqlite_database: Database) -> None:
    seen = []

    async def between() -> None:
        async with sqlite_database._between_writers():
            seen.append(await committed(sqlite_database))

    async with queued(sqlite_database, writing("a"), writing("b")) as tasks:
        tasks.append(asyncio.create_task(between()))
        await asyncio.sleep(0)

    assert seen == [["first"]]
    assert await committed(sqlite_database) == ["first", "a", "b"]


async def test_a_commit_that_fails_fails_for_all_and_the_next_goes_on(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks: list[str] = []

    async def hooked(session: WriteSession) -> None:
        await record_audit(session, "a", "b", "hooked")
        session.after_commit(lambda: hooks.append("ran"))

    def full(_connection: Any) -> None:
        raise OSError("no space left")

    async with queued(sqlite_database, hooked, writing("b")) as tasks:
        monkeypatch.setattr(AsyncAdapt_aiosqlite_connection, "commit", full)
    assert outcomes(tasks) == ["OSError"] * 3
    monkeypatch.undo()

    await unit(sqlite_database, writing("next"))
    assert (await committed(sqlite_database), hooks) == (["next"], [])


async def test_a_transaction_that_sqlite_gave_up_is_lost_for_all_in_it_and_the_next_goes_on(
    sqlite_database: Database,
) -> None:
    """A full disk ends the transaction by itself. What a savepoint would begin anew must not be taken for it."""

    async def lose(session: WriteSession) -> None:
        await record_audit(session, "a", "b", "lost")
        await session.execute(text("ROLLBACK"))

    async with queued(sqlite_database, writing("a"), lose, writing("after")) as tasks:
        pass

    assert outcomes(tasks)[:2] == ["TransactionLost"] * 2
    assert outcomes(tasks)[2] != "ok"
    assert outcomes(tasks)[3] == "ok"
    assert await committed(sqlite_database) == ["after"]
    with pytest.raises(TransactionLost):
        await unit(sqlite_database, lose)


async def test_who_gives_up_harms_nobody(sqlite_database: Database) -> None:
    inside, never = asyncio.Event(), asyncio.Event()
    hooks: list[str] = []

    async def hooked(session: WriteSession) -> None:
        await record_audit(session, "a", "b", "hooked")
        session.after_commit(lambda: hooks.append("ran"))

    async def endless(session: WriteSession) -> None:
        await record_audit(session, "a", "b", "endless")
        inside.set()
        await never.wait()

    async def give_up(waiting_for_commit: asyncio.Task[None], at_work: asyncio.Task[None]) -> None:
        await inside.wait()
        waiting_for_commit.cancel()
        at_work.cancel()

    async with queued(sqlite_database, hooked, writing("never"), endless, writing("last")) as tasks:
        _, waiting_for_commit, waiting_for_its_turn, at_work, _ = tasks
        waiting_for_its_turn.cancel()
        meddler = asyncio.create_task(give_up(waiting_for_commit, at_work))

    await meddler
    assert outcomes(tasks) == ["ok", "cancelled", "cancelled", "cancelled", "ok"]
    assert await committed(sqlite_database) == ["first", "hooked", "last"], (
        "what waits for its commit is not taken back"
    )
    assert hooks == ["ran"]


LONG = """
    INSERT INTO login_throttle (key, failures, window_started_at)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    SELECT 'k' || i, 1, '2026-01-01 00:00:00' FROM n
"""


async def test_a_statement_whose_caller_gives_up_is_taken_back_and_the_others_are_not(
    sqlite_database: Database,
) -> None:
    inside = asyncio.Event()

    async def at_length(session: WriteSession) -> None:
        await record_audit(session, "a", "b", "long")
        await session.flush()
        inside.set()
        await session.execute(text(LONG))
        raise AssertionError("it was cancelled")

    async def give_up(task: asyncio.Task[None]) -> None:
        await inside.wait()
        task.cancel()

    async with queued(sqlite_database, writing("a"), at_length, writing("b")) as tasks:
        meddler = asyncio.create_task(give_up(tasks[2]))
    await meddler

    assert outcomes(tasks) == ["ok", "ok", "cancelled", "ok"]
    assert await committed(sqlite_database) == ["first", "a", "b"]
    async with sqlite_database.read() as session:
        assert await session.get(LoginThrottle, "k1") is None


@pytest.mark.parametrize("together", [True, False])
async def test_who_gives_up_while_another_process_writes_leaves_no_open_transaction(
    sqlite_database: Database, together: bool
) -> None:
    async def write(name: str) -> None:
        async with sqlite_database.write(together=together) as session:
            await record_audit(session, "a", "b", name)

    await write("before")
    begins = asyncio.Event()
    event.listen(sqlite_database.engines[0].sync_engine, "before_cursor_execute", lambda *_given: begins.set())
    other = sqlite3.connect(sqlite_database.data_dir / "crm-boost.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    task = asyncio.create_task(write("given up"))
    await begins.wait()
    for _ in range(5):
        # The statement is on its way to the connection's thread.
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    other.execute("ROLLBACK")
    other.close()
    await asyncio.wait([task])

    await write("next")
    assert (task.cancelled(), await committed(sqlite_database)) == (True, ["before", "next"])


@pytest.mark.parametrize("seed", range(3))
async def test_each_sees_all_that_was_kept_before_it_and_nothing_that_was_taken_back(
    database: Database, seed: int
) -> None:
    """Random units of work, many of them failing, each at another place."""
    rng = random.Random(seed)
    kept: list[str] = []
    wrong: list[str] = []

    async def run(name: str, fails: str) -> None:
        async with database.write(together=True) as session:
            if database.is_sqlite and await stored(session) != kept:
                wrong.append(name)
            await record_audit(session, "a", "b", name)
            if fails == "refused":
                raise LookupError
            if fails == "in the database":
                await session.execute(text("INSERT INTO no_such_table VALUES (1)"))
            if fails == "by the mapper":
                session.add(LoginThrottle(key=name, failures=0, window_started_at=utc_now()))
                await session.flush()
                session.expunge_all()
                session.add(LoginThrottle(key=name, failures=0, window_started_at=utc_now()))
            part = await session.open_part()
            await record_audit(session, "a", "b", f"{name} part")
            if fails == "in a part":
                raise ZeroDivisionError
            await session.take_back(part)
            await asyncio.sleep(0)
            if fails == "given up":
                raise asyncio.CancelledError
            if fails == "at the end":
                session.before_commit("x", _refuse)
            await session.settle()
            kept.append(name)

    ends = ["no", "no", "refused", "in the database", "by the mapper", "in a part", "given up", "at the end"]
    plan = {f"{number}": rng.choice(ends) for number in range(40)}
    results = await asyncio.gather(*(run(name, fails) for name, fails in plan.items()), return_exceptions=True)

    assert {name for name, result in zip(plan, results, strict=True) if result is None} == {
        name for name, fails in plan.items() if fails == "no"
    }
    assert wrong == []
    assert sorted(await committed(database)) == sorted(kept)


async def _refuse(_session: WriteSession) -> None:
    raise LookupError
