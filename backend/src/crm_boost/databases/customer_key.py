"""The identity of a customer as one comparable text (spec 1.3).

Every comparison of customers is equality of these keys. Search uses ``search_fold`` on both sides: on what is
stored and on what the person typed.
"""

import unicodedata
from collections.abc import Sequence

# What str.split() calls whitespace below 128. Deleting it from a whole column at once is one C call.
_ASCII_SPACE = {ord(char): None for char in "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "}
_SEPARATOR = "\0"


def customer_key(text: str) -> str:
    """Return the key of an identity: Unicode NFKC, casefold, all whitespace removed; "" means no identity.

    Punctuation stays: "a.b" is not "ab" (spec 1.3).
    """
    if text.isascii():
        return "".join(text.lower().split())
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def customer_keys(texts: Sequence[str]) -> list[str]:
    """Return ``[customer_key(text) for text in texts]``, several times faster for plain columns."""
    if not texts:
        return []
    joined = _SEPARATOR.join(texts)
    if joined.isascii():
        keys = joined.lower().translate(_ASCII_SPACE).split(_SEPARATOR)
        if len(keys) == len(texts):
            return keys
    return [customer_key(text) for text in texts]


def search_fold(text: str) -> str:
    """Return the text as search compares it: NFKC, casefold, runs of whitespace as one space, trimmed (spec 2.7, ``q``)."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def search_folds(texts: Sequence[str]) -> list[str]:
    """Return ``[search_fold(text) for text in texts]``."""
    return [search_fold(text) for text in texts]
