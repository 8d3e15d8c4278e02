"""What a file of deposits says: cells, columns, rows. No database."""

from datetime import date
from decimal import Decimal

import pytest

from crm_boost.deposits.entry import Books
from crm_boost.deposits.importing_cells import DateOrder, order_of_dates, parse_amount, parse_day, parse_times
from crm_boost.deposits.importing_columns import DepositColumns, detect_columns, proposed
from crm_boost.deposits.importing_rows import FAULTS, SENTENCES, names_of, read_row

pytestmark = pytest.mark.pure

D, M = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST
FEB_5 = date(2025, 2, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-05", " 2025-2-5 ", "2025/02/05", "2025.02.05", "2025-02-05 00:00:00", "2025-02-05T14:30",
        "2025-02-05T14:30:15.5Z", "2025-02-05 14:30:00+07:00", "05/02/2025", "5/2/2025", "05-02-2025", "5.2.2025",
        "05/02/25", "05/02/2025 14:30", "05/02/2025, 2:30 PM", "5 Feb 2025", "5-Feb-25", "05 February 2025",
        "5 Februari 2025", "5 Peb 2025", "05 FEBRUARI 2025 10.15", "45693", "45693.75",
    ],
)  # fmt: skip
def test_days_in_the_usual_forms(text: str) -> None:
    assert parse_day(text, D) == FEB_5


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("02/05/2025", FEB_5), ("2/5/25", FEB_5), ("2025-02-05", FEB_5), ("12/31/2024", date(2024, 12, 31)),
        ("31/12/2024", None),
    ],
)  # fmt: skip
def test_days_with_the_month_first(text: str, day: date | None) -> None:
    assert parse_day(text, M) == day


@pytest.mark.parametrize(
    ("text", "month"),
    [("1 Jan 2025", 1), ("1 Mei 2025", 5), ("1 Agustus 2025", 8), ("1 Ags 2025", 8), ("1 Okt 2025", 10),
     ("1 Nopember 2025", 11), ("1 Des 2025", 12), ("1 Juli 2025", 7), ("1 Juni 2025", 6)],
)  # fmt: skip
def test_names_of_months(text: str, month: int) -> None:
    assert parse_day(text, D) == date(2025, month, 1)


@pytest.mark.parametrize(
    "text",
    ["", "banana", "30/02/2025", "2025-02-30", "2025-13-01", "31/04/2025", "5", "20250205", "99999", "1/2", "1/2-2025",
     "5 Foo 2025", "٢٠٢٥-٠٢-٠٥", "2025-02-05 banana", "=TODAY()", "0000-01-01", "00/00/2025", "1e9"],
)  # fmt: skip
def test_what_is_no_day(text: str) -> None:
    assert parse_day(text, D) is None


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["01/02/2025", "13/02/2025"], D), (["01/02/2025", "02/13/2025"], M), (["01/02/2025"], None),
        (["13/02/2025", "02/13/2025"], None), (["2025-02-13", "banana", ""], None), ([], None),
    ],
)  # fmt: skip
def test_a_column_shows_its_order(cells: list[str], order: DateOrder | None) -> None:
    assert order_of_dates(cells) is order


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("100000", "100000"), ("1.500.000", "1500000"), ("1,500,000", "1500000"), ("Rp 250.000", "250000"),
        ("Rp.250.000,-", "250000"), ("IDR 1,500,000.50", "1500000.50"), ("1.500.000,50", "1500000.50"), ("0,5", "0.5"),
        ("1500.5", "1500.5"), ("250.000", "250000"), ("1 500 000", "1500000"), ("1'500'000", "1500000"), ("0", "0"),
        ("007", "7"),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, amount: str) -> None:
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    ["", "NaN", "1e309", "-5", "1.50.000", "1,2,3", "1.500,000.00", "abc", "=1+1", "12.3456.789", "١٠٠", "Infinity",
     "1" * 41, "250rb", "(100)"],
)  # fmt: skip
def test_what_is_no_amount(text: str) -> None:
    assert parse_amount(text) is None


@pytest.mark.parametrize(
    ("text", "times"), [("", "1"), ("2", "2"), ("1,5", "1.5"), ("x3", "3"), ("× 2.25", "2.25"), ("1.555", None),
                        ("-1", None), ("1.000,5", None), ("two", None)],
)  # fmt: skip
def test_multipliers(text: str, times: str | None) -> None:
    assert parse_times(text) == (None if times is None else Decimal(times))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["Date", "Customer ID", "Customer Name", "Product", "Amount", "Multiplier", "Note", "Staff"], list(range(8))),
        (["Tanggal", "ID User", "Nama", "Produk", "Nominal", "Kelipatan", "Keterangan", "CRM"], list(range(8))),
        (["staff_name", "record_date", "customer_id", "nominal", "product_name", "depo_kelipatan", "keterangan"],
         [1, 2, None, 4, 3, 5, 6, 0]),
        (["No", "Tgl Depo", "Username", "Jumlah Depo"], [1, 2, None, None, 3, None, None, None]),
    ],
)  # fmt: skip
def test_columns_are_recognised(columns: list[str], expected: list[int | None]) -> None:
    values = {"date": "2025-02-05", "amount": "1.000"}
    found = detect_columns(columns, [])
    rows = [[next((values[role] for role in values if found[role].column == at), "x1") for at in range(len(columns))]]
    mapping = proposed(detect_columns(columns, rows), rows)
    roles = ("date", "customer", "name", "product", "amount", "multiplier", "note", "staff")
    assert [getattr(mapping, role) for role in roles] == expected


