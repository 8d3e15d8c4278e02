"""The random draw: every eligible record is equally likely, and the pool is neither loaded nor sorted (spec 2.1).

The records of a shuffled database are taken as they come (`rest`). In other ones, and where very many came back, random
keys of the database's range are looked up by primary key, and the eligible ones among them are kept in the order they
were thrown. That is exactly uniform: a throw hits every record with the same probability, whatever was thrown before.
When too few of the records in the range are eligible for this to pay, the draw chooses among the eligible ones only,
from the state index.
"""

import random
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crm_boost.assignments.repositories import draw as sql
from crm_boost.assignments.repositories.locking import DatabaseFacts
from crm_boost.assignments.rest import Rest
from crm_boost.databases.counts_repository import counts_by_state
from crm_boost.databases.states import RecordState
from crm_boost.db.session import WriteSession

_ROUNDS = 2
_SPARE = 1.25
"""Throws beyond what the last known share of eligible records calls for."""
_MOST_OF_RANGE = 0.2
"""Beyond this part of the range, throws would hit the same records again and again."""
_INDEX_ROWS_PER_LOOKUP = 10
"""A lookup by key costs about as much as reading this many rows of the state index."""
_SMALL = 1024
"""A range of at most so many keys is thrown whole."""
_REMEMBERED = 1024
_SPARE_NEXT = 1 / 16
"""Candidates from a shuffled database beyond those needed, where all that were looked at before were eligible."""
_MOST_AT_ONCE = 8
"""So many times what is needed is looked at in one round, where few candidates were eligible."""
_MOST_RETURNED = 4000
"""Of a shuffled database to which more records came back, throws are as quick."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Where to draw from: the keys of a database's records lie within first_seq..last_seq."""

    database_id: str
    first_seq: int
    last_seq: int
    is_shuffled: bool = False

    @classmethod
    def of(cls, database: DatabaseFacts) -> "Pool":
        """Return where to draw from a database."""
        return cls(database.id, database.first_seq, database.last_seq, database.is_shuffled)

    @property
    def size(self) -> int:
        return max(self.last_seq - self.first_seq + 1, 0)

    @property
    def keys(self) -> tuple[int, int]:
        return self.first_seq, self.last_seq


class Shares:
    """The share of eligible records that throws have last met, by database: a hint that saves rounds and never decides
    what is drawn."""

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
    if throws * _INDEX_ROWS_PER_LOOKUP > share * size and size > _SMALL:
        return None
    return min(throws, size)


def throw(pool: Pool, count: int, taken: Collection[int], rng: random.Random) -> list[int]:
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


@dataclass(frozen=True, slots=True)
class Wish:
    """So many records that may be dealt to every one of these staff."""

    staff_ids: Sequence[str]
    count: int


async def draw(
    session: WriteSession, pool: Pool, staff_ids: Sequence[str], count: int, rng: random.Random, shares: Shares
) -> list[int]:
    """Draw up to `count` records that may be dealt to every one of `staff_ids`, and lock them.

    Returns their keys in random order; fewer only when no more are eligible (and not being dealt by somebody else).
    """
    (drawn,) = await draw_each(session, pool, [Wish(staff_ids, count)], rng, shares)
    if len(drawn) < count and (drawn or (await _left(session, pool))[1]):
        drawn += await sql.draw_from_all(session, pool.keys, staff_ids, drawn, count - len(drawn))
    return drawn


async def draw_each(
    session: WriteSession, pool: Pool, wishes: Sequence[Wish], rng: random.Random, shares: Shares
) -> list[list[int]]:
    """Draw for several hand-outs from one pool as if one came after the other, and lock what is drawn.

    Every wish has throws of its own, so its draw is as uniform as alone. Returns keys in random order for each; fewer than
    wished for where it takes a look at every record to tell whether there are more.
    """
    drawn: list[list[int]] = [[] for _ in wishes]
    taken: set[int] = set()
    total = sum(wish.count for wish in wishes)
    share = shares.get(pool.database_id)
    was_taken = pool.is_shuffled and await _take_next(session, pool, wishes, rng, drawn, taken)
    if len(taken) == total:
        return drawn
    if was_taken or (throws_for(total, share, pool.size) is None and throws_for(total, 1.0, pool.size) is not None):
        # What was seen may be long ago: pools are refilled by recalls.
        available, left = await _left(session, pool)
        if not left:
            return drawn
        share = min(available / pool.size, 1.0)
    for _ in range(_ROUNDS):
        waiting = [place for place, wish in enumerate(wishes) if len(drawn[place]) < wish.count]
        if not waiting or throws_for(total - len(taken), share, pool.size) is None:
            break
        probes = [_probe(pool, wishes[place], len(drawn[place]), share, taken, rng) for place in waiting]
        thrown = sum(len(probe.keys) for probe in probes)
        # Of several wishes, nobody knows before which throws will be needed.
        most = total - len(taken) if len(probes) == 1 else thrown
        found = await sql.draw_probed(session, pool.database_id, probes, most)
        _give(found, [(drawn[place], wishes[place].count) for place in waiting], taken)
        if len(found) < most:
            share = max(len(found), 0.5) / max(thrown, 1)
            shares.learn(pool.database_id, share)
    if len(taken) == total:
        return drawn
    everybody = _everybody(wishes)
    # Who owns customers may get others than the next one: the index tells them apart for one wish only.
    if len(wishes) == 1 or not await sql.own_customers(session, everybody):
        chosen = await sql.draw_from_index(session, pool.keys, everybody, list(taken), total - len(taken))
        for wish, keys in zip(wishes, drawn, strict=True):
            while chosen and len(keys) < wish.count:
                keys.append(chosen.pop())
    return drawn


