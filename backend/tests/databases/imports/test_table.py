"""Where the table begins and what its columns are called (spec 2.2, sheet and header choice)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_boost.databases.imports.table import find_header, unique_names
from tests.databases.imports.files import stage_file, write_csv, write_shared_xlsx

pytestmark = pytest.mark.pure

BODY = [["u1", "Sari Melati", "08123456789"], ["u2", "Budi", "08123456780"], ["u3", "Wati", "08123456781"]]
HEADER = ["Username", "Name", "Phone"]


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ([], 1),
        ([[""], ["", ""]], 3),
        ([["Customer list"]], 2),
        ([["Report"], ["Month:", "November"], []], 4),
        ([["List", "of", "members"]], 2),
    ],
)
def test_titles_above_the_header_are_passed_over(above: list[list[str]], row: int) -> None:
    found = find_header([*above, HEADER, *BODY], None, tuple, False, 200)
    assert (found.row, found.data_from, found.columns) == (row, row, HEADER)


def test_unknown_words_in_the_header() -> None:
    found = find_header([["Title"], ["Aa", "Bb", "Cc"], *BODY], None, tuple, True, 200)
    assert (found.row, found.columns) == (2, ["Aa", "Bb", "Cc"])


def test_chosen_header_row_and_none_at_all() -> None:
    rows = [["x", "y", "z"], HEADER, *BODY]
    assert find_header(rows, 1, tuple, True, 200).columns == ["x", "y", "z"]
    without = find_header(BODY, 0, tuple, True, 200)
    assert (without.row, without.data_from, without.columns) == (0, 0, ["Column 1", "Column 2", "Column 3"])


def test_single_column() -> None:
    assert find_header([["Members of November"], [""], ["username"], ["u1"]], None, tuple, True, 200).row == 3
    assert find_header([["list"], ["u1"], ["u2"]], None, tuple, True, 200).row == 1


def test_columns_without_a_name() -> None:
    rows = [["Username", "", "Phone", ""], ["u1", "x", "0812", "", ""], ["u2", "", "", "", "far"]]
    assert find_header(rows, None, tuple, True, 200).columns == [
        "Username",
        "Column 2",
        "Phone",
        "Column 4",
        "Column 5",
    ]
    # In a text file a row that is too wide is a broken row, not a new column.
    wide = [HEADER, *BODY * 5, ["u9", "A, B", "0812", "extra"]]
    assert find_header(wide, None, tuple, False, 200).columns == HEADER


@pytest.mark.parametrize(
    ("given_names", "expected"),
    [
        (["Phone", "Phone", "phone"], ["Phone", "Phone (2)", "phone (3)"]),
        (["", "A", ""], ["Column 1", "A", "Column 3"]),
        (["Column 2", ""], ["Column 2", "Column 2 (2)"]),
        (["A", "A", "A (2)"], ["A", "A (3)", "A (2)"]),
    ],
)
def test_unique_names(given_names: list[str], expected: list[str]) -> None:
    assert unique_names(given_names) == expected


@given(st.lists(st.sampled_from(["", "A", "a", "A (2)", "Column 1", "Column 2", "B"]), max_size=12))
def test_names_never_repeat(given_names: list[str]) -> None:
    names = unique_names(given_names)
    assert len({name.casefold() for name in names}) == len(given_names)
    assert all(names)


def test_header_row_through_a_file(tmp_path: Path) -> None:
    rows = [["Customer list", "", ""], ["", "", ""], HEADER, *BODY]
    for write, name in ((write_csv, "a.csv"), (write_shared_xlsx, "a.xlsx")):
        staged = stage_file(write(tmp_path / name, rows))
        assert staged.result.header_row == 3
        assert [row["row_number"] for row in staged.rows] == [1, 2, 3]
        again = stage_file(tmp_path / name, header_row=4)
        assert again.result.columns == BODY[0]
        assert len(again.rows) == 2