def test_columns_that_only_look_like_it_are_suggested_not_taken() -> None:
    rows = [["05/02/2025", "ana", "1.000"]] * 3
    guesses = detect_columns(["A", "B", "C"], rows)
    assert (guesses["date"].column, guesses["amount"].column) == (0, 2)
    assert proposed(guesses, rows) == DepositColumns()
    assert DepositColumns.of(DepositColumns(date=1, date_order=M).stored()) == DepositColumns(date=1, date_order=M)


NAMES = names_of(
    [("p1", "Alpha", True), ("p2", "Gone", False)],
    [("u1", "ana@x.test", "Ana", True), ("u2", "b@x.test", "Budi", True), ("u3", "c@x.test", "budi ", True),
     ("u4", "off@x.test", "Off", False), ("u5", "d@x.test", "p1", True)],
)  # fmt: skip
BOOKS = Books(date(2025, 3, 1), date(2025, 1, 31), 100)
ALL = DepositColumns(0, 1, 2, 3, 4, 5, 6, 7)
GOOD = ["2025-02-05", "C 1", "Name", "alpha", "1.000", "2", "note", "ANA"]


def faults(**cells: str) -> tuple[str, ...]:
    row = list(GOOD)
    for role, text in cells.items():
        row[getattr(ALL, role)] = text
    return read_row(1, row, 8, ALL, NAMES, BOOKS).faults


def test_a_good_row() -> None:
    row = read_row(7, GOOD, 8, ALL, NAMES, BOOKS)
    assert row.booking is not None and row.number == 7
    assert row.booking.key == ("u1", "c1", "p1")
    assert (row.booking.customer_id, row.booking.customer_name, row.booking.on) == ("C 1", "Name", FEB_5)
    assert (row.booking.money.nominal, row.booking.money.multiplier, row.booking.money.total) == (100_000, 200, 200_000)
    assert (row.booking.note, row.booking.tambahan) == ("note", False)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"date": ""}, "no_day"), ({"date": "banana"}, "bad_day"), ({"date": "30/02/2025"}, "bad_day"),
        ({"date": "2025-03-02"}, "future_day"), ({"date": "1999-12-31"}, "early_day"),
        ({"date": "2025-01-31"}, "closed_day"), ({"customer": ""}, "no_customer"), ({"customer": "("}, "bad_customer"),
        ({"customer": "=cmd"}, "bad_customer"), ({"customer": "c" * 301}, "bad_customer"),
        ({"customer": "a\x07"}, "bad_customer"), ({"name": "n" * 301}, "bad_name"), ({"product": ""}, "no_product"),
        ({"product": "Beta"}, "unknown_product"), ({"product": "gone"}, "retired_product"), ({"amount": ""}, "no_amount"),
        ({"amount": "NaN"}, "bad_amount"), ({"amount": "-5"}, "bad_amount"), ({"amount": "0"}, "amount_out_of_range"),
        ({"amount": "1000000000001"}, "amount_out_of_range"), ({"amount": "0,0001"}, "amount_too_fine"),
        ({"multiplier": "two"}, "bad_multiplier"), ({"multiplier": "0"}, "bad_multiplier"),
        ({"multiplier": "1001"}, "bad_multiplier"), ({"amount": "0.01", "multiplier": "1.5"}, "multiplier_too_fine"),
        ({"note": "n" * 2001}, "bad_note"), ({"staff": ""}, "no_staff"), ({"staff": "Nobody"}, "unknown_staff"),
        ({"staff": "Budi"}, "several_staff"), ({"staff": "off"}, "inactive_staff"),
    ],
)  # fmt: skip
def test_each_fault_names_its_column(cells: dict[str, str], fault: str) -> None:
    assert faults(**cells) == (fault,)
    assert FAULTS[fault].field in cells and SENTENCES[fault] == FAULTS[fault].sentence


def test_every_fault_of_a_row_is_told() -> None:
    assert faults(date="x", customer="", product="?", amount="x", multiplier="two", staff="?") == (
        "bad_day", "no_customer", "bad_amount", "bad_multiplier", "unknown_product", "unknown_staff",
    )  # fmt: skip


@pytest.mark.parametrize("staff", ["u2", "B@X.TEST", " b@x.test "])
def test_people_of_one_name_are_told_apart_by_email_or_id(staff: str) -> None:
    row = read_row(1, [*GOOD[:7], staff], 8, ALL, NAMES, BOOKS)
    assert row.booking is not None and row.booking.key.staff_id == "u2"


def test_blank_and_too_wide_rows() -> None:
    assert read_row(1, ["", " ", "\u00a0"], 8, ALL, NAMES, BOOKS).is_blank
    assert read_row(1, [*GOOD, "more"], 8, ALL, NAMES, BOOKS).faults == ("row_too_wide",)
    assert not read_row(1, GOOD[:3], 8, ALL, NAMES, BOOKS).is_blank


def test_what_a_row_does_not_name_is_that_of_the_file() -> None:
    columns = DepositColumns(date=0, customer=1, amount=4, staff=7, product_id="p1", staff_id="u2")
    row = read_row(1, [*GOOD[:7], ""], 8, columns, NAMES, BOOKS)
    assert row.booking is not None and row.booking.key == ("u2", "c1", "p1")
    named = read_row(1, GOOD, 8, columns, NAMES, BOOKS)
    assert named.booking is not None and named.booking.key.staff_id == "u1"
