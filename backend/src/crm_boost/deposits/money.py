"""Exact money (spec 1.4): whole minor units of the currency inside, plain numbers outside.

Multipliers are kept the same way, in hundredths, so that amount times multiplier is a whole number or refused.
"""

from decimal import Decimal

MULTIPLIER_SCALE = 100

_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_USUAL_DIGITS = 2


def minor_units(currency: str) -> int:
    """Return how many minor units one unit of a currency has (ISO 4217)."""
    return int(10 ** _DIGITS.get(currency, _USUAL_DIGITS))


def to_minor(amount: Decimal, scale: int) -> int | None:
    """Return an amount as a whole number of `1 / scale` parts; None where it is not a whole number of them."""
    scaled = amount * scale
    return int(scaled) if scaled == scaled.to_integral_value() else None


def from_minor(value: int, scale: int) -> int | float:
    """Return the plain number: whole where it is whole."""
    whole, rest = divmod(value, scale)
    return whole if rest == 0 else value / scale


def multiplied(nominal: int, multiplier: int) -> int | None:
    """Return minor units times a multiplier in hundredths; None where that is not a whole number of minor units."""
    total, rest = divmod(nominal * multiplier, MULTIPLIER_SCALE)
    return total if rest == 0 else None
