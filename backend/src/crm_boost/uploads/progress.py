"""How far an import is: rows done, rate and time to go (spec 2.2). Pure; the caller brings the clock."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Progress:
    """Progress of the current phase. `started` and all times are monotonic seconds."""

    phase: str = "waiting"
    rows_done: int = 0
    rows_total: int | None = None
    started: float = 0.0

    def enter(self, phase: str, rows_total: int | None, now: float) -> None:
        """Begin a phase."""
        self.phase, self.rows_done, self.rows_total, self.started = phase, 0, rows_total, now

    def snapshot(self, now: float) -> dict[str, Any]:
        """Return what the API shows: rate in rows per second and ETA in seconds, null where not known yet."""
        elapsed = now - self.started
        rate = self.rows_done / elapsed if self.rows_done and elapsed > 0 else None
        left = None if self.rows_total is None else max(self.rows_total - self.rows_done, 0)
        return {
            "phase": self.phase,
            "rows_done": self.rows_done,
            "rows_total": self.rows_total,
            "rate": round(rate, 1) if rate else None,
            "eta_seconds": round(left / rate, 1) if rate and left is not None else None,
        }
