"""What follows from the deposits of one customer, levels of risk, scores: tables."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from crm_boost.deposits.classification import Entry
from crm_boost.kit.rounding import one_decimal, share
from crm_boost.retention.facts import (
    COMPANY,
    NEVER,
    Change,
    Facts,
    Kind,
    badge_of,
    cells_of,
    facts_of,
    moved,
    score_of,
    visits_moved,
)
from crm_boost.retention.risk import Risk, level_of, tally

pytestmark = pytest.mark.pure

JAN_1, JAN_5, JAN_9, FEB_2 = date(2025, 1, 1), date(2025, 1, 5), date(2025, 1, 9), date(2025, 2, 2)


Booked = tuple[str, Entry]


def visit(staff: str, on: date, number: int, *, tambahan: bool = False, total: int = 100) -> Booked:
    return staff, Entry(f"d{number}", on, tambahan, total, total)


def facts_from(visits: Iterable[Booked]) -> dict[str, Facts]:
    by_staff: dict[str, list[Entry]] = {}
    for staff, entry in visits:
        by_staff.setdefault(staff, []).append(entry)
    return facts_of(by_staff)


def test_facts_of_a_customer_with_two_staff() -> None:
    visits = [visit("a", FEB_2, 3), visit("b", JAN_1, 1, tambahan=True), visit("b", JAN_5, 2), visit("a", FEB_2, 4)]
    found = facts_from(visits)
    whole, a, b = found[COMPANY], found["a"], found["b"]
    assert (whole.staff_id, whole.deposit_id, whole.deposits, whole.total) == ("a", "d4", 4, 400)
    assert whole.days == (JAN_1, JAN_5, FEB_2)
    # Supplementary deposits make nobody new; new is a customer with the staff who won them.
    assert (whole.ndp_date, a.ndp_date, b.ndp_date) == (JAN_5, None, JAN_5)
    assert (a.first_date, b.first_date, b.last_date) == (FEB_2, JAN_1, JAN_5)
    assert facts_from([]) == {}


def test_the_order_of_entry_does_not_matter() -> None:
    visits = [visit("a", JAN_1, 1), visit("b", JAN_1, 2), visit("a", FEB_2, 3), visit("b", JAN_5, 4)]
    assert facts_from(visits) == facts_from(reversed(visits))


def test_cells_of_a_customer() -> None:
    cells = cells_of("p", facts_from([visit("a", JAN_1, 1), visit("a", FEB_2, 2)]))
    month = date(2025, 1, 1)
    of_company = {cell for cell in cells if cell[1] == COMPANY}
    assert set(cells.values()) == {1}
    assert of_company == {
        (Kind.VISIT, COMPANY, JAN_1, NEVER, "p"),
        (Kind.VISIT, COMPANY, FEB_2, month, "p"),
        (Kind.MONTH, COMPANY, month, NEVER, "p"),
        (Kind.MONTH, COMPANY, date(2025, 2, 1), month, "p"),
        (Kind.GAP, COMPANY, JAN_1, FEB_2, "p"),
        (Kind.COHORT, COMPANY, month, month, "p"),
        (Kind.COHORT, COMPANY, month, date(2025, 2, 1), "p"),
        (Kind.NEW, COMPANY, JAN_1, JAN_1, "p"),
        (Kind.AGAIN, COMPANY, FEB_2, FEB_2, "p"),
    }
    assert {(cell[0], COMPANY, *cell[2:]) for cell in cells if cell[1] == "a"} == of_company


def test_visits_of_a_month_are_counted_each() -> None:
    days = [JAN_1, JAN_5, JAN_9, FEB_2]
    cells = cells_of("p", facts_from([visit("a", day, number) for number, day in enumerate(days)]))
    january = date(2025, 1, 1)
    of_months = {cell: count for cell, count in cells.items() if cell[:2] == (Kind.MONTH, "a")}
    assert of_months == {
        (Kind.MONTH, "a", january, NEVER, "p"): 1,
        (Kind.MONTH, "a", january, january, "p"): 2,
        (Kind.MONTH, "a", date(2025, 2, 1), january, "p"): 1,
    }


def test_what_moves_is_the_difference() -> None:
    before, after = facts_from([visit("a", JAN_1, 1)]), facts_from([visit("a", JAN_1, 1), visit("a", JAN_5, 2)])
    changes = moved([Change("p", before, after)])
    assert changes[Kind.ONCE, "a", JAN_1, JAN_1, "p"] == -1
    assert changes[Kind.AGAIN, "a", JAN_5, JAN_5, "p"] == 1
    assert (Kind.VISIT, "a", JAN_1, NEVER, "p") not in changes
    assert not any(moved([Change("p", after, after)]).values())


def test_visits_that_move_lead_from_the_old_days_to_the_new_ones() -> None:
    rng = random.Random(11)
    for _ in range(300):
        old, new = (tuple(sorted(rng.sample(range(1, 13), rng.randrange(9)))) for _ in range(2))
        before, after = (tuple(date(2025, 1, day) for day in days) for days in (old, new))
        gone, come = visits_moved(before, after)
        visits = Counter(zip((NEVER, *before), before, strict=False))
        visits.update(come)
        visits.subtract(gone)
        assert +visits == Counter(zip((NEVER, *after), after, strict=False))


def test_a_day_in_between_moves_only_what_is_beside_it() -> None:
    gone, come = visits_moved((JAN_1, JAN_9, FEB_2), (JAN_1, JAN_5, JAN_9, FEB_2))
    assert (gone, come) == ([(JAN_1, JAN_9)], [(JAN_1, JAN_5), (JAN_5, JAN_9)])
    assert visits_moved((JAN_1, FEB_2), (JAN_1, FEB_2)) == ([], [])


@pytest.mark.parametrize(
    ("days", "deposits", "level"),
    [
        (0, 5, None), (2, 5, None), (3, 2, Risk.MEDIUM), (3, 1, None), (6, 2, Risk.MEDIUM), (6, 1, None),
        (7, 1, Risk.HIGH), (13, 1, Risk.HIGH), (14, 1, Risk.CRITICAL), (30, 1, Risk.CRITICAL), (31, 9, None),
    ],
)  # fmt: skip
def test_levels(days: int, deposits: int, level: Risk | None) -> None:
    assert level_of(days, deposits) is level


def test_a_tally_leaves_out_who_came_once_and_lately() -> None:
    today = date(2025, 6, 15)
    days = [(today - timedelta(days=n), 10, 4) for n in (2, 3, 7, 30, 31)]
    assert tally(today, days) == {Risk.CRITICAL: 10, Risk.HIGH: 10, Risk.MEDIUM: 4}


@pytest.mark.parametrize(
    ("deposits", "days", "score", "badge"),
    [
        (1, 1, 15, "New"),
        (2, 2, 30, "Regular"),
        (4, 2, 50, "Loyal"),
        (5, 5, 75, "Loyal"),
        (6, 4, 80, "VIP"),
        (9, 9, 100, "VIP"),
    ],
)
def test_loyalty(deposits: int, days: int, score: int, badge: str) -> None:
    assert (score_of(deposits, days), badge_of(score_of(deposits, days))) == (score, badge)


def test_rates_have_one_decimal_or_are_undefined() -> None:
    assert (share(1, 3), share(2, 3), share(0, 4), share(0, 0)) == (33.3, 66.7, 0.0, None)
    assert (one_decimal(1, 20), one_decimal(5, 0)) == (0.1, None)
