"""Lists of databases whose records are stored in random order: what is in file order, and how it is paged (ADR 64)."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from crm_boost.databases import file_order, file_order_repository
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.kit.paging import Page, encode_cursor
from crm_boost.pools import file_order_repository as listing
from crm_boost.pools import repository
from crm_boost.pools.places import Place, RecordFilter, place_of
from crm_boost.pools.repository import list_records
from crm_boost.settings import DatabaseSettings, Settings
from crm_boost.wiring import build_bus
from tests.support.databases import Provider
from tests.support.factories import Account, Stored, count_anew, make_database
from tests.support.plans import BY_STATE, plans_of
from tests.support.statements import recorded_statements

PART, FEW = 8, 6
AVAILABLE = RecordFilter(status=RecordState.AVAILABLE)
TRASHED = RecordFilter(status=RecordState.TRASHED)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a file and short lists are so small that a test has several and longer ones."""
    for module in (file_order, file_order_repository):
        monkeypatch.setattr(module, "ROWS_PER_PART", PART)
    for module in (listing, repository):
        monkeypatch.setattr(module, "FEW", FEW)


async def put(database: Database, stored: Stored, state: RecordState, numbers: Any) -> None:
    """Put records into a state."""
    seqs = [stored.seqs[number] for number in numbers]
    async with database.write() as session:
        await session.execute(update(Record).where(Record.seq.in_(seqs)).values(state=state))
        await count_anew(session)


