"""What the data health says of jobs (spec 3.5): those whose work does not get done."""

from crm_boost.db.session import ReadSession
from crm_boost.db.types import Question
from crm_boost.health.checks import Check, Severity
from crm_boost.jobs import repository
from crm_boost.kit.clock import utc_now


async def _stuck(_session: ReadSession, _module: str | None) -> Question:
    return repository.stuck_jobs(utc_now())


STUCK_JOBS = Check(
    "stuck_jobs",
    Severity.MEDIUM,
    "jobs",
    "{count} scheduled jobs have failed for good, or wait for a process that runs them.",
    _stuck,
)
