"""Why an import is not begun, or not called done."""

from collections.abc import Sequence


class ImportRefused(Exception):
    """The import does not begin, or does not end well; the message says why and what to do."""


def desk_in_use() -> ImportRefused:
    return ImportRefused(
        "This desk is in use: it has users, products, databases, reservations or deposits. An import only fills an empty"
        " one. Take an empty data folder, or a new PostgreSQL database, and try again."
    )


def another_source(name: str) -> ImportRefused:
    return ImportRefused(
        f"This desk already holds an import of {name}, and this is other data (or other settings of currency, zone,"
        " country or scope of reservations). Import it into an empty desk."
    )


def moved_on() -> ImportRefused:
    return ImportRefused("Another process is importing into this desk right now.")


def not_verified(differing: Sequence[str]) -> ImportRefused:
    return ImportRefused("What is stored is not what was read: " + "; ".join(differing) + ".")
