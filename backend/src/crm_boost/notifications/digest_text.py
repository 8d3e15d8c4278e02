"""The words of digests for the channel, which has no web app to make them. Pure.

Counts and names of staff only: what leaves the house names no customer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from crm_boost.notifications.digest_kinds import Digest

Language = Literal["en", "id"]
_MOST_STAFF = 10

_WORDS: dict[str, dict[Language, str]] = {
    "follow_ups": {
        "en": "Follow-ups of {day}: {count} wait ({critical} for 7+ days, {high} for 3+ days)",
        "id": "Tindak lanjut {day}: {count} menunggu ({critical} sudah 7+ hari, {high} sudah 3+ hari)",
    },
    "at_risk": {
        "en": "At risk on {day}: {count} customers (14+ days: {critical}, 7+: {high}, 3+: {medium})",
        "id": "Berisiko {day}: {count} pelanggan (14+ hari: {critical}, 7+: {high}, 3+: {medium})",
    },
    "daily_summary": {
        "en": "Deposits of {day}: {money} ({forms} forms, {ndp} NDP, {rdp} RDP); the day before {before}",
        "id": "Deposit {day}: {money} ({forms} form, {ndp} NDP, {rdp} RDP); hari sebelumnya {before}",
    },
    "more": {"en": "and {count} more", "id": "dan {count} lainnya"},
    "nothing": {"en": "Nothing waits.", "id": "Tidak ada yang menunggu."},
}


@dataclass(frozen=True, slots=True)
class DigestFigures:
    """`total` is what the first line says; `staff` are name and figure of those concerned, the most first."""

    digest: Digest
    day: date
    total: Mapping[str, int | float]
    staff: Sequence[tuple[str, int | float]]
    told: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Who is told in the app, by id, and the data of their message."""


def text_of(figures: DigestFigures, language: Language) -> str:
    """Return the digest as the channel is sent it."""
    values = {name: _number(value, language) for name, value in figures.total.items()}
    lines = [_WORDS[figures.digest][language].format(day=f"{figures.day:%d/%m/%Y}", **values)]
    lines += [f"• {name}: {_number(value, language)}" for name, value in figures.staff[:_MOST_STAFF]]
    if len(figures.staff) > _MOST_STAFF:
        lines.append(_WORDS["more"][language].format(count=len(figures.staff) - _MOST_STAFF))
    if not figures.staff:
        lines.append(_WORDS["nothing"][language])
    return "\n".join(lines)


def _number(value: float, language: Language) -> str:
    digits = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return digits.translate(str.maketrans(",.", ".,")) if language == "id" else digits
