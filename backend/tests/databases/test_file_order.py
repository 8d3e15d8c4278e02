"""How the order of a file is packed (ADR 64)."""

from hypothesis import given
from hypothesis import strategies as st

from crm_boost.databases.file_order import ROWS_PER_PART, pack, unpack


@given(st.lists(st.integers(0, 2**32 - 1), max_size=50))
def test_what_is_packed_comes_back(places: list[int]) -> None:
    assert [place for part in pack(places) for place in unpack(part)] == places


def test_a_part_is_full_before_the_next_begins() -> None:
    parts = [list(unpack(part)) for part in pack(range(2 * ROWS_PER_PART + 1))]

    assert [len(part) for part in parts] == [ROWS_PER_PART, ROWS_PER_PART, 1]
    assert parts[2] == [2 * ROWS_PER_PART]


def test_the_lowest_byte_comes_first_on_every_machine() -> None:
    assert b"".join(pack([1, 258])) == bytes((1, 0, 0, 0, 2, 1, 0, 0))
