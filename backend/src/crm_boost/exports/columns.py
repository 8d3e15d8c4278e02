"""Columns of files: what a cell shows, and its heading in both languages. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from crm_boost.databases.table_file import Cell

Language = Literal["en", "id"]
_YES: dict[Language, str] = {"en": "yes", "id": "ya"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the name of a row's value, and its headings. `inside` names a group of values within the row."""

    name: str
    en: str
    id: str
    money: bool = False
    inside: str | None = None

    def heading(self, language: Language) -> str:
        """Return the heading in a language."""
        return self.en if language == "en" else self.id

    def value(self, row: Mapping[str, Any]) -> Any:
        """Return what a row has here."""
        return row.get(self.name) if self.inside is None else row[self.inside].get(self.name)


def cells_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], language: Language) -> list[list[Cell]]:
    """Return the cells of rows: instants and days as ISO texts, what is unknown as an empty text."""
    yes = _YES[language]
    return [[_cell(column.value(row), yes) for column in columns] for row in rows]


def _cell(value: Any, yes: str) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return yes if value else ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int | float):
        return value
    raise TypeError(f"no cell can show a {type(value).__name__}")
