"""Cells that a spreadsheet program would run as formulas, made harmless in CSV files, and back (reversible)."""

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard_cell(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet program could take for a formula."""
    return "'" + text if _RISKY.match(text) else text


def unguard_cell(text: str) -> str:
    """Take back what guard_cell did: ``unguard_cell(guard_cell(text)) == text`` for every text."""
    return text[1:] if _GUARDED.match(text) else text


def needs_guard_in_workbook(text: str) -> bool:
    """Whether a text must be guarded in a workbook too, so that unguard_cell does not harm it on the way back."""
    return _GUARDED.match(text) is not None
