"""What is asked of the parsing child, and what it answers (spec 2.2)."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from crm_boost.databases.imports.limits import ImportLimits


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column (from 0) is the username, which the name, which the phone; None where there is none."""

    username: int | None = None
    name: int | None = None
    phone: int | None = None


@dataclass(frozen=True, slots=True)
class StageRequest:
    """One file to be staged.

    ``sheet``, ``header_row`` (from 1; 0 = no header) and ``mapping`` are the person's choices; None means: find out.
    ``require_username`` refuses a file whose username column is not clear, for uploads that nobody reviews.
    """

    path: str
    filename: str
    staging_path: str
    sheet: str | None = None
    header_row: int | None = None
    mapping: Mapping | None = None
    default_country: str = "ID"
    require_username: bool = False
    limits: ImportLimits = field(default_factory=ImportLimits)

    @property
    def part_path(self) -> Path:
        """Where the staging file is written before it takes its name: only a complete one ever has it."""
        return Path(self.staging_path + ".part")

    def to_json(self) -> dict[str, Any]:
        """Return the request as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "StageRequest":
        """Rebuild a request from ``to_json``."""
        plain = {key: value for key, value in data.items() if key not in ("mapping", "limits")}
        mapping = Mapping(**data["mapping"]) if data.get("mapping") else None
        return cls(**plain, mapping=mapping, limits=ImportLimits(**data["limits"]))


@dataclass(frozen=True, slots=True)
class StageProgress:
    """How far the child is: the phase ("reading", "staging"), rows done, and all rows where that is known."""

    phase: str
    rows_done: int
    rows_total: int | None


@dataclass(frozen=True, slots=True)
class StageCounts:
    """How the rows of the file fall apart: rows_total = ok + duplicates_in_file + rejected + blank."""

    rows_total: int = 0
    ok: int = 0
    duplicates_in_file: int = 0
    rejected: int = 0
    blank: int = 0
    bad_phones: int = 0
    rejected_reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageResult:
    """What was found; the rows themselves are in the staging file.

    ``sheets`` is [{name, rows, hidden}], ``detected`` is {role: {column, confidence}} for the three roles,
    ``preview_rows`` are the first 50 rows that are not blank, cell texts aligned with ``columns``.
    """

    kind: str
    sheets: list[dict[str, Any]]
    sheet: str | None
    header_row: int
    columns: list[str]
    mapping: Mapping
    detected: dict[str, dict[str, Any]]
    preview_rows: list[list[str]]
    counts: StageCounts
    rejected_file: bool

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "StageResult":
        """Rebuild a result from ``to_json``."""
        values = {item.name: data[item.name] for item in fields(cls)}
        values["mapping"] = Mapping(**data["mapping"])
        values["counts"] = StageCounts(**data["counts"])
        return cls(**values)
