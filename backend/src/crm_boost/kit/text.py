"""Texts that people type: what is refused everywhere, and when two names are the same.

Control characters are refused at the door. PostgreSQL stores no NUL at all, and the others have no business in a
name; both databases then accept exactly the same texts.
"""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

_LAYOUT = frozenset("\n\t")
_REFUSED = frozenset({"Cc", "Cs"})


def has_control_characters(value: str, *, allowed: frozenset[str] = frozenset()) -> bool:
    """Whether `value` holds control characters (NUL, escape, line breaks, ...) other than those allowed, or half of a
    sign, which no encoding can write."""
    return any(unicodedata.category(character) in _REFUSED and character not in allowed for character in value)


def _single_line(value: str) -> str:
    if has_control_characters(value):
        raise PydanticCustomError("one_line", "This holds line breaks or other control characters.")
    return value


def _several_lines(value: str) -> str:
    value = value.replace("\r\n", "\n")
    if has_control_characters(value, allowed=_LAYOUT):
        raise PydanticCustomError("control_characters", "This holds control characters.")
    return value


SingleLine = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_single_line)]
"""A name or a short text: surrounding white space is dropped, control characters are refused."""

AsSent = Annotated[str, AfterValidator(_single_line)]
"""A text that callers expect back exactly as they sent it; control characters are refused all the same."""

SeveralLines = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_several_lines)]
"""A text that may have paragraphs."""


def name_key(name: str) -> str:
    """Return what makes two names the same: compatible characters, case and runs of white space do not count."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Folding can leave compatible characters behind; the second pass makes the key of a key the key.
    return " ".join(unicodedata.normalize("NFKC", folded).split())
