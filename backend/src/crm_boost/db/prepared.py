"""INSERTs as the driver takes them, for rows by the hundred: looking at each value of each row anew, as the layer above the
driver does, costs more than writing them.

The text, the order of the parameters and what turns a value into the driver's are the same for all rows, so they are found
out once. The statements are those of `statements.py`, which live as long as the process.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Date, Dialect, Insert
from sqlalchemy.types import TypeEngine

from crm_boost.db.types import UtcDateTime

_Turn = Callable[[Any], Any]
_WRITTEN_OFTEN = (Date, UtcDateTime)
"""A day is in many rows, and an instant in all rows of a transaction."""


class Prepared:
    """An INSERT of rows that have these values: by name, or `by_place` in this order."""

    def __init__(self, statement: Insert, dialect: Dialect, names: tuple[str, ...], *, by_place: bool) -> None:
        # Inline: nothing is returned, also where there is one row.
        compiled: Any = statement.inline().compile(dialect=dialect, column_keys=list(names))
        if compiled.insert_prefetch:
            raise TypeError("columns with a default in Python have to be given")
        self.text = str(compiled)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._order: tuple[str, ...] = tuple(compiled.positiontup or binds)
        self._is_named = not compiled.positional
        turns = {name: _turn_of(binds[name].type, dialect) for name in self._order}
        given = [name for name in self._order if name in names]
        self._take = _taking([names.index(name) if by_place else name for name in given])
        self._turns = [(place, turn) for place, name in enumerate(given) if (turn := turns[name]) is not None]
        # What the statement itself sets; in the order of the places, so that each finds its own.
        self._fixed = [
            (place, turn(compiled.params[name]) if (turn := turns[name]) else compiled.params[name])
            for place, name in enumerate(self._order)
            if name not in names
        ]

    def parameters(self, rows: Sequence[Mapping[str, Any] | Sequence[Any]]) -> list[Any]:
        """Return rows as the driver takes them."""
        found = []
        for row in rows:
            cells = list(self._take(row))
            for place, turn in self._turns:
                cells[place] = turn(cells[place])
            for place, value in self._fixed:
                cells.insert(place, value)
            found.append(dict(zip(self._order, cells, strict=True)) if self._is_named else tuple(cells))
        return found


@lru_cache(maxsize=512)
def prepared(statement: Insert, dialect: Dialect, names: tuple[str, ...], *, by_place: bool) -> Prepared:
    """Return a statement prepared for rows with these values."""
    return Prepared(statement, dialect, names, by_place=by_place)


def _taking(places: Sequence[Any]) -> Callable[[Any], tuple[Any, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


def _turn_of(kind: TypeEngine[Any], dialect: Dialect) -> _Turn | None:
    turn = kind.dialect_impl(dialect).bind_processor(dialect)
    return lru_cache(maxsize=4096)(turn) if turn is not None and isinstance(kind, _WRITTEN_OFTEN) else turn
