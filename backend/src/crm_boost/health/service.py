"""Looking at the health of the data, and how it is watched (spec 3.5)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm_boost.configuration.service import Stored, read, write
from crm_boost.db.audit import record_audit
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.health.catalog import all_checks
from crm_boost.health.checks import POINTS, Check, Severity
from crm_boost.health.repositories import journal
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import FieldError, InvalidInput
from crm_boost.kit.paging import Page, decode_cursor

SAMPLE = 10
SMALL_POOL = 50_000
"""Up to so many records a page may compare every one of them; of larger desks it shows what the clock found last."""
_SETTINGS = "health_monitoring"


class Monitoring(BaseModel):
    """How the data is watched, and which findings people are told of."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool = True
    check_interval_hours: Annotated[int, Field(ge=1, le=168)] = 6
    notify_on_warning: bool = False
    """Tell of findings of medium and low severity too."""
    notify_on_critical: bool = True

    def tells_of(self, severity: Severity) -> bool:
        """Whether people are told of findings of this severity."""
        return self.notify_on_critical if severity is Severity.HIGH else self.notify_on_warning


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and when. `checked_at` None: it was never asked yet."""

    check: Check
    count: int
    sample: list[dict[str, Any]]
    checked_at: datetime | None

    def as_row(self) -> dict[str, Any]:
        """Shape it for the API."""
        row = {
            "type": self.check.name,
            "severity": str(self.check.severity),
            "feature": self.check.feature,
            "count": self.count,
            "message": self.check.message.format(count=self.count),
            "auto_fixable": self.check.repair is not None,
            "sample": self.sample,
        }
        return row if self.checked_at is None else {**row, "checked_at": self.checked_at}


def score_of(severities: Iterable[Severity]) -> int:
    """Return the score of findings, one for each type (spec 3.5): 100 less what each costs, never below 0."""
    return max(0, 100 - sum(POINTS[severity] for severity in severities))


def status_of(score: int) -> str:
    """Return the word for a score."""
    return "healthy" if score >= 80 else "warning" if score >= 50 else "critical"


async def ask(session: ReadSession, check: Check, module: str | None = None) -> Finding:
    """Ask one check now."""
    count, sample = await journal.look(session, await check.find(session, module), SAMPLE)
    return Finding(check, count, sample, utc_now())


async def look(session: ReadSession, module: str | None = None) -> list[Finding]:
    """Return what the checks find, those of one module where given. Deep ones are asked now only on a small desk;
    otherwise they say what they found last, and when."""
    checks = [check for check in all_checks() if module is None or check.of_records]
    is_small = await journal.keys_in_pool(session) <= SMALL_POOL
    stored = {} if is_small else await journal.stored_findings(session)
    found = []
    for check in checks:
        if is_small or not check.deep or module is not None:
            found.append(await ask(session, check, module))
            continue
        last = stored.get(check.name)
        found.append(Finding(check, last.count, last.sample, last.checked_at) if last else Finding(check, 0, [], None))
    return found


async def health_check(session: ReadSession, module: str | None) -> dict[str, Any]:
    """Return the score, what is at fault, and every check, also the clean ones."""
    found = await look(session, module)
    bad = [item for item in found if item.count]
    score = score_of(item.check.severity for item in bad)
    return {
        "health_score": score,
        "status": status_of(score),
        "issues": [item.as_row() for item in bad if item.check.severity is not Severity.LOW],
        "warnings": [item.as_row() for item in bad if item.check.severity is Severity.LOW],
        "checks": [item.as_row() for item in found],
        "stats": {
            "checks": len(found),
            "clean": len(found) - len(bad),
            "at_fault": sum(item.count for item in bad),
            **await journal.sizes(session),
        },
        "checked_at": utc_now(),
    }


async def sync_status(session: ReadSession) -> dict[str, Any]:
    """Return for each part of the desk whether everything in it is in step."""
    found = await look(session)
    return {**_features(found), "checked_at": utc_now()}


def _features(found: Sequence[Finding]) -> dict[str, Any]:
    total = Counter(item.check.feature for item in found)
    bad = Counter(item.check.feature for item in found if item.count)
    features = [
        {"feature": name, "status": "out_of_sync" if bad[name] else "synced", "checks": count, "issues": bad[name]}
        for name, count in total.items()
    ]
    return {
        "overall_status": "out_of_sync" if bad else "synced",
        "synced_features": sum(not bad[name] for name in total),
        "total_features": len(total),
        "features": features,
    }


async def monitoring(session: ReadSession) -> Stored[Monitoring]:
    """Return how the data is watched."""
    return await read(session, _SETTINGS, Monitoring)


async def merged_monitoring(session: ReadSession, given: dict[str, Any]) -> Monitoring:
    """Return the monitoring with what is given changed; 422 for a value that is not possible."""
    merged = {**(await monitoring(session)).value.model_dump(), **given}
    try:
        return Monitoring.model_validate(merged)
    except ValidationError as error:
        errors = [FieldError(".".join(map(str, item["loc"])), item["msg"], item["type"]) for item in error.errors()]
        raise InvalidInput(errors[0].message, errors=errors) from error


async def change_monitoring(session: WriteSession, changed: Monitoring) -> Stored[Monitoring]:
    """Change how the data is watched."""
    stored = await write(session, _SETTINGS, changed)
    await note(session, "monitoring_changed", "monitoring", **changed.model_dump(mode="json"))
    return stored


async def note(session: WriteSession, action: str, object_id: str, **detail: Any) -> None:
    """Write an entry of the activity log; open pages read it again."""
    await record_audit(session, action, journal.KIND, object_id, **detail)
    await announce(session, "health", {})


async def activity(session: ReadSession, *, cursor: str | None, limit: int) -> Page[dict[str, Any]]:
    """Return a page of the activity log, the newest first."""
    after = decode_cursor(cursor, kinds=(int,))[0] if cursor else None
    page = await journal.activity(session, after=after, limit=limit)
    rows = [_entry(row) for row in page.rows]
    return Page(rows, page.total, page.next_cursor)


def _entry(row: Any) -> dict[str, Any]:
    shaped = {
        "id": str(row.seq),
        "type": row.action,
        "at": row.at,
        "actor_name": row.actor_name,
        "detail": row.detail,
    }
    if row.repair_id is not None:
        shaped.update(repair_id=row.repair_id, can_undo=row.action == "repair" and row.undone_at is None)
    return shaped
