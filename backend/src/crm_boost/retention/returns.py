"""How many customers came on a day, by how long before they had come last (spec 5.3). Pure: what is stored has to equal this.

Different customers of some days are the visits before which the customer had not come on one of these days. Of 31 days at
most, a day, week or month, whole or cut, that is a sum over days: of day `n` (from 0) those who had come more than `n` days
before, or never. A visit is a day with a counting deposit: of anybody or of one staff, of any product or of one.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from crm_boost.retention.facts import Change, Days, Facts, Visit, visits_moved

_LONGEST = 30
"""A customer who came so many days before, or fewer, may have come in the same month."""

RETURNS = (*(f"after_{days}" for days in range(1, _LONGEST + 1)), "after_more")
"""The columns: customers who had come last so many days before; longer ago, or never."""

ANY_PRODUCT = ""


ReturnsDay = tuple[str, str, date]
"""The key of a row: a staff or `facts.COMPANY`, a product or `ANY_PRODUCT`, and a day. Rows are locked in this order."""

Returns = dict[ReturnsDay, list[int]]
"""What has to be added, in the order of `RETURNS`."""


def different(counts: Sequence[int], day: int) -> int:
    """Return how many customers of a row had not come on one of the `day` days before it."""
    return sum(counts[day:])


def returns_moved(customers: Iterable[Sequence[Change]]) -> Returns:
    """Return what leads from what was to what is. Of each customer all products are needed, also those that stay."""
    found: Returns = {}
    for changes in customers:
        single = len(changes) == 1
        for change in changes:
            moves, products = _Moves(), (change.product_id, ANY_PRODUCT) if single else (change.product_id,)
            for scope in change.was.keys() | change.now.keys():
                old, new = _days(change.was.get(scope)), _days(change.now.get(scope))
                _add(found, scope, products, moves.of(old, new))
        if not single:
            moves = _Moves()
            for scope in {scope for change in changes for side in (change.was, change.now) for scope in side}:
                old = _merged(change.was.get(scope) for change in changes)
                new = _merged(change.now.get(scope) for change in changes)
                _add(found, scope, (ANY_PRODUCT,), moves.of(old, new))
    return {key: counts for key, counts in found.items() if any(counts)}


def _days(facts: Facts | None) -> Days:
    return facts.days if facts else ()


def _merged(facts: Iterable[Facts | None]) -> Days:
    return tuple(sorted({day for one in facts for day in _days(one)}))


class _Moves:
    """Remembers what it was asked last: most customers deposit with one staff, whose days are those of the company."""

    def __init__(self) -> None:
        self._asked: tuple[Days, Days] = ((), ())
        self._found: list[tuple[date, int, int]] = []

    def of(self, old: Days, new: Days) -> list[tuple[date, int, int]]:
        """Return what leads from some days to others: a day, a place in `RETURNS`, and one to add or to take away."""
        if self._asked != (old, new):
            self._asked, self._found = (old, new), _moves(old, new)
        return self._found


def _moves(old: Days, new: Days) -> list[tuple[date, int, int]]:
    gone, come = visits_moved(old, new)
    return [*((visit[1], _place(visit), -1) for visit in gone), *((visit[1], _place(visit), 1) for visit in come)]


def _place(visit: Visit) -> int:
    since, day = visit
    return min((day - since).days - 1, _LONGEST)


def _add(found: Returns, scope: str, product_ids: Iterable[str], moves: Iterable[tuple[date, int, int]]) -> None:
    for day, place, sign in moves:
        for product_id in product_ids:
            key = (scope, product_id, day)
            counts = found.get(key)
            if counts is None:
                counts = found[key] = [0] * len(RETURNS)
            counts[place] += sign
