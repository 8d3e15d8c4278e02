"""How the order of a file is packed (ADR 64)."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm_boost.databases.file_order import ROWS_PER_PART, pack, unpack
from crm_boost.databases.models import CustomerDatabase, FileOrder
from crm_boost.db.engine import Database
from tests.support.factories import make_database, records_of


@given(st.lists(st.integers(0, 2**32 - 1), max_size=50))
def test_what_is_packed_comes_back(places: list[int]) -> None:
    assert [place for part in pack(places) for place in unpack(part)] == places


def test_a_part_is_full_before_the_next_begins() -> None:
    parts = [list(unpack(part)) for part in pack(range(2 * ROWS_PER_PART + 1))]

    assert [len(part) for part in parts] == [ROWS_PER_PART, ROWS_PER_PART, 1]
    assert parts[2] == [2 * ROWS_PER_PART]


def test_the_lowest_byte_comes_first_on_every_machine() -> None:
    assert b"".join(pack([1, 258])) == bytes((1, 0, 0, 0, 2, 1, 0, 0))


async def test_a_made_up_database_is_stored_as_an_import_stores_it(database: Database) -> None:
    stored = await make_database(database, 40, shuffled=True, not_stored=(1, 5, 42, 44))

    records = list((await records_of(database, stored)).values())
    async with database.read() as session:
        parts = await session.scalars(select(FileOrder.places).where(FileOrder.database_id == stored.id))
        places = [place for part in parts for place in unpack(part)]
        made = await session.get_one(CustomerDatabase, stored.id)
    assert [row for row in range(1, 45) if row not in (1, 5, 42, 44)] == [record.row_number for record in records]
    assert sorted(place for place in places if place) == list(range(1, 41))
    assert [record.seq for record in records] == [stored.first_seq - 1 + place for place in places if place]
    assert [stored.seq_of(record.id) for record in records] == [record.seq for record in records]
    assert (made.first_seq, made.last_seq) == (stored.first_seq, stored.first_seq + 39)
