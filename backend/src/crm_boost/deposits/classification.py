"""The classification of deposits, once (spec 4.1). Pure: what is stored has to equal what this says.

A deposit counts when it is approved and not in the trash. Its key is (staff, customer, product). The first date of a key
is the earliest date among its counting deposits that are not supplementary (tambahan), over all history.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from operator import attrgetter, sub
from typing import NamedTuple

from crm_boost.deposits.states import CustomerType

_WORD = "tambahan"


class Key(NamedTuple):
    """Whose first deposit is asked for: one staff, one customer, one product. Keys are locked in their sort order."""

    staff_id: str
    customer_key: str
    product_id: str


class Entry(NamedTuple):
    """What matters of a counting deposit. `stored` is the class that stands in the ledger now."""

    id: str
    on: date
    tambahan: bool
    nominal: int
    total: int
    stored: CustomerType | None = None


@dataclass(slots=True)
class Figures:
    """What one staff, product and day adds up to. `ndp` and `rdp` count customers, `*_forms` deposits; amounts are minor
    units: `*_nominal` before, `*_total` after the multiplier."""

    ndp: int = 0
    rdp: int = 0
    ndp_forms: int = 0
    rdp_forms: int = 0
    ndp_nominal: int = 0
    rdp_nominal: int = 0
    ndp_total: int = 0
    rdp_total: int = 0

    def add(self, other: "Figures") -> None:
        """Add other figures to these."""
        for name in FIGURES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def __bool__(self) -> bool:
        return any(figures_in_order(self))


FIGURES = tuple(item.name for item in fields(Figures))
"""The names of the figures, which are the columns of the roll-up."""
figures_in_order: Callable[[Figures], tuple[int, ...]] = attrgetter(*FIGURES)
"""Returns figures in the order of their names."""
_NONE = Figures()


@dataclass(slots=True)
class Standing:
    """What follows from all counting deposits of one key."""

    first_date: date | None = None
    last_date: date | None = None
    forms: int = 0
    types: dict[str, CustomerType] = field(default_factory=dict)
    """The class of each deposit, by id."""
    days: dict[date, Figures] = field(default_factory=dict)
    """What the key adds to the roll-up of each day."""


def says_tambahan(note: str) -> bool:
    """Whether a note marks a supplementary deposit: the word, in any case, anywhere."""
    return _WORD in note.casefold()


def first_date(entries: Iterable[Entry]) -> date | None:
    """Return the first date of a key with these counting deposits."""
    return min([entry.on for entry in entries if not entry.tambahan], default=None)


def type_of(*, on: date, tambahan: bool, first: date | None) -> CustomerType:
    """Return the class of a counting deposit whose key has this first date."""
    return CustomerType.NDP if not tambahan and on == first else CustomerType.RDP


def standing_of(entries: Iterable[Entry]) -> Standing:
    """Classify the counting deposits of one key, in whatever order they are given."""
    entries = list(entries)
    standing = Standing(first_date(entries), max([entry.on for entry in entries], default=None), len(entries))
    types, days, first = standing.types, standing.days, standing.first_date
    for entry in entries:
        kind = types[entry.id] = type_of(on=entry.on, tambahan=entry.tambahan, first=first)
        day = days.get(entry.on)
        if day is None:
            day = days[entry.on] = Figures()
        # However many deposits of a class there are on a day, they are one customer of that class (spec 4.1).
        if kind is CustomerType.NDP:
            day.ndp = 1
            day.ndp_forms += 1
            day.ndp_nominal += entry.nominal
            day.ndp_total += entry.total
        else:
            day.rdp = 1
            day.rdp_forms += 1
            day.rdp_nominal += entry.nominal
            day.rdp_total += entry.total
    return standing


def difference(before: Mapping[date, Figures], after: Mapping[date, Figures]) -> dict[date, Figures]:
    """Return what has to be added to the roll-ups, by day; days that stay as they are, are left out."""
    changed: dict[date, Figures] = {}
    for day in before.keys() | after.keys():
        old, new = before.get(day), after.get(day)
        if old != new:
            changed[day] = Figures(*map(sub, figures_in_order(new or _NONE), figures_in_order(old or _NONE)))
    return changed
