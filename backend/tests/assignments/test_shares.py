"""Fair shares (spec 2.1): max - min <= 1 by weight, capacities respected, nobody favoured over many runs."""

import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_boost.assignments.shares import split

pytestmark = pytest.mark.pure

quantities = st.integers(0, 5000)
weights = st.lists(st.integers(1, 20), min_size=1, max_size=12)
seeds = st.integers(0, 2**32)


@st.composite
def receivers(draw: st.DrawFn) -> tuple[list[int], list[int | None]]:
    chosen = draw(weights)
    room = st.none() | st.integers(0, 800)
    return chosen, draw(st.lists(room, min_size=len(chosen), max_size=len(chosen)))


@given(quantities, receivers(), seeds)
def test_the_sum_is_the_quantity_or_the_room_there_is(
    quantity: int, who: tuple[list[int], list[int | None]], seed: int
) -> None:
    chosen, rooms = who
    shares = split(quantity, chosen, rooms, random.Random(seed))

    limits = [room for room in rooms if room is not None]
    possible = quantity if len(limits) < len(rooms) else min(quantity, sum(limits))
    assert sum(shares) == possible
    assert all(share >= 0 for share in shares)
    assert all(room is None or share <= room for share, room in zip(shares, rooms, strict=True))


@given(quantities, st.integers(1, 12), seeds)
def test_equal_shares_differ_by_at_most_one(quantity: int, people: int, seed: int) -> None:
    shares = split(quantity, [1] * people, [None] * people, random.Random(seed))

    assert max(shares) - min(shares) <= 1


@given(quantities, weights, seeds)
def test_weighted_shares_are_within_one_record_of_the_exact_ones(quantity: int, chosen: list[int], seed: int) -> None:
    shares = split(quantity, chosen, [None] * len(chosen), random.Random(seed))

    total = sum(chosen)
    for share, weight in zip(shares, chosen, strict=True):
        assert abs(share - Fraction(quantity * weight, total)) < 1


@given(quantities, receivers(), seeds)
def test_whoever_gets_less_than_others_of_the_same_weight_is_full(
    quantity: int, who: tuple[list[int], list[int | None]], seed: int
) -> None:
    chosen, rooms = who
    shares = split(quantity, chosen, rooms, random.Random(seed))

    for i, weight in enumerate(chosen):
        for j, other in enumerate(chosen):
            if weight == other and shares[i] < shares[j] - 1:
                assert shares[i] == rooms[i]


def test_the_remainder_goes_to_everybody_equally_often() -> None:
    """Ten records for four people: two of them get a third one; over 6,000 runs everybody about 3,000 times."""
    rng = random.Random(20)
    extra: Counter[int] = Counter()
    for _ in range(6000):
        extra.update(i for i, share in enumerate(split(10, [1] * 4, [None] * 4, rng)) if share == 3)

    assert sum(extra.values()) == 12_000
    assert all(2850 < extra[i] < 3150 for i in range(4))


def test_the_remainder_follows_the_weights_exactly_on_average() -> None:
    """One record at a time, weights 1, 2 and 5: over many runs 1/8, 2/8 and 5/8 of the records."""
    rng = random.Random(21)
    got = [0, 0, 0]
    for _ in range(8000):
        for i, share in enumerate(split(1, [1, 2, 5], [None] * 3, rng)):
            got[i] += share

    assert sum(got) == 8000
    assert abs(got[0] - 1000) < 130
    assert abs(got[1] - 2000) < 180
    assert abs(got[2] - 5000) < 200


@pytest.mark.parametrize(
    ("quantity", "chosen", "rooms", "expected"),
    [
        (10, [1], [None], [10]),
        (10, [1, 1], [3, None], [3, 7]),
        (10, [1, 1], [3, 4], [3, 4]),
        (9, [1, 2], [None, None], [3, 6]),
        (9, [1, 2], [None, 2], [7, 2]),
        (6, [1, 1, 1], [0, None, None], [0, 3, 3]),
        (0, [1, 1], [None, None], [0, 0]),
        (12, [1, 1, 1], [1, 3, None], [1, 3, 8]),
    ],
)
def test_table(quantity: int, chosen: list[int], rooms: list[int | None], expected: list[int]) -> None:
    assert split(quantity, chosen, rooms, random.Random(1)) == expected


def test_senseless_input_is_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        split(1, [0], [None], random.Random(1))
    with pytest.raises(ValueError, match="room"):
        split(1, [1, 1], [None], random.Random(1))
