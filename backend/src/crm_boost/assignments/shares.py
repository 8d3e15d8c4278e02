"""Splitting a hand-out fairly over several staff (spec 2.1). Pure: no session, no clock; the randomness is given.

Water filling: everybody's level rises in proportion to weight until the quantity is used up; whoever is full at
capacity stays there. Fractions are rounded so that nobody is more than one record from the exact share, and each gets
the extra record with exactly the probability of the fraction, so that over many runs nobody is favoured.
"""

import random
from collections.abc import Sequence


def split(
    quantity: int,
    weights: Sequence[int],
    rooms: Sequence[int | None],
    rng: random.Random,
) -> list[int]:
    """Return the share of each: whole numbers whose sum is the smaller of `quantity` and the total room.

    `weights` are positive; a room of None is unlimited.
    """
    if len(weights) != len(rooms):
        raise ValueError("every receiver needs a weight and a room")
    if any(weight <= 0 for weight in weights):
        raise ValueError("weights are positive")
    shares = [0] * len(weights)
    rising = list(range(len(weights)))
    left = quantity
    while True:
        total = sum(weights[i] for i in rising)
        full = [i for i in rising if _fills(rooms[i], left * weights[i], total)]
        if not full:
            break
        for i in full:
            shares[i] = max(rooms[i] or 0, 0)
            left -= shares[i]
            rising.remove(i)
    if rising:
        total = sum(weights[i] for i in rising)
        for i in rising:
            shares[i] = left * weights[i] // total
        for i in _extras([left * weights[i] % total for i in rising], total, rng):
            shares[rising[i]] += 1
    return shares


def _fills(room: int | None, level: int, total: int) -> bool:
    """Whether a level of `level / total` reaches the room."""
    return room is not None and level >= max(room, 0) * total


def _extras(fractions: Sequence[int], total: int, rng: random.Random) -> list[int]:
    """Choose `sum(fractions) / total` positions, each with probability `fraction / total`.

    Systematic sampling over a shuffled order: the fractions are laid end to end, and one is taken wherever a comb with
    distance `total` and a random start touches.
    """
    order = list(range(len(fractions)))
    rng.shuffle(order)
    chosen = []
    tooth = rng.randrange(total)
    reached = 0
    for i in order:
        reached += fractions[i]
        if tooth < reached:
            chosen.append(i)
            tooth += total
    return chosen
