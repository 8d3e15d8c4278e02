"""The random draw: every eligible record is equally likely, and the pool is neither loaded nor sorted (spec 2.1).

Random keys of the database's range are looked up by primary key, and the eligible ones among them are kept in the
order they were thrown. That is exactly uniform: a throw hits every record with the same probability, whatever was
thrown before. When too few of the records in the range are eligible for this to pay, the draw chooses among the
eligible ones only, from the state index.
"""

import random
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from crm_boost.assignments.repositories import draw as sql
from crm_boost.db.session import WriteSession

_ROUNDS = 2
_SPARE = 1.25
"""Throws beyond what the last known share of eligible records calls for."""
_MOST_OF_RANGE = 0.2
"""Beyond this part of the range, throws would hit the same records again and again."""
_LOOKUPS_PER_INDEX_ROW = 6
"""A lookup by key costs about as much as reading this many rows of the state index."""
_SMALL = 1024
"""A range of at most so many keys is thrown whole."""
_REMEMBERED = 1024
_HOPE = 1.3
"""How much better a share is believed to be after each draw that did not look: pools are refilled by recalls."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Where to draw from: the keys of a database's records lie within first_seq..last_seq."""

    database_id: str
    first_seq: int
    last_seq: int

    @property
    def size(self) -> int:
        return max(self.last_seq - self.first_seq + 1, 0)


class Shares:
    """The last seen share of eligible records by database: a hint that saves rounds and never decides a draw."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, float] = OrderedDict()

    def get(self, database_id: str) -> float:
        """Return the share, 1 where nothing is known."""
        return self._known.get(database_id, 1.0)

    def learn(self, database_id: str, share: float) -> None:
        """Remember what a draw has seen."""
        self._known[database_id] = share
        self._known.move_to_end(database_id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def throws_for(wanted: int, share: float, size: int) -> int | None:
    """Return how many keys to throw for `wanted` records; None when reading the state index is cheaper."""
    if share <= 0 or size <= 0:
        return None
    throws = int(wanted / share * _SPARE) + 8
    if throws > size * _MOST_OF_RANGE and size > _SMALL:
        return None
    if throws * _LOOKUPS_PER_INDEX_ROW > share * size and size > _SMALL:
        return None
    return min(throws, size)


def throw(pool: Pool, count: int, taken: Sequence[int], rng: random.Random) -> list[int]:
    """Return up to `count` different random keys of the range, in random order, none of them in `taken`."""
    # Asking the system for every single number would take longer than looking the keys up.
    quick = random.Random(rng.getrandbits(128))
    if count >= pool.size:
        keys = list(range(pool.first_seq, pool.last_seq + 1))
        quick.shuffle(keys)
        thrown = dict.fromkeys(keys)
    else:
        thrown = dict.fromkeys(quick.choices(range(pool.first_seq, pool.last_seq + 1), k=count))
    for seq in taken:
        thrown.pop(seq, None)
    return list(thrown)


async def draw(
    session: WriteSession, pool: Pool, staff_ids: Sequence[str], count: int, rng: random.Random, shares: Shares
) -> list[int]:
    """Draw up to `count` records that may be dealt to every one of `staff_ids`, and lock them.

    Returns their keys in random order; fewer only when no more are eligible (and not being dealt by somebody else).
    """
    taken: list[int] = []
    share = shares.get(pool.database_id)
    for _ in range(_ROUNDS):
        missing = count - len(taken)
        throws = throws_for(missing, share, pool.size) if missing else None
        if throws is None:
            break
        keys = throw(pool, throws, taken, rng)
        found = await sql.draw_probed(session, pool.database_id, staff_ids, keys, missing)
        taken += found
        if len(found) < missing:
            share = max(len(found), 0.5) / max(len(keys), 1)
            shares.learn(pool.database_id, share)
    if len(taken) < count:
        shares.learn(pool.database_id, min(share * _HOPE, 1.0))
    for chosen_from in (sql.draw_from_index, sql.draw_from_all):
        missing = count - len(taken)
        if not missing:
            break
        taken += await chosen_from(session, pool.database_id, staff_ids, taken, missing)
    return taken
