"""What is stored of customers and their deposits, once (spec 5.2). Pure: what is stored has to equal what this says.

The unit is a customer of one product. It is looked at twice: over all deposits (scope `COMPANY`), and over those of one
staff (scope: their id). A visit is a day with at least one counting deposit in that scope.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from crm_boost.deposits.classification import Entry
from crm_boost.kit.periods import month_of

COMPANY = ""
"""The scope of everybody's deposits; other scopes are ids of staff."""
NEVER = date(1900, 1, 1)
"""Before every visit: stands where there was none before."""


class Unit(NamedTuple):
    """A customer of one product."""

    customer_key: str
    product_id: str


class Visit(NamedTuple):
    """A counting deposit and whose it is."""

    staff_id: str
    entry: Entry


class Kind(StrEnum):
    """What a stored count counts; `day` and `other` say of which days."""

    GAP = "gap"
    """Customers who came on `other` and before that last on `day`."""
    VISIT = "visit"
    """Customers who came on `day` and before that last in the month `other` begins; NEVER: for the first time."""
    MONTH = "month"
    """VISIT by months: customers who came, once for each visit, in the month `day` begins."""
    COHORT = "cohort"
    """Customers whose first month is `day` and who came in the month `other`."""
    NEW = "new"
    """Customers whose first ordinary deposit ever was on `day` (of a staff: was made with them)."""
    ONCE = "once"
    """Customers whose only deposit with anyone was on `day` (of a staff: was made with them)."""
    AGAIN = "again"
    """Customers with two deposits or more, whose latest with anyone was on `day` (of a staff: was made with them)."""


class Cell(NamedTuple):
    """The key of a stored count."""

    kind: str
    scope: str
    day: date
    other: date
    product_id: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What follows from the counting deposits of one unit in one scope. `deposit_id` is the latest one, made with
    `staff_id`; `ndp_date` is the day of the first ordinary deposit ever, kept where it was made in this scope."""

    staff_id: str
    deposit_id: str
    first_date: date
    last_date: date
    ndp_date: date | None
    deposits: int
    days: tuple[date, ...]
    total: int


def score_of(deposits: int, days: int) -> int:
    """Return the loyalty score: ten for each deposit and five for each day with one, at most a hundred."""
    return min(100, 10 * deposits + 5 * days)


def badge_of(score: int) -> str:
    """Return the badge of a loyalty score."""
    for least, badge in ((80, "VIP"), (50, "Loyal"), (30, "Regular")):
        if score >= least:
            return badge
    return "New"


def facts_of(visits: Iterable[Visit]) -> dict[str, Facts]:
    """Return what follows from all counting deposits of one unit, by scope; nothing where there are none."""
    ordered = sorted(visits, key=lambda visit: (visit.entry.on, visit.entry.id))
    first = next((visit for visit in ordered if not visit.entry.tambahan), None)
    by_scope: dict[str, list[Visit]] = {}
    for visit in ordered:
        by_scope.setdefault(visit.staff_id, []).append(visit)
    facts = {scope: _facts(scope, found, first) for scope, found in by_scope.items()}
    if len(facts) == 1:
        # All of one staff, as it is with most customers: the company has nothing else.
        facts[COMPANY] = next(iter(facts.values()))
    elif facts:
        facts[COMPANY] = _facts(COMPANY, ordered, first)
    return facts


def _facts(scope: str, ordered: Sequence[Visit], first: Visit | None) -> Facts:
    latest = ordered[-1]
    is_theirs = first is not None and scope in (COMPANY, first.staff_id)
    return Facts(
        latest.staff_id,
        latest.entry.id,
        ordered[0].entry.on,
        latest.entry.on,
        first.entry.on if first is not None and is_theirs else None,
        len(ordered),
        tuple(dict.fromkeys(visit.entry.on for visit in ordered)),
        sum(visit.entry.total for visit in ordered),
    )


_NOTHING: frozenset["Part"] = frozenset()

Part = tuple[str, date, date]
"""What one unit is part of in one scope, by the kinds of counts: a visit with the day of the one before, a cohort with a
month, or a day on which something was first or last."""


def _parts_of(found: Facts) -> set[Part]:
    """Return what the visits of one scope make a unit part of."""
    cohort = month_of(found.first_date)
    parts: set[Part] = {(Kind.COHORT, cohort, month) for month in {month_of(day) for day in found.days}}
    parts.update((Kind.VISIT, since, day) for since, day in zip((NEVER, *found.days), found.days, strict=False))
    if found.ndp_date is not None:
        parts.add((Kind.NEW, found.ndp_date, found.ndp_date))
    return parts


def _last_of(whole: Facts) -> set[Part]:
    """Return what the latest deposit with anyone makes a unit part of, for the company and for who made it."""
    return {(Kind.ONCE if whole.deposits == 1 else Kind.AGAIN, whole.last_date, whole.last_date)}


def _by_scope(facts: Mapping[str, Facts]) -> dict[str, set[Part]]:
    parts = {scope: _parts_of(found) for scope, found in facts.items()}
    if whole := facts.get(COMPANY):
        for scope in (COMPANY, whole.staff_id):
            parts[scope] |= _last_of(whole)
    return parts


def _cells_of_part(part: Part, scope: str, product_id: str) -> Iterator[Cell]:
    kind, first, second = part
    if kind != Kind.VISIT:
        yield Cell(kind, scope, first, second, product_id)
        return
    month_before = NEVER if first == NEVER else month_of(first)
    yield Cell(Kind.VISIT, scope, second, month_before, product_id)
    yield Cell(Kind.MONTH, scope, month_of(second), month_before, product_id)
    if first != NEVER:
        yield Cell(Kind.GAP, scope, first, second, product_id)


def cells_of(product_id: str, facts: Mapping[str, Facts]) -> Counter[Cell]:
    """Return how often one unit is part of which counts, by what `facts_of` says of it: once, except of months."""
    return moved([(product_id, {})], [(product_id, facts)])


def moved(
    before: Iterable[tuple[str, Mapping[str, Facts]]], after: Iterable[tuple[str, Mapping[str, Facts]]]
) -> Counter[Cell]:
    """Return what has to be added to the stored counts: units as they are taken for units as they were."""
    changes: Counter[Cell] = Counter()
    for (product_id, old), (_, new) in zip(before, after, strict=True):
        was, now = _by_scope(old), _by_scope(new)
        for scope in was.keys() | now.keys():
            gone, come = was.get(scope, _NOTHING), now.get(scope, _NOTHING)
            for parts, sign in ((gone - come, -1), (come - gone, 1)):
                for part in parts:
                    for cell in _cells_of_part(part, scope, product_id):
                        changes[cell] += sign
    return Counter({cell: change for cell, change in changes.items() if change})
