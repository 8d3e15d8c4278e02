"""Shares and averages, rounded once and in one way: one decimal, and nothing where there is nothing to divide by
(spec 1.4)."""

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
