"""Numbers of charts: shares and averages as everywhere, and the middle of a list (spec 1.4)."""

from collections.abc import Sequence

from crm_boost.kit.rounding import one_decimal, share

__all__ = ["grade_of", "median_twice", "middle_ranks", "nearest_rank", "one_decimal", "share"]

SLOWEST = "Slow"


def nearest_rank(count: int, per_cent: int) -> int:
    """Return how many of `count` sorted values are before the smallest that at least `per_cent` of them do not exceed."""
    return max(-(-per_cent * count // 100), 1) - 1


def middle_ranks(count: int) -> tuple[int, int]:
    """Return how many of `count` sorted values are before the two whose mean is the median; of an odd number they are one."""
    return (count - 1) // 2, count // 2


def grade_of(value: float | None, grades: Sequence[tuple[int, str]]) -> str | None:
    """Return the grade of a figure as it is shown: of the first bound that it does not exceed."""
    if value is None:
        return None
    return next((grade for bound, grade in grades if value <= bound), SLOWEST)


def median_twice(ordered: Sequence[int]) -> int:
    """Return the median of these sorted values, doubled so that it stays whole: of two middle ones their sum."""
    half = len(ordered) // 2
    return 2 * ordered[half] if len(ordered) % 2 else ordered[half - 1] + ordered[half]
