"""What may still be drawn of a shuffled database: the keys nobody has drawn yet, and those that came back (ADR 64).

All is in one place that one cannot see into: records lie in random order, so of those never drawn the next is as good as
any. Each candidate is one of all that are left, with the same probability, as if all were sorted by a random number.
"""

import random
from collections.abc import Iterable


class Rest:
    """`first..last` were never drawn; `returned` were, and can be dealt again (or are reserved, which the lookup tells)."""

    def __init__(self, first: int, last: int, returned: Iterable[int], rng: random.Random) -> None:
        self._next, self._last = first, last
        self._returned = list(returned)
        # Asking the system for every single number would take longer than looking the keys up.
        self._rng = random.Random(rng.getrandbits(128))

    def take(self, count: int) -> list[int]:
        """Return up to `count` candidates in random order, none of them a second time; fewer only when no more are left."""
        taken: list[int] = []
        while self._returned and len(taken) < count:
            chosen = self._rng.randrange(self._last + 1 - self._next + len(self._returned))
            if chosen < len(self._returned):
                self._returned[chosen], self._returned[-1] = self._returned[-1], self._returned[chosen]
                taken.append(self._returned.pop())
            else:
                taken += self._neighbours(1)
        return [*taken, *self._neighbours(count - len(taken))]

    def _neighbours(self, count: int) -> range:
        first, self._next = self._next, min(self._next + count, self._last + 1)
        return range(first, self._next)
