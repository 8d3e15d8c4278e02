"""Where the rows of a file went whose records are stored in random order: how it is packed (ADR 64).

A place is a record's key less the one before the database's first; 0: the row was not stored.
"""

import sys
from array import array
from collections.abc import Iterator, Sequence

ROWS_PER_PART = 4096
_TYPE = "I"


def pack(places: Sequence[int]) -> Iterator[bytes]:
    """Yield the parts of a file: `places[i]` is the place of its row `i + 1`."""
    for first in range(0, len(places), ROWS_PER_PART):
        part = array(_TYPE, places[first : first + ROWS_PER_PART])
        if sys.byteorder == "big":
            part.byteswap()
        yield part.tobytes()


def unpack(part: bytes) -> Sequence[int]:
    """Return the places of the rows of a part."""
    places = array(_TYPE)
    places.frombytes(part)
    if sys.byteorder == "big":
        places.byteswap()
    return places
