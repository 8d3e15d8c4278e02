"""What is stored of customers and their deposits, once (spec 5.2). Pure: what is stored has to equal what this says.

The unit is a customer of one product. It is looked at twice: over all deposits (scope `COMPANY`), and over those of one
staff (scope: their id). A visit is a day with at least one counting deposit in that scope.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Final, NamedTuple

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


class Kind:
    """What a stored count counts; `day` and `other` say of which days. Plain texts: they are compared by the thousand."""

    GAP: Final = "gap"
    """Customers who came on `other` and before that last on `day`."""
    VISIT: Final = "visit"
    """Customers who came on `day` and before that last in the month `other` begins; NEVER: for the first time."""
    MONTH: Final = "month"
    """VISIT by months: customers who came, once for each visit, in the month `day` begins."""
    COHORT: Final = "cohort"
    """Customers whose first month is `day` and who came in the month `other`."""
    NEW: Final = "new"
    """Customers whose first ordinary deposit ever was on `day` (of a staff: was made with them)."""
    ONCE: Final = "once"
    """Customers whose only deposit with anyone was on `day` (of a staff: was made with them)."""
    AGAIN: Final = "again"
    """Customers with two deposits or more, whose latest with anyone was on `day` (of a staff: was made with them)."""


Cell = tuple[str, str, date, date, str]
"""The key of a stored count: kind, scope, `day`, `other`, product."""

Days = tuple[date, ...]
"""Days with a visit, in their order."""

Visit = tuple[date, date]
"""The day of the visit before (NEVER: there is none), and the day."""


class Facts(NamedTuple):
    """What follows from the counting deposits of one unit in one scope. `deposit_id` is the latest one, made with
    `staff_id`; `ndp_date` is the day of the first ordinary deposit ever, kept where it was made in this scope."""

    staff_id: str
    deposit_id: str
    first_date: date
    last_date: date
    ndp_date: date | None
    deposits: int
    days: Days
    total: int


class Change(NamedTuple):
    """What follows from the deposits of a customer of one product, by scope: as it was, and as it is."""

    product_id: str
    was: Mapping[str, Facts]
    now: Mapping[str, Facts]


def score_of(deposits: int, days: int) -> int:
    """Return the loyalty score: ten for each deposit and five for each day with one, at most a hundred."""
    return min(100, 10 * deposits + 5 * days)


def badge_of(score: int) -> str:
    """Return the badge of a loyalty score."""
    for least, badge in ((80, "VIP"), (50, "Loyal"), (30, "Regular")):
        if score >= least:
            return badge
    return "New"


_in_order = itemgetter(Entry._fields.index("on"), Entry._fields.index("id"))


def facts_of(by_staff: Mapping[str, Collection[Entry]]) -> dict[str, Facts]:
    """Return what follows from all counting deposits of one unit, by scope; nothing where there are none."""
    ordered = {staff: sorted(entries, key=_in_order) for staff, entries in by_staff.items() if entries}
    if len(ordered) == 1:
        # All of one staff, as it is with most customers: the company has nothing else.
        ((staff, entries),) = ordered.items()
        first = _first_ordinary(entries)
        found = _facts(staff, entries, first and first.on)
        return {staff: found, COMPANY: found}
    facts: dict[str, Facts] = {}
    if ordered:
        whose = {entry.id: staff for staff, entries in ordered.items() for entry in entries}
        everything = sorted((entry for entries in ordered.values() for entry in entries), key=_in_order)
        first = _first_ordinary(everything)
        for staff, entries in ordered.items():
            theirs = first if first is not None and whose[first.id] == staff else None
            facts[staff] = _facts(staff, entries, theirs and theirs.on)
        facts[COMPANY] = _facts(whose[everything[-1].id], everything, first and first.on)
    return facts


def _first_ordinary(ordered: Iterable[Entry]) -> Entry | None:
    return next((entry for entry in ordered if not entry.tambahan), None)


def _facts(latest_staff: str, ordered: Sequence[Entry], ndp_date: date | None) -> Facts:
    days = tuple(dict.fromkeys([entry.on for entry in ordered]))
    total = sum([entry.total for entry in ordered])
    return Facts(latest_staff, ordered[-1].id, days[0], days[-1], ndp_date, len(ordered), days, total)


def visits_moved(old: Days, new: Days) -> tuple[list[Visit], list[Visit]]:
    """Return visits to take away and visits to add where these days become those. What lies before the first change, and
    after the visit that follows the last one, stays as it was."""
    least, before, after = min(len(old), len(new)), 0, 0
    while before < least and old[before] == new[before]:
        before += 1
    while after < least - before and old[-1 - after] == new[-1 - after]:
        after += 1
    since = old[before - 1] if before else NEVER
    gone, come = (days[before : len(days) - after + 1] for days in (old, new))
    return list(zip((since, *gone), gone, strict=False)), list(zip((since, *come), come, strict=False))


def cells_of(product_id: str, facts: Mapping[str, Facts]) -> Counter[Cell]:
    """Return how often one unit is part of which counts, by what `facts_of` says of it: once, except of months."""
    return moved([Change(product_id, {}, facts)])


def moved(changes: Iterable[Change]) -> Counter[Cell]:
    """Return what has to be added to the stored counts: units as they are taken for units as they were."""
    found: Counter[Cell] = Counter()
    for product_id, was, now in changes:
        known: tuple[Facts | None, Facts | None] | None = None
        steps: list[_Step] = []
        for scope in was.keys() | now.keys():
            asked = was.get(scope), now.get(scope)
            # Most customers deposit with one staff, of whom the same follows as of the company.
            if known is None or asked[0] is not known[0] or asked[1] is not known[1]:
                known, steps = asked, list(_steps(*asked))
            for kind, day, other, sign in steps:
                found[kind, scope, day, other, product_id] += sign
        for last, sign in ((_last_of(was), -1), (_last_of(now), 1)):
            if last is not None:
                kind, staff, day = last
                for scope in (COMPANY, staff):
                    found[kind, scope, day, day, product_id] += sign
    return Counter({cell: change for cell, change in found.items() if change})


_Step = tuple[str, date, date, int]
"""A kind of count, `day`, `other`, and one to add or to take away."""


def _steps(old: Facts | None, new: Facts | None) -> Iterator[_Step]:
    """Yield what moves in the counts of one scope, but for the latest deposit."""
    gone, come = visits_moved(old.days if old else (), new.days if new else ())
    for visits, sign in ((gone, -1), (come, 1)):
        for since, day in visits:
            month_before = NEVER if since == NEVER else month_of(since)
            yield Kind.VISIT, day, month_before, sign
            yield Kind.MONTH, month_of(day), month_before, sign
            if since != NEVER:
                yield Kind.GAP, since, day, sign
    was, now = _cohort_of(old), _cohort_of(new)
    yield from ((Kind.COHORT, *months, -1) for months in was - now)
    yield from ((Kind.COHORT, *months, 1) for months in now - was)
    new_on, was_new_on = new and new.ndp_date, old and old.ndp_date
    if new_on != was_new_on:
        yield from ((Kind.NEW, day, day, sign) for day, sign in ((was_new_on, -1), (new_on, 1)) if day)


def _cohort_of(found: Facts | None) -> set[tuple[date, date]]:
    if found is None:
        return set()
    cohort = month_of(found.first_date)
    return {(cohort, month_of(day)) for day in found.days}


def _last_of(facts: Mapping[str, Facts]) -> tuple[str, str, date] | None:
    """Return what the latest deposit with anyone makes a unit part of, for the company and for who made it: the kind, who,
    and the day."""
    whole = facts.get(COMPANY)
    if whole is None:
        return None
    return Kind.ONCE if whole.deposits == 1 else Kind.AGAIN, whole.staff_id, whole.last_date
