"""What an import found, in numbers and a few examples: ids and days, nobody's personal data. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_EXAMPLES = 5
_SHOWN = 2

NOTES: Mapping[str, str] = {
    "same_id_twice": "documents with an id that another one of the same kind has; the first was kept",
    "held_twice": "records that are there twice, held by different people; the later hand-out was kept",
    "record_twice": "records that are there twice; one was kept",
    "in_two_requests": "records that two requests hold; the one named in the record, or the first, was kept",
    "reserved_twice": "active reservations of a customer whom an older one protects; they went to the archive",
    "email_twice": "accounts with an address that another one has; they got an address of their own and are switched off",
    "product_name_twice": "products with a name that another one has; the name got a number",
    "unknown_user": "people named in documents who are not among the users; kept as removed accounts",
    "unknown_product": "products named in documents that are not among the products; kept as retired ones",
    "unknown_database": "databases named in records that are not there; kept under the name that the records give",
    "unknown_role": "accounts with a role that is none; they became staff and are switched off",
    "no_password": "accounts whose password hash is of no known kind; they need a new password",
    "identity_guessed": "databases without a clear column for the customer's identifier; the best one was taken",
    "no_identity": "records without an identifier of the customer; nobody will find them by their customer",
    "status_invalid": "records of the old status 'invalid'; now assigned and judged invalid, or free where nobody held them",
    "status_unknown": "records of a status that is none; now assigned where somebody held them, else free",
    "holder_missing": "records that were assigned to nobody; now free",
    "holder_surplus": "free records that still named a holder; the holder was dropped",
    "dead_request": "records held for a request that is closed or unknown; now free",
    "now_reserved": "free records of customers who are reserved; now kept back for their owner",
    "no_longer_reserved": "records kept back although nobody has reserved their customer; now free",
    "in_conflict": "records held by one while their customer is reserved by somebody else; in the log of conflicts",
    "marks_dropped": "marks on records that nobody holds; there is nobody to whom they belong",
    "mark_unknown": "marks with a value that is none; left out",
    "marked_before": "marks older than the hand-out; they got its time",
    "handed_out_unknown": "held records without a time of the hand-out; they got the time of the upload",
    "batch_made": "batches that are not there, or were never made; made anew, one for each person and database without any",
    "renumbered": "databases whose row numbers are missing or there twice; numbered anew in their order",
    "field_left_out": "documents with a date or a number beside the point that is none; stored without it",
    "total_differs": "deposits whose stored total is not amount times multiplier; the product counts",
    "setting_left_out": "settings that this desk does not have, or refuses",
}
"""What can be noted, and what it means, as the end of "<count> …"."""

REASONS: Mapping[str, str] = {
    "missing": "the old desk had not classified it",
    "tambahan": "a supplementary deposit is never the first one",
    "first_day": "it is on the first day of this customer, product and staff",
    "earlier": "there is an earlier deposit of this customer, product and staff",
}
"""Why a deposit is classified otherwise than it was."""


@dataclass(slots=True)
class Tally:
    """What became of the documents of one collection: read = stored + merged + rejected."""

    read: int = 0
    stored: int = 0
    merged: int = 0
    rejected: int = 0
    digest: str = ""


@dataclass(slots=True)
class Noted:
    """How often something was found, and some of the ids."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(example)


@dataclass(slots=True)
class Report:
    """Everything that a reading of a source found."""

    collections: dict[str, Tally] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    unmapped: dict[str, Counter[str]] = field(default_factory=dict)
    rejected: dict[str, Noted] = field(default_factory=dict)
    notes: dict[str, Noted] = field(default_factory=dict)
    reclassified: dict[str, Noted] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    """What has to be in the tables afterwards: rows by table, money in minor units."""

    def note(self, code: str, example: str) -> None:
        """Note one finding (`NOTES`)."""
        if code not in NOTES:
            raise ValueError(f"there is no note {code!r}")
        self.notes.setdefault(code, Noted()).add(example)

    def unknown_fields(self, collection: str, names: Iterable[str]) -> None:
        """Count fields that nothing is made of."""
        self.unmapped.setdefault(collection, Counter()).update(names)

    def reclassify(self, was: str, now: str, why: str, example: str) -> None:
        """Count a deposit whose class differs from the one it had (`REASONS`)."""
        self.reclassified.setdefault(f"{was or 'none'} > {now}: {REASONS[why]}", Noted()).add(example)

    def as_json(self) -> dict[str, Any]:
        """Shape it for storing and for a file."""
        return {
            "collections": {
                name: {"read": t.read, "stored": t.stored, "merged": t.merged, "rejected": t.rejected}
                for name, t in sorted(self.collections.items())
            },
            "left_out": self.left_out,
            "unmapped": {name: dict(sorted(found.items())) for name, found in sorted(self.unmapped.items()) if found},
            "rejected": {why: _shown(noted) for why, noted in sorted(self.rejected.items())},
            "notes": {code: _shown(noted) | {"meaning": NOTES[code]} for code, noted in sorted(self.notes.items())},
            "reclassified": {what: _shown(noted) for what, noted in sorted(self.reclassified.items())},
            "totals": dict(sorted(self.totals.items())),
        }


def _shown(noted: Noted) -> dict[str, Any]:
    return {"count": noted.count, "examples": noted.examples}


def lines_of(report: Mapping[str, Any]) -> list[str]:
    """Return a report as text for a person."""
    lines = ["Collections (documents read = stored + merged + rejected):"]
    for name, tally in report["collections"].items():
        figures = ", ".join(f"{tally[part]:,} {part}" for part in ("stored", "merged", "rejected") if tally[part])
        lines.append(f"  {name:<26} {tally['read']:>9,} read: {figures or 'nothing'}")
    if report["left_out"]:
        lines.append(f"Collections left out: {', '.join(report['left_out'])}")
    for name, found in report["unmapped"].items():
        lines.append(
            f"Fields of {name} that nothing is made of: " + ", ".join(f"{f} ({n:,})" for f, n in found.items())
        )
    for title, part in (("Rejected", "rejected"), ("Changed on the way", "notes"), ("Classified", "reclassified")):
        if report[part]:
            lines.append(f"{title}:")
        for what, noted in report[part].items():
            meaning = noted.get("meaning", what)
            lines.append(f"  {noted['count']:>9,} {meaning} (such as {', '.join(noted['examples'][:_SHOWN])})")
    return lines
