"""How rows reach the database: as they are, and whatever stops a step of it, nothing is left behind."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from crm_boost.databases.customer_key import customer_key, tidy
from crm_boost.databases.models import Record
from crm_boost.db.engine import Database
from crm_boost.db.search_index import POSTGRESQL_FILE_NEW
from crm_boost.uploads import bulk_repository
from tests.uploads.desk import Desk, csv_bytes, people

ROWS, AT_ONCE = 60, 10


def steps_of(desk: Desk) -> tuple[Any, str, str]:
    """Let a desk store few rows at once; its store, the step that stores a chunk, and the one that runs in a thread."""
    desk.app.state.settings.imports.chunk_rows = AT_ONCE
    if desk.database.is_sqlite:
        return bulk_repository._SqliteStore, "_store_chunk", "_in_transaction"
    return bulk_repository._PostgresqlStore, "_copy", "_lines"


def stand_still(monkeypatch: pytest.MonkeyPatch, store: Any, name: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Let the second chunk not be stored before the second event; the first says that it would be."""
    original: Callable[..., Awaitable[Any]] = getattr(store, name)
    reached, go, times = asyncio.Event(), asyncio.Event(), 0

    async def standing(self: Any, *arguments: Any) -> Any:
        nonlocal times
        times += 1
        if times == 2:
            reached.set()
            await go.wait()
        return await original(self, *arguments)

    monkeypatch.setattr(store, name, standing)
    return reached, go


async def test_cancelled_between_two_chunks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    store, name, _ = steps_of(desk)
    item = await desk.upload(csv_bytes(people(ROWS)))
    reached, _ = stand_still(monkeypatch, store, name)
    await desk.post_commit(item["id"])
    await reached.wait()
    assert (await desk.counts())[1] == AT_ONCE
    assert (await desk.post(item["id"], "cancel")).json()["state"] == "cancelled"
    await desk.purged()
    assert await desk.counts() == (0, 0, 0)


@pytest.mark.parametrize("in_thread", [False, True])
async def test_what_fails_in_one_step_ends_the_import(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, in_thread: bool
) -> None:
    store, *names = steps_of(desk)
    logged: list[dict[str, Any]] = []
    monkeypatch.setattr("crm_boost.uploads.runner.log.exception", lambda _event, **said: logged.append(said))

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    item = await desk.upload(csv_bytes(people(ROWS)))
    monkeypatch.setattr(store, names[in_thread], broken)
    ended = await desk.commit(item["id"])
    assert (ended["state"], ended["error"]["code"]) == ("failed", "internal")
    assert [said["error"] for said in logged] == ["ZeroDivisionError"]
    await desk.purged()
    assert await desk.counts() == (0, 0, 0)


async def test_one_chunk_is_written_ahead_and_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL need not wait for the text of the next chunk, and no two of them wait in memory."""
    store, name, writing = steps_of(desk)
    if desk.database.is_sqlite:  # there it is one statement
        return
    written: list[int] = []
    lines = store._lines

    def noted(self: Any, first: int, last: int) -> Any:
        written.append(first)
        return lines(self, first, last)

    monkeypatch.setattr(store, writing, noted)
    item = await desk.upload(csv_bytes(people(ROWS)))
    reached, go = stand_still(monkeypatch, store, name)
    await desk.post_commit(item["id"])
    await reached.wait()
    await asyncio.sleep(0.3)
    assert written == [1, 11, 21]
    go.set()
    assert (await desk.settled(item["id"]))["result"]["stored"] == ROWS
    assert written == [1, 11, 21, 31, 41, 51]
    assert await desk.counts() == (1, ROWS, ROWS)


async def test_no_text_waits_to_be_filed_when_the_import_is_over(desk: Desk) -> None:
    """PostgreSQL keeps new entries of the search index in a list that every search reads from end to end (ADR 74)."""
    if desk.database.is_sqlite:  # there they are filed at once
        return
    ended = await desk.commit((await desk.upload(csv_bytes(people(ROWS))))["id"])
    assert ended["result"]["stored"] == ROWS
    async with desk.database.write() as session:
        assert await session.scalar(text(POSTGRESQL_FILE_NEW)) == 0


_ODD = (
    "\\",
    "\\N",
    "\\.",
    "a\\",
    "tab\there",
    "two\nlines",
    "two\r\nlines",
    "\\t\\n",
    "=1+1",
    "美\u2028字",
    "\x0b",
    "\x1f",
)


async def test_texts_are_stored_as_they_are(desk: Desk, database: Database) -> None:
    """Nothing in a cell is a sign for the bulk path, in whichever column it is."""
    rows = [[f"u{at}{text}", f"Name {text}", f"0812{text}"] for at, text in enumerate(_ODD)]
    item = await desk.upload(csv_bytes(rows))
    await desk.choose(item["id"], mapping={"username": 0, "name": 1, "phone": 2})
    done = await desk.commit(item["id"])
    assert done["result"]["stored"] == len(rows)
    shown = await desk.records(done)
    assert [list(record["row_data"].values()) for record in sorted(shown, key=lambda one: one["row_number"])] == rows
    async with database.read() as session:
        columns = (Record.customer_key, Record.display_name, Record.phone, Record.search_text)
        stored = (await session.execute(select(*columns).order_by(Record.row_number))).all()
    for (key, name, phone, searched), row in zip(stored, rows, strict=True):
        assert (key, name, phone) == (customer_key(row[0]), tidy(row[1]), tidy(row[2]))
        assert searched.startswith(f"{tidy(row[0].lower())}\n") and tidy(row[1].lower()) in searched.split("\n")
