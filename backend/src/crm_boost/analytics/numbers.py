"""Numbers of charts: shares and averages as everywhere, and the middle of a list (spec 1.4)."""

from collections.abc import Sequence

from crm_boost.kit.rounding import one_decimal, share

__all__ = ["median_twice", "one_decimal", "percentile", "share"]


def percentile(ordered: Sequence[int], per_cent: int) -> int | None:
    """Return the smallest of these sorted values that at least `per_cent` of them do not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(-(-per_cent * len(ordered) // 100), 1) - 1]


def median_twice(ordered: Sequence[int]) -> int:
    """Return the median of these sorted values, doubled so that it stays whole: of two middle ones their sum."""
    half = len(ordered) // 2
    return 2 * ordered[half] if len(ordered) % 2 else ordered[half - 1] + ordered[half]
