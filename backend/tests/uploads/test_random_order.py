"""An import stores the records of a file in random order (ADR 64): each once, with its own data, and to be found by its row."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import RFC_4122, UUID

import pytest
from sqlalchemy import func, select

from crm_boost.databases.file_order import ROWS_PER_PART, pack, unpack
from crm_boost.databases.models import CustomerDatabase, FileOrder, Record, RecordKey
from crm_boost.databases.states import DatabaseState
from crm_boost.uploads import repository, staged_rows, work
from tests.databases.imports.files import request_for, stage_file, write_csv
from tests.uploads.conftest import PauseAt
from tests.uploads.desk import Desk, csv_bytes, people

ROWS = ROWS_PER_PART + 300
# Rows of the file, from 1, that are not stored: blank, without an identity, and duplicates of row 1.
BLANK, REJECTED, TWICE = (2, ROWS_PER_PART), (3, 700), (90, ROWS_PER_PART + 1, ROWS)
NOT_STORED = {*BLANK, *REJECTED, *TWICE}


def table() -> list[list[str]]:
    """Rows of which some are not stored, on both sides of the border of a part."""
    rows = people(ROWS)
    for number in NOT_STORED:
        name = "" if number in BLANK else "somebody"
        rows[number - 1] = [rows[0][0] if number in TWICE else "", name, ""]
    return rows


async def order_of(desk: Desk, database_id: str) -> list[int]:
    """Place of each row of a file, as it is stored."""
    parts = (
        select(FileOrder.part, FileOrder.places).where(FileOrder.database_id == database_id).order_by(FileOrder.part)
    )
    async with desk.database.read() as session:
        rows = (await session.execute(parts)).all()
    assert [part for part, _ in rows] == list(range(len(rows)))
    return [place for _, part in rows for place in unpack(part)]


async def orders(desk: Desk) -> int:
    """How many parts of orders are stored."""
    async with desk.database.read() as session:
        return (await session.scalar(select(func.count()).select_from(FileOrder))) or 0


async def stored(desk: Desk, database_id: str) -> tuple[CustomerDatabase, Sequence[Any]]:
    """A database, and its records in the order in which they are stored."""
    async with desk.database.read() as session:
        database = await session.get_one(CustomerDatabase, database_id)
        columns = (Record.seq, Record.id, Record.row_number, Record.customer_key, Record.display_name, Record.phone)
        of_it = select(*columns).where(Record.database_id == database_id).order_by(Record.seq)
        return database, (await session.execute(of_it)).all()


async def test_every_row_is_stored_once_at_its_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.app.state.settings.imports.chunk_rows = 900
    monkeypatch.setattr(work, "_PARTS_AT_ONCE", 1)
    await desk.imported(csv_bytes(people(3, "budi")))  # so that the first key is not 1
    rows = table()
    item = await desk.upload(csv_bytes(rows))
    await desk.choose(item["id"], mapping={"username": 0, "name": 1, "phone": 2})
    done = await desk.commit(item["id"])
    assert done["result"]["stored"] == ROWS - len(NOT_STORED)

    database, records = await stored(desk, done["database_id"])
    assert database.is_shuffled
    # No key is left over, neither between the records nor behind them.
    assert [record.seq for record in records] == list(range(database.first_seq, database.last_seq + 1))
    ids = [record.id for record in records]
    assert ids == sorted(ids) and len(set(ids)) == len(ids)
    numbers = [record.row_number for record in records]
    assert sorted(numbers) == [number for number in range(1, ROWS + 1) if number not in NOT_STORED]
    for record in records:
        assert [record.customer_key, record.display_name, record.phone] == rows[record.row_number - 1]

    places = await order_of(desk, done["database_id"])
    assert len(places) == ROWS
    assert [number for number, place in enumerate(places, 1) if place == 0] == sorted(NOT_STORED)
    assert [places[number - 1] for number in numbers] == list(range(1, len(records) + 1))

    async with desk.database.read() as session:
        mine = RecordKey.record_seq >= database.first_seq
        keys = (await session.execute(select(RecordKey.customer_key, RecordKey.record_seq).where(mine))).all()
    assert sorted(map(tuple, keys)) == sorted((record.customer_key, record.seq) for record in records)


async def test_ids_ascend_though_rows_do_not(desk: Desk) -> None:
    """The index of the ids grows at its end, whatever the order of the rows; and that is not the one of the file."""
    done = await desk.imported(csv_bytes(people(400)))
    _, records = await stored(desk, done["database_id"])
    ids = [record.id for record in records]
    assert ids == sorted(ids) and len(set(ids)) == 400
    assert {(UUID(id_).version, UUID(id_).variant, UUID(id_).hex == id_) for id_ in ids} == {(7, RFC_4122, True)}
    numbers = [record.row_number for record in records]
    rising = sum(one < next_ for one, next_ in pairwise(numbers))
    # 199.5 are to be expected; the deviation is 5.8: this happens to fail less than once in 10^9 times.
    assert 160 < rising < 240


def test_every_order_is_equally_likely(tmp_path: Path) -> None:
    """Four rows of five are stored: 24 orders, each as often as the others."""
    path = write_csv(tmp_path / "c.csv", [["Username", "Name"], *people_of("abc"), ["", "x"], *people_of("d")])
    stage_file(path)
    staging = Path(request_for(path).staging_path)
    staged_rows.sort_keys(staging)
    seen: Counter[tuple[int, ...]] = Counter()
    for _ in range(24 * 50):
        seen[tuple(staged_rows.decide(staging, skip_duplicates=True, skip_reserved=False).row_numbers)] += 1
    assert all(sorted(order) == [1, 2, 3, 5] for order in seen)
    deviation = sum((seen[order] - 50) ** 2 / 50 for order in seen) + (24 - len(seen)) * 50
    # Chi-squared with 23 degrees of freedom: above 80 once in 10^7 times.
    assert deviation < 80


def people_of(names: str) -> list[list[str]]:
    """A row for each letter."""
    return [[name, name.upper()] for name in names]


def test_the_order_of_a_file_in_which_nothing_is_left_out(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "c.csv", [["Username", "Name"], *([f"u{at}", "N"] for at in range(ROWS_PER_PART + 1))])
    stage_file(path)
    staging = Path(request_for(path).staging_path)
    staged_rows.sort_keys(staging)
    decided = staged_rows.decide(staging, skip_duplicates=True, skip_reserved=False)
    parts = [list(unpack(part)) for part in pack(decided.places)]
    assert [len(part) for part in parts] == [ROWS_PER_PART, 1]
    assert sorted(parts[0] + parts[1]) == list(range(1, ROWS_PER_PART + 2))


# --- nothing is left behind --------------------------------------------------------------------------------------------


async def test_a_cancelled_import_leaves_no_order(desk: Desk, pause_at: PauseAt) -> None:
    item = await desk.upload(csv_bytes(people(30)))
    pause = pause_at("_store_order", after=True)
    await desk.post_commit(item["id"])
    await pause.reached.wait()
    assert await orders(desk) == 1
    assert (await desk.post(item["id"], "cancel")).json()["state"] == "cancelled"
    await desk.purged()
    assert (await desk.counts(), await orders(desk)) == ((0, 0, 0), 0)


async def test_an_undone_import_leaves_no_order(desk: Desk) -> None:
    kept = await desk.imported(csv_bytes(people(5, "budi")))
    done = await desk.imported(csv_bytes(people(30)))
    assert (await desk.post(done["id"], "undo")).json()["state"] == "undone"
    await desk.purged()
    assert (await desk.counts(), await orders(desk)) == ((1, 5, 5), 1)
    assert sorted(await order_of(desk, kept["database_id"])) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("interrupted", [False, True])
async def test_a_purged_database_leaves_no_order(desk: Desk, interrupted: bool) -> None:
    """Its own row stays. `interrupted`: the server stopped when the last record was gone."""
    done = await desk.imported(csv_bytes(people(30)))
    path = f"/api/pools/{desk.module}/databases/{done['database_id']}"
    assert (await desk.client.delete(path)).status_code == 200
    async with desk.database.write() as session:
        await repository.set_database_state(session, done["database_id"], DatabaseState.DISCARDED)
        if interrupted:
            assert await repository.remove_some_records(session, done["database_id"], 30)
    await desk.purged()
    assert (await desk.counts(), await orders(desk)) == ((1, 0, 0), 0)
    async with desk.database.read() as session:
        assert await repository.discarded_databases(session) == []


async def test_an_import_of_nothing_has_an_order(desk: Desk) -> None:
    """Every row was there already."""
    await desk.imported(csv_bytes(people(3)))
    done = await desk.imported(csv_bytes(people(3)))
    assert done["result"]["stored"] == 0
    database, records = await stored(desk, done["database_id"])
    assert (database.last_seq, list(records)) == (database.first_seq - 1, [])
    assert await order_of(desk, done["database_id"]) == [0, 0, 0]