async def page_of(
    database: Database, stored: Stored, wanted: RecordFilter, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    async with database.read() as session:
        item = await session.get_one(CustomerDatabase, stored.id)
        return await list_records(session, item, wanted, after=place_of(item, wanted, cursor), limit=limit)


async def rows_of(database: Database, stored: Stored, wanted: RecordFilter, limit: int) -> list[int]:
    """The rows of all pages of a list."""
    rows, cursor = [], None
    while True:
        page = await page_of(database, stored, wanted, cursor, limit)
        rows += [row["row_number"] for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return rows


@st.composite
def readings(draw: st.DrawFn) -> dict[str, Any]:
    """A file, a list of it, and what moves between two of its pages."""
    records = draw(st.integers(0, 40))
    some = st.sets(st.integers(0, records - 1)) if records else st.just(set())
    return {
        "records": records,
        "not_stored": draw(st.sets(st.integers(1, 50), max_size=30)),
        "wanted": RecordFilter(
            status=draw(st.sampled_from([None, RecordState.AVAILABLE, RecordState.TRASHED])),
            descending=draw(st.booleans()),
        ),
        "limit": draw(st.integers(1, 12)),
        "in_trash": draw(some),
        "moves": draw(st.lists(st.tuples(some, st.sampled_from(["available", "trashed"])), max_size=6)),
    }


@pytest.mark.slow
def test_paging_shows_each_record_once_whatever_moves_meanwhile(databases: Provider, small: None) -> None:
    loop = asyncio.new_event_loop()
    with tempfile.TemporaryDirectory() as folder:
        url = databases.fresh(Path(folder))
        database = Database(Settings(data_dir=Path(folder), database=DatabaseSettings(url=url)), build_bus())

        @settings(
            max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(readings())
        def read(reading: dict[str, Any]) -> None:
            loop.run_until_complete(read_through(database, **reading))

        try:
            read()
        finally:
            loop.run_until_complete(database.dispose())
            loop.close()


async def read_through(
    database: Database,
    *,
    records: int,
    not_stored: set[int],
    wanted: RecordFilter,
    limit: int,
    in_trash: set[int],
    moves: list[tuple[set[int], str]],
) -> None:
    stored = await make_database(database, records, shuffled=True, not_stored=not_stored)
    states = dict.fromkeys(range(records), "available")

    async def move(numbers: set[int], state: str) -> None:
        states.update(dict.fromkeys(numbers, state))
        await put(database, stored, RecordState(state), numbers)

    def shown() -> set[str]:
        chosen = (str(wanted.status),) if wanted.status is not None else ("available",)
        return {stored.record_ids[number] for number, state in states.items() if state in chosen}

    await move(in_trash, "trashed")
    at_first = shown()
    always = set(at_first)
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await page_of(database, stored, wanted, cursor, limit)
        assert {row["id"] for row in page.rows} <= shown()
        assert page.total == (len(at_first) if cursor is None else None)
        rows += page.rows
        cursor = page.next_cursor
        assert len(page.rows) == limit or cursor is None
        if cursor is None:
            break
        if moves:
            await move(*moves.pop())
            always &= shown()
    seen = [row["id"] for row in rows]
    assert len(seen) == len(set(seen)) and always <= set(seen)
    if wanted.status is None or len(at_first) <= max(FEW, limit):
        assert [row["row_number"] for row in rows] == sorted(
            (row["row_number"] for row in rows), reverse=wanted.descending
        )
    else:
        keys = [stored.seq_of(record_id) for record_id in seen]
        assert keys == sorted(keys, reverse=wanted.descending)


async def test_a_short_list_is_by_row_and_a_long_one_as_it_is_stored(database: Database, small: None) -> None:
    stored = await make_database(database, 40, shuffled=True)
    by_key = sorted(range(1, 41), key=lambda row: stored.seqs[row - 1])

    assert await rows_of(database, stored, RecordFilter(), 4) == list(range(1, 41))
    assert await rows_of(database, stored, AVAILABLE, 4) == by_key
    assert await rows_of(database, stored, RecordFilter(q="customer"), 4) == by_key
    # All of it on one page.
    assert await rows_of(database, stored, AVAILABLE, 40) == list(range(1, 41))
    assert await rows_of(database, stored, RecordFilter(q="customer", descending=True), 40) == list(range(40, 0, -1))
    for trashed in (FEW, FEW + 1):
        await put(database, stored, RecordState.TRASHED, range(trashed))
        listed = await rows_of(database, stored, TRASHED, 4)
        assert listed == (list(range(1, FEW + 1)) if trashed == FEW else [row for row in by_key if row <= trashed])


async def test_records_that_are_gone_are_left_out(database: Database, small: None) -> None:
    stored = await make_database(database, 20, shuffled=True)
    async with database.write() as session:
        for number in (0, 7, 19):
            await session.execute(delete(RecordKey).where(RecordKey.record_seq == stored.seqs[number]))
            await session.execute(delete(Record).where(Record.seq == stored.seqs[number]))
    assert await rows_of(database, stored, RecordFilter(), 3) == [row for row in range(1, 21) if row not in (1, 8, 20)]


@pytest.fixture
async def large(database: Database) -> Stored:
    """Three parts of a file, the last one short, of which each tenth row was not stored."""
    return await make_database(database, 9000, shuffled=True, not_stored=range(10, 10_000, 10))


@pytest.fixture
def counted(database: Database, large: Stored) -> Callable[..., Any]:
    """How many statements a page takes: of everything, after this row."""

    async def count(after: int | None, limit: int, *, descending: bool = False) -> tuple[int, list[int]]:
        async with database.read() as session:
            item = await session.get_one(CustomerDatabase, large.id)
            place = Place(after, is_row=True) if after is not None else None
            with recorded_statements(database) as statements:
                page = await list_records(session, item, RecordFilter(descending=descending), after=place, limit=limit)
        return len(statements), [row["row_number"] for row in page.rows]

    return count


async def test_a_page_takes_two_statements_wherever_it_is(counted: Callable[..., Any]) -> None:
    assert (await counted(None, 50))[0] == 3  # with its total
    assert (await counted(None, 50, descending=True))[0] == 3
    for after in (1, 50, 4040, 4095, 4096, 4097, 9899):
        for descending in (False, True):
            sent, rows = await counted(after, 50, descending=descending)
            expected = [row for row in range(1, 10_000) if row % 10]
            expected = [row for row in expected if row > after] if not descending else expected
            expected = [row for row in expected[::-1] if row < after] if descending else expected
            assert (sent, rows) == (2 if after != 1 or not descending else 1, expected[:50]), (after, descending)
    assert (await counted(9999, 50)) == (1, [])


async def test_statements_grow_with_the_logarithm_of_the_trash(
    database: Database, large: Stored, counted: Callable[..., Any]
) -> None:
    await put(database, large, RecordState.TRASHED, range(7000))
    sent, rows = await counted(None, 50)
    # Five times keys and rows (51, 408, 3,264 and the rest), the count that says it is not nearly all, and the total.
    assert rows[0] == 7778 and sent <= 10
    await put(database, large, RecordState.TRASHED, range(8500))
    sent, rows = await counted(None, 50)
    assert rows[0] == 9445 and sent <= 5
    assert (await counted(rows[-1], 50))[0] == 2
    assert (await counted(9990, 50, descending=True))[1] == [row for row in range(9989, 9900, -1) if row % 10][:50]
    await put(database, large, RecordState.TRASHED, range(9000))
    assert await counted(None, 50) == (4, [])


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("after", [None, 30])
async def test_a_page_is_read_by_keys(sqlite_database: Database, descending: bool, after: int | None) -> None:
    stored = await make_database(sqlite_database, 200, shuffled=True)
    async with sqlite_database.read() as session:
        item = await session.get_one(CustomerDatabase, stored.id)
    place = Place(after, is_row=True) if after is not None else None
    wanted = RecordFilter(descending=descending)
    plans = await plans_of(sqlite_database, lambda session: list_records(session, item, wanted, after=place, limit=10))
    parts, page = plans[:2]
    assert "SEARCH file_orders USING" in parts and "FOR ORDER BY" not in parts, parts
    reads = [line for line in page.splitlines() if "customer_records" in line]
    assert reads and all("customer_records USING INTEGER PRIMARY KEY (rowid=?)" in line for line in reads), page
    assert not any(index in text for text in plans for index in (*BY_STATE, "SCAN customer_records")), plans


@pytest.mark.parametrize(
    ("wanted", "used"),
    [
        (AVAILABLE, "ix_customer_records_available (seq>? AND seq<?)"),
        (RecordFilter(validation="invalid"), "ix_customer_records_judged (database_id=? AND validation_status=?"),
        (RecordFilter(assigned_to="somebody"), "ix_customer_records_holder (assigned_to=?"),
    ],
)
async def test_a_short_list_is_sorted_from_its_index(
    sqlite_database: Database, wanted: RecordFilter, used: str
) -> None:
    stored = await make_database(sqlite_database, 200, shuffled=True)
    async with sqlite_database.read() as session:
        item = await session.get_one(CustomerDatabase, stored.id)
    (page,) = await plans_of(
        sqlite_database,
        lambda session: list_records(session, item, wanted, after=Place(30, is_row=True), limit=10),
    )
    reads = [line for line in page.splitlines() if "customer_records" in line]
    assert len(reads) == 2 and used in reads[0] and "INTEGER PRIMARY KEY (rowid=?)" in reads[1], page


async def test_what_little_is_not_in_the_trash_is_found_by_its_states(sqlite_database: Database) -> None:
    stored = await make_database(sqlite_database, 200, shuffled=True)
    await put(sqlite_database, stored, RecordState.TRASHED, range(190))
    async with sqlite_database.read() as session:
        item = await session.get_one(CustomerDatabase, stored.id)
    plans = await plans_of(
        sqlite_database, lambda session: list_records(session, item, RecordFilter(), after=None, limit=10)
    )
    assert all(index in plans[-1] for index in BY_STATE if index != "ix_customer_records_trashed"), plans[-1]
    assert not any("SCAN customer_records" in text or "ix_customer_records_trashed" in text for text in plans), plans


async def test_cursors(admin: Account, client: httpx.AsyncClient, database: Database) -> None:
    """One names a row of this database, or a key where a list may go on by key."""
    other = await make_database(database, 5, shuffled=True)
    old = await make_database(database, 5)
    stored = await make_database(database, 5, shuffled=True)
    first, key = stored.first_seq, stored.first_seq + 4
    plain: dict[str, str] = {}
    narrow, search = {"status": "available"}, {"q": "customer"}
    asked: list[tuple[Stored, dict[str, str], tuple[int, ...], int]] = [
        (stored, plain, (first, 2), 3),
        (stored, narrow, (first, 2), 3),
        (stored, narrow, (key - 2, 0), 2),
        (stored, search, (key - 2, 0), 2),
        # After the last row there is nothing.
        (stored, plain, (first, 2**31 - 1), 0),
        (stored, plain, (key, 0), -1),
        (stored, plain, (first, 2**31), -1),
        (stored, plain, (first, -1), -1),
        (stored, plain, (other.first_seq, 2), -1),
        (stored, plain, (first,), -1),
        (stored, narrow, (key + 1, 0), -1),
        (stored, narrow, (first - 1, 0), -1),
        (stored, narrow, (first + 1, 2), -1),
        (stored, search, (first, 2), -1),
        (old, plain, (old.first_seq, 2), -1),
        (old, plain, (old.first_seq + 1,), 3),
    ]
    for of, query, keys, found in asked:
        path = f"/api/databases/{of.id}/records"
        answer = await client.get(path, params={**query, "cursor": encode_cursor(keys)})
        if found >= 0:
            assert answer.status_code == 200 and len(answer.json()) == found, (query, keys)
        else:
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["field"], error["code"]) == (422, "cursor", "foreign_cursor"), keys
