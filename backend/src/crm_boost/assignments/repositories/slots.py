"""Which record goes to whom, in one number each: the key of the record, and in the last bits the place of the receiver in
a list that is a parameter too. However many there are of both, a statement has two parameters for them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, literal

SLOT_BITS = 16
MOST_SLOTS = 1 << SLOT_BITS


def numbered(seqs: Sequence[int], slots: Iterable[int]) -> list[int]:
    """Return the number of each record, which goes to the receiver at the place beside it."""
    return [seq << SLOT_BITS | slot for seq, slot in zip(seqs, slots, strict=False)]


def seq_of(number: Any) -> ColumnElement[int]:
    """Return the key of the record in a number."""
    seq: ColumnElement[int] = number.bitwise_rshift(literal(SLOT_BITS, Integer))
    return seq


def slot_of(number: Any) -> ColumnElement[int]:
    """Return the place of the receiver in a number."""
    slot: ColumnElement[int] = number.bitwise_and(MOST_SLOTS - 1)
    return slot