async def _take_next(
    session: WriteSession,
    pool: Pool,
    wishes: Sequence[Wish],
    rng: random.Random,
    drawn: Sequence[list[int]],
    taken: set[int],
) -> bool:
    """Draw from a shuffled database: each wish is given candidates of its own, whoever they may be dealt to, and keeps
    the eligible ones, in the order of the candidates. Return False where so many records came back that it did not."""
    came_back = await sql.came_back(session, pool.database_id, pool.keys, _everybody(wishes), _MOST_RETURNED)
    if len(came_back.seqs) > _MOST_RETURNED:
        return False
    rest, reached = Rest(came_back.drawn_to + 1, pool.last_seq, came_back.seqs, rng), came_back.drawn_to
    needed = 1.0
    for _ in range(_ROUNDS):
        waiting = [place for place, wish in enumerate(wishes) if len(drawn[place]) < wish.count]
        missing = [wishes[place].count - len(drawn[place]) for place in waiting]
        candidates = [rest.take(int(count * needed)) for count in missing]
        # Spare ones last: what nobody needs stays in one piece.
        for keys, count in zip(candidates, missing, strict=True):
            keys += rest.take(int(count * needed * _SPARE_NEXT) + 1)
        if not any(candidates):
            break
        probes = [_probe_of(wishes[place], keys) for place, keys in zip(waiting, candidates, strict=True)]
        most = missing[0] if len(probes) == 1 else sum(map(len, candidates))
        found = await sql.draw_probed(session, pool.database_id, probes, most)
        _give(found, [(drawn[place], wishes[place].count) for place in waiting], taken)
        for place, keys in zip(waiting, candidates, strict=True):
            has_all = len(drawn[place]) == wishes[place].count
            looked_at = keys[: keys.index(drawn[place][-1]) + 1] if has_all else keys
            reached = max([reached, *looked_at])
        needed = min(sum(map(len, candidates)) / max(len(found), 0.5), _MOST_AT_ONCE)
    sql.remember_drawn(session, pool.database_id, reached)
    return True


async def _left(session: WriteSession, pool: Pool) -> tuple[int, int]:
    """Return how many records are available, and how many there are that anybody could be dealt, told by the counts. Of a
    pool that was dealt empty, PostgreSQL's index still leads to every record it held."""
    counts = (await counts_by_state(session, [pool.database_id])).get(pool.database_id, {})
    available = counts.get(RecordState.AVAILABLE, 0)
    return available, available + counts.get(RecordState.RESERVED, 0)


def _everybody(wishes: Sequence[Wish]) -> list[str]:
    return list({staff_id for wish in wishes for staff_id in wish.staff_ids})


def _give(found: Sequence[Sequence[int]], wishes: Sequence[tuple[list[int], int]], taken: set[int]) -> None:
    """Give each record to the wish it was looked up for (what it has and wants), unless somebody has it already."""
    for seq, slot in found:
        drawn, count = wishes[slot]
        if len(drawn) < count and seq not in taken:
            taken.add(seq)
            drawn.append(seq)


def _probe(pool: Pool, wish: Wish, has: int, share: float, taken: Collection[int], rng: random.Random) -> sql.Probe:
    throws = throws_for(wish.count - has, share, pool.size) or 0
    return _probe_of(wish, throw(pool, throws, taken, rng))


def _probe_of(wish: Wish, keys: Sequence[int]) -> sql.Probe:
    return sql.Probe(wish.staff_ids[0] if len(wish.staff_ids) == 1 else None, keys)
