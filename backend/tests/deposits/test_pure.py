"""The classification, money and notes as tables."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_boost.deposits.classification import (
    Entry,
    Figures,
    Key,
    difference,
    says_tambahan,
    standing_of,
)
from crm_boost.deposits.entry import Books, day_errors, is_tambahan, money_of, tambahan_after_edit
from crm_boost.deposits.money import from_minor, minor_units, multiplied, to_minor
from crm_boost.deposits.rollups import Part, changes_between, parts_of
from crm_boost.deposits.states import DepositStatus
from crm_boost.deposits.transitions import TABLE, DepositCommand

pytestmark = pytest.mark.pure

BOOKS = Books(date(2025, 2, 10), date(2025, 1, 31), 100)


@pytest.mark.parametrize(
    ("note", "expected"),
    [("", False), ("depo tambahan", True), ("TAMBAHAN", True), ("xTamBahanx", True), ("tambah", False)],
)
def test_a_note_says_tambahan(note: str, expected: bool) -> None:
    assert says_tambahan(note) is expected
    assert is_tambahan(note, None) is expected
    assert is_tambahan(note, switched_on=True) is True


@pytest.mark.parametrize(
    ("now", "old", "new", "switch", "expected"),
    [
        (False, "", "tambahan", None, True),
        (True, "tambahan", "", None, False),
        (True, "", "late", None, True),  # switched on by hand: another note leaves it
        (False, "tambahan", "tambahan!", None, False),  # switched off by hand
        (False, "tambahan", "tambahan", True, True),
        (True, "tambahan", "tambahan", False, False),
    ],
)
def test_an_edit_of_the_note(now: bool, old: str, new: str, switch: bool | None, expected: bool) -> None:
    assert tambahan_after_edit(now=now, old_note=old, new_note=new, switch=switch) is expected


@pytest.mark.parametrize(
    ("amount", "scale", "stored"),
    [("100000", 100, 10_000_000), ("29.33", 100, 2933), ("0.001", 100, None), ("5", 1, 5), ("5.5", 1, None)],
)
def test_money_is_whole_minor_units(amount: str, scale: int, stored: int | None) -> None:
    assert to_minor(Decimal(amount), scale) == stored
    if stored is not None:
        assert Decimal(str(from_minor(stored, scale))) == Decimal(amount)


def test_currencies_and_multipliers() -> None:
    assert [minor_units(code) for code in ("IDR", "JPY", "KWD")] == [100, 1, 1000]
    assert multiplied(10_000, 250) == 25_000
    assert multiplied(1, 50) is None
    assert money_of(Decimal("0.01"), Decimal("0.5"), BOOKS) != []
    for nominal, times, field in ((Decimal("0.001"), Decimal(1), "nominal"), (Decimal(1), Decimal("0.001"), "depo")):
        found = money_of(nominal, times, BOOKS)
        assert isinstance(found, list)
        assert found[0].field.startswith(field)


@pytest.mark.parametrize(
    ("day", "is_fine"),
    [
        (date(2025, 2, 10), True),
        (date(2025, 2, 11), False),
        (date(2025, 2, 1), True),
        (date(2025, 1, 31), False),
        (date(1999, 12, 31), False),
    ],
)
def test_the_days_that_can_be_booked(day: date, is_fine: bool) -> None:
    assert (day_errors(day, BOOKS) == []) is is_fine


def test_what_a_command_may_start_from() -> None:
    pending, approved, declined = DepositStatus.PENDING, DepositStatus.APPROVED, DepositStatus.DECLINED
    allowed = {
        command: {(status, trash) for status in DepositStatus for trash in (False, True) if row.allows(status, in_trash=trash)}
        for command, row in TABLE.items()
    }  # fmt: skip
    every = {pending, approved, declined}
    assert allowed == {
        DepositCommand.BOOK: set(),
        DepositCommand.EDIT: {(pending, False), (approved, False)},
        DepositCommand.APPROVE: {(pending, False)},
        DepositCommand.DECLINE: {(pending, False)},
        DepositCommand.DELETE: {(status, False) for status in every},
        DepositCommand.RESTORE: {(status, True) for status in every},
        DepositCommand.PURGE: {(status, True) for status in every},
    }


entries = st.lists(
    st.tuples(st.integers(1, 6), st.booleans(), st.integers(1, 5)).map(
        lambda found: (date(2025, 1, found[0]), found[1], found[2])
    ),
    max_size=12,
)


QUICK = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
"""How long it takes says something about the machine only."""


def _entries(found: list[tuple[date, bool, int]]) -> list[Entry]:
    return [Entry(str(i), on, tambahan, amount, amount) for i, (on, tambahan, amount) in enumerate(found)]


@QUICK
@given(found=entries, data=st.data())
def test_the_order_of_entry_does_not_matter(found: list[tuple[date, bool, int]], data: st.DataObject) -> None:
    made = _entries(found)
    shuffled = data.draw(st.permutations(made))
    assert standing_of(made) == standing_of(shuffled)


@QUICK
@given(found=entries)
def test_what_always_holds_of_one_key(found: list[tuple[date, bool, int]]) -> None:
    made = _entries(found)
    standing = standing_of(made)
    ndp_days = {e.on for e in made if standing.types[e.id] == "NDP"}
    assert len(ndp_days) <= 1
    assert all(standing.types[e.id] == "RDP" for e in made if e.tambahan)
    assert sum(day.ndp + day.rdp for day in standing.days.values()) <= len(made) == standing.forms
    assert sum(day.ndp_total + day.rdp_total for day in standing.days.values()) == sum(e.total for e in made)
    assert sum(day.ndp for day in standing.days.values()) == len(ndp_days)


@QUICK
@given(before=entries, after=entries)
def test_a_difference_leads_from_one_standing_to_the_other(
    before: list[tuple[date, bool, int]], after: list[tuple[date, bool, int]]
) -> None:
    old, new = standing_of(_entries(before)).days, standing_of(_entries(after)).days
    for day, change in difference(old, new).items():
        found = Figures()
        found.add(old.pop(day, Figures()))
        found.add(change)
        if found:
            old[day] = found
    assert old == new


near = st.dates(date(2025, 1, 1), date(2025, 4, 30))


@QUICK
@given(start=st.none() | near, end=st.none() | near, day=near)
def test_the_parts_of_a_range_hold_each_of_its_days_once(start: date | None, end: date | None, day: date) -> None:
    parts = parts_of(start, end)
    for part in parts:
        if part.by_month:
            assert all(edge is None or edge.day == 1 for edge in (part.start, part.end))
        elif part.start is not None and part.end is not None:
            assert (part.end - part.start).days <= 16
    times = sum(
        part.sign
        for part in parts
        if (part.start is None or part.start <= day) and (part.end is None or day < part.end)
    )
    assert times == ((start is None or start <= day) and (end is None or day < end))


def test_parts_at_the_end_of_time() -> None:
    last = date(9999, 12, 20)
    assert parts_of(last, None) == [
        Part(by_month=False, start=date(9999, 12, 1), end=last, sign=-1),
        Part(by_month=True, start=date(9999, 12, 1), end=None),
    ]
    assert parts_of(None, last)[-1] == Part(by_month=True, start=None, end=None)
    assert parts_of(last, date(9999, 12, 31)) == [Part(by_month=False, start=last, end=date(9999, 12, 31))]


days_of_keys = st.dictionaries(st.sampled_from([Key("s", "x", "p"), Key("s", "x", "q"), Key("s", "y", "p")]), entries)


@QUICK
@given(before=days_of_keys, after=days_of_keys)
def test_what_changes_takes_from_one_ledger_to_another(
    before: dict[Key, list[tuple[date, bool, int]]], after: dict[Key, list[tuple[date, bool, int]]]
) -> None:
    old, new = ({key: standing_of(_entries(found)) for key, found in side.items()} for side in (before, after))
    found, built, wanted = changes_between({}, old), changes_between(old, new), changes_between({}, new)
    for name in ("days", "staff_days", "months"):
        rows, more = getattr(found, name), getattr(built, name)
        total = {
            key: [a + b for a, b in zip(rows.get(key, [0] * 12), more.get(key, [0] * 12), strict=False)]
            for key in rows | more
        }
        assert {key: row for key, row in total.items() if any(row)} == getattr(wanted, name)
