"""Rows of the file = stored + duplicates + reserved-skipped + rejected + blank: always, everywhere (spec 2.2)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm_boost.databases.customer_key import customer_key
from crm_boost.databases.models import Record
from crm_boost.db.engine import Database
from tests.support.factories import make_database, make_user, reserve_customer
from tests.uploads.desk import Desk, csv_bytes

PARTS = ("stored", "duplicates", "reserved_skipped", "rejected", "blank")
# Few customers, so that all kinds of meetings happen; some exist already, some are reserved, some are both.
IDENTITIES = ["", " ", "new1", "NEW1", "new 1", "new2", "old0", "Old0", "old1", "own", "OWN", "old2", "x" * 250]
CELL = st.sampled_from(["", " ", "=1+1", "08123456789", 'quo"te', "line\nbreak", "a,b", "\\N", "Mei 美"])
ROW = (
    st.tuples(st.sampled_from(IDENTITIES), CELL, CELL).map(list)
    | st.just(["", "", ""])
    | st.just(["w", "", "", "wide"])
)
TABLE = st.lists(ROW, min_size=1, max_size=14).filter(lambda rows: any("".join(row).strip() for row in rows))


@pytest.fixture
async def busy_desk(desk: Desk, database: Database) -> Desk:
    """A product that has customers already, one of them reserved, and a reserved one it has not."""
    stored = await make_database(database, 3, product_id=desk.product_id, prefix="old")
    owner = await make_user(database)
    for key in ("own", "old2"):
        await reserve_customer(database, stored, key, owner.id)
    return desk


@settings(max_examples=14, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=TABLE, duplicates=st.sampled_from(["skip", "import"]), reserved=st.sampled_from(["store", "skip"]))
async def test_conservation(busy_desk: Desk, rows: list[list[str]], duplicates: str, reserved: str) -> None:
    desk = busy_desk
    item = await desk.upload(csv_bytes(rows))
    assert item["state"] == "ready", item["error"]
    item = await desk.choose(item["id"], mapping={"username": 0, "name": 1, "phone": 2})
    report = item["report"]
    assert report["rows_total"] == len(rows)
    done = await desk.commit(item["id"], duplicates=duplicates, reserved=reserved)
    assert done["state"] == "done", done["error"]
    result = done["result"]

    assert result["rows_total"] == sum(result[part] for part in PARTS) == len(rows)
    records = await desk.records(done)
    left_out = await desk.rejected_rows(done["id"])
    assert (len(records), len(left_out)) == (result["stored"], len(rows) - result["stored"])
    # Every row of the file is in exactly one of the two places, as it stood in the file.
    numbers = [record["row_number"] for record in records] + [int(row[-2]) for row in left_out]
    assert sorted(numbers) == list(range(1, len(rows) + 1))
    for record in records:
        cells = rows[record["row_number"] - 1]
        assert list(record["row_data"].values()) == [*cells, "", "", ""][: len(done["columns"])]
        assert customer_key(cells[0]) != ""
    assert sum(record["status"] == "reserved" for record in records) == result["reserved_stored"]
    (shown,) = [row for row in await desk.databases() if row["id"] == done["database_id"]]
    assert shown["total_records"] == shown["available_count"] + shown["excluded_count"] == result["stored"]
    keys = [customer_key(rows[record["row_number"] - 1][0]) for record in records]
    if duplicates == "skip":
        assert len(set(keys)) == len(keys) and not {"old0", "old1", "old2"} & set(keys)
    if reserved == "skip":
        assert not {"own", "old2"} & set(keys)
    await _take_back(desk, done)


async def _take_back(desk: Desk, done: dict[str, Any]) -> None:
    assert (await desk.post(done["id"], "undo")).status_code == 200
    await desk.purged()
    async with desk.database.read() as session:
        assert (await session.scalars(select(Record.id).where(Record.database_id == done["database_id"]))).all() == []
