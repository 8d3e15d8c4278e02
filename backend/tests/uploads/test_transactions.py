"""How much one transaction of an import changes: others wait for one at a time, so none may follow the size of the file."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from crm_boost.db.engine import Database
from crm_boost.uploads import bulk_repository, runner
from tests.uploads.desk import Desk, csv_bytes, people

ROWS, AT_ONCE = 1500, 100
# A record, its entries in the search index, and the pages of that: far less than the file has.
MOST = 5 * AT_ONCE


@contextmanager
def changes_of_each(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many rows each committed transaction of the units of work and of the bulk path changes."""
    sizes: list[int] = []
    open_now: dict[int, int] = {}

    def count(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        # On PostgreSQL nobody waits for who adds rows of a database that is not visible.
        assert "count(*)" not in statement or "FROM customer_records" not in statement, "others wait while this counts"
        if statement.startswith(("INSERT", "UPDATE", "DELETE")) and "INTO record_keys" not in statement:
            open_now[id(connection)] = open_now.get(id(connection), 0) + max(cursor.rowcount, 0)

    def committed(connection: Connection) -> None:
        sizes.append(open_now.pop(id(connection), 0))

    in_transaction = bulk_repository._SqliteStore._in_transaction

    def counted(self: Any, work: Callable[[sqlite3.Connection], int]) -> int:
        before = self._connection.total_changes
        done = in_transaction(self, work)
        sizes.append(self._connection.total_changes - before)
        return done

    copied = bulk_repository._PostgresqlStore._copy

    async def copy(self: Any, lines: bytes, count: int, first: int, last: int) -> None:
        await copied(self, lines, count, first, last)
        sizes.append(count)

    monkeypatch.setattr(bulk_repository._SqliteStore, "_in_transaction", counted)
    monkeypatch.setattr(bulk_repository._PostgresqlStore, "_copy", copy)
    engine = desk.database.engines[0].sync_engine
    listeners = (("after_cursor_execute", count), ("commit", committed))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield sizes
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


async def test_no_transaction_follows_the_size_of_the_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored, undone, stored again and cancelled at the end: many small transactions, and never a large one."""
    desk.app.state.settings.imports.chunk_rows = AT_ONCE
    monkeypatch.setattr(bulk_repository, "_KEYS_AT_ONCE", AT_ONCE)
    monkeypatch.setattr(runner, "_PURGE_ROWS", AT_ONCE)
    with changes_of_each(desk, monkeypatch) as sizes:
        done = await desk.imported(csv_bytes(people(ROWS)))
        assert done["result"]["stored"] == ROWS
        assert sum(sizes) >= ROWS, "the rows were seen"
        assert max(sizes) <= MOST
        assert [row["total_records"] for row in await desk.databases()] == [ROWS]
        sizes.clear()
        assert (await desk.post(done["id"], "undo")).json()["state"] == "undone"
        await desk.purged()
        assert sum(sizes) >= ROWS, "the rows were seen"
        assert max(sizes) <= MOST
    assert await desk.counts() == (0, 0, 0)


async def test_who_gives_a_database_up_waits_for_a_chunk_and_nothing_follows(desk: Desk) -> None:
    """PostgreSQL has no foreign key there (ADR 68). Another process takes the database for forgotten while a chunk is in
    the middle of its transaction: it cannot enter its texts."""
    if desk.database.is_sqlite:  # it has the key
        return
    desk.app.state.settings.imports.chunk_rows = AT_ONCE
    item = await desk.upload(csv_bytes(people(ROWS)))

    async def give_up() -> None:
        async with desk.database.write() as session:
            await session.execute(text("UPDATE databases SET state = 'discarded'"))

    async with desk.database.engines[0].begin() as other:
        await other.execute(text("LOCK TABLE customer_records_search IN SHARE MODE"))
        assert (await desk.post_commit(item["id"])).status_code == 202
        for _ in range(500):
            if await other.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                break
            await asyncio.sleep(0.01)
        else:
            pytest.fail("no chunk waits")
        giving_up = asyncio.create_task(give_up())
        await asyncio.sleep(0.2)
        assert not giving_up.done()
    await giving_up
    assert (await desk.settled(item["id"]))["error"]["code"] == "internal"
    await desk.purged()
    assert await desk.counts() == (0, 0, 0)


async def test_the_search_index_is_never_merged_at_once(sqlite_database: Database) -> None:
    """Merging as many segments as there are by default is a transaction that follows the number of records."""
    async with sqlite_database.read() as session:
        statement = text("SELECT k, v FROM customer_records_search_config WHERE k LIKE '%merge'")
        settings = {row[0]: row[1] for row in await session.execute(statement)}
    assert settings == {"automerge": 16, "crisismerge": 1000}
