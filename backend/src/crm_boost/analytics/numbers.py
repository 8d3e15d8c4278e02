"""Shares and averages, rounded once and in one way: one decimal, and nothing where there is nothing to divide by
(spec 1.4)."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

_TENTH = Decimal("0.1")


def one_decimal(numerator: int, denominator: int) -> float | None:
    """Return a quotient with one decimal, halves away from zero; None where it is undefined."""
    if denominator == 0:
        return None
    return float((Decimal(numerator) / Decimal(denominator)).quantize(_TENTH, ROUND_HALF_UP))


def share(part: int, whole: int) -> float | None:
    """Return how many per cent of `whole` are `part`."""
    return one_decimal(100 * part, whole)


def percentile(ordered: Sequence[int], per_cent: int) -> int | None:
    """Return the smallest of these sorted values that at least `per_cent` of them do not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(-(-per_cent * len(ordered) // 100), 1) - 1]


def median_twice(ordered: Sequence[int]) -> int:
    """Return the median of these sorted values, doubled so that it stays whole: of two middle ones their sum."""
    half = len(ordered) // 2
    return 2 * ordered[half] if len(ordered) % 2 else ordered[half - 1] + ordered[half]
