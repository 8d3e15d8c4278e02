"""What several ask for at once is done together, and what cannot be is done one after the other (ADR 58)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from sqlalchemy import select

from crm_boost.db import gathering as module
from crm_boost.db.audit import AuditEntry, record_audit
from crm_boost.db.engine import Database
from crm_boost.db.gathering import Gathering, NotTogether
from crm_boost.db.session import WriteSession
from crm_boost.kit.errors import InvalidInput

Work = Callable[[WriteSession, Sequence[str]], Awaitable[Sequence[str]]]


async def committed(database: Database) -> list[str]:
    async with database.read() as session:
        return list((await session.scalars(select(AuditEntry.object_id).order_by(AuditEntry.seq))).all())


class Writer:
    """Work that writes every order down, and knows which ones it was given together."""

    def __init__(self, refuse: Callable[[Sequence[str]], Exception | None] = lambda _orders: None) -> None:
        self.groups: list[list[str]] = []
        self._refuse = refuse

    async def __call__(self, session: WriteSession, orders: Sequence[str]) -> list[str]:
        self.groups.append(list(orders))
        for order in orders:
            await record_audit(session, "a", "b", order)
        await session.flush()
        if error := self._refuse(orders):
            raise error
        return [f"{order} done" for order in orders]


async def ask_all(database: Database, work: Work, *orders: str, place: str = "here") -> list[str | BaseException]:
    gathering = Gathering(database, work)
    return await asyncio.gather(*(gathering.ask(place, order) for order in orders), return_exceptions=True)


async def test_orders_that_come_at_once_share_a_transaction(database: Database) -> None:
    writer = Writer()

    assert await ask_all(database, writer, "one", "two", "three") == ["one done", "two done", "three done"]

    assert writer.groups == [["one", "two", "three"]]
    assert await committed(database) == ["one", "two", "three"]


async def test_nobody_waits_for_others_to_come(database: Database) -> None:
    writer = Writer()
    gathering = Gathering(database, writer)

    assert await gathering.ask("here", "one") == "one done"
    assert await gathering.ask("here", "two") == "two done"

    assert writer.groups == [["one"], ["two"]]


async def test_who_comes_while_others_are_under_way_is_done_with_the_next_ones(database: Database) -> None:
    writer, under_way, gate = Writer(), asyncio.Event(), asyncio.Event()

    async def work(session: WriteSession, orders: Sequence[str]) -> list[str]:
        under_way.set()
        if orders[0] == "slow":
            await gate.wait()
        return await writer(session, orders)

    gathering = Gathering(database, work)
    slow = asyncio.create_task(gathering.ask("here", "slow"))
    await under_way.wait()
    others = [asyncio.create_task(gathering.ask("here", name)) for name in ("two", "three")]
    await asyncio.sleep(0)
    gate.set()

    assert await asyncio.gather(slow, *others) == ["slow done", "two done", "three done"]
    assert writer.groups == [["slow"], ["two", "three"]]


async def test_different_places_do_not_meet(database: Database) -> None:
    writer = Writer()
    gathering = Gathering(database, writer)

    await asyncio.gather(gathering.ask("here", "one"), gathering.ask("there", "two"))

    assert sorted(writer.groups) == [["one"], ["two"]]


async def test_there_is_an_end_to_how_many_are_done_together(database: Database) -> None:
    writer = Writer()
    names = [f"{number:03}" for number in range(70)]

    assert await ask_all(database, writer, *names) == [f"{name} done" for name in names]

    assert max(map(len, writer.groups)) == 32
    assert sorted(await committed(database)) == names


@pytest.mark.parametrize("error", [InvalidInput.of("name", "Not this one."), NotTogether()])
async def test_who_is_refused_hears_it_and_the_others_are_done(database: Database, error: Exception) -> None:
    """Nothing of the one that is refused is stored, and nothing of the others twice."""
    alone = InvalidInput.of("name", "Not this one, alone.")

    def refuse(orders: Sequence[str]) -> Exception | None:
        return None if "bad" not in orders else error if len(orders) > 1 else alone

    writer = Writer(refuse)
    answers = await ask_all(database, writer, "one", "bad", "three")

    assert answers == ["one done", alone, "three done"]
    assert writer.groups == [["one", "bad", "three"], ["one"], ["bad"], ["three"]]
    assert await committed(database) == ["one", "three"]


async def test_a_fault_that_only_several_meet_is_reported(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[BaseException] = []
    logged: list[str] = []
    monkeypatch.setattr(database.observer, "report", reported.append)
    monkeypatch.setattr(module.log, "error", lambda event, **_: logged.append(event))
    fault = ZeroDivisionError("several")
    writer = Writer(lambda orders: fault if len(orders) > 1 else None)

    assert await ask_all(database, writer, "one", "two") == ["one done", "two done"]

    assert reported == [fault]
    assert logged == ["not_done_together"]
    assert await committed(database) == ["one", "two"]


async def test_what_fails_at_the_end_of_the_transaction_is_done_alone_too(database: Database) -> None:
    async def work(session: WriteSession, orders: Sequence[str]) -> list[str]:
        async def refuse(_session: WriteSession) -> None:
            raise NotTogether

        if len(orders) > 1:
            session.before_commit("refusal", refuse)
        return list(orders)

    assert await ask_all(database, work, "one", "two") == ["one", "two"]


async def test_a_commit_that_fails_is_never_tried_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell what became of it: done again, an order might have its effect twice."""
    writer = Writer()

    async def fail(_self: WriteSession) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(WriteSession, "commit", fail)
    answers = await ask_all(database, writer, "one", "two")

    assert [type(answer) for answer in answers] == [ConnectionError, ConnectionError]
    assert writer.groups == [["one", "two"]]


async def test_nobody_waits_for_ever_when_no_transaction_can_begin(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> object:
        raise ConnectionError("no database")

    monkeypatch.setattr(database, "write", refuse)
    answers = await ask_all(database, Writer(), "one", "two")

    assert [type(answer) for answer in answers] == [ConnectionError, ConnectionError]


async def test_who_has_given_up_before_it_began_wants_nothing(database: Database) -> None:
    writer = Writer()
    gathering = Gathering(database, writer)
    tasks = [asyncio.create_task(gathering.ask("here", name)) for name in ("one", "two")]
    await asyncio.sleep(0)
    tasks[1].cancel()

    assert await tasks[0] == "one done"
    assert writer.groups == [["one"]]
    assert await committed(database) == ["one"]
