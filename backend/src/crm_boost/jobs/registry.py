"""Every job, one line each (spec 3.6). Times are meant in the business zone."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from crm_boost.analytics import rebuild as work_figures
from crm_boost.databases import counting as record_counts
from crm_boost.db.engine import Database
from crm_boost.deposits import rebuild
from crm_boost.exports.tidying import run as export_cleanup
from crm_boost.followups import rebuild as follow_ups
from crm_boost.health import proactive
from crm_boost.jobs import tidying, work
from crm_boost.retention import rebuild as retention

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One job. `run` opens its own units of work and returns what it did, as a few counts; running it twice changes
    nothing more than running it once, because a process may die between its work and the note of it.

    `schedule` holds until an admin changes it. An `essential` job keeps a promise to people: pausing it has to be
    confirmed. A run is tried up to `attempts` times and ended after `limit`. One that `fills` what an older version did
    not store has its first run as soon as a process knows of it, beside the work of the desk.
    """

    key: str
    schedule: str
    run: Callable[[Database], Awaitable[Counts]]
    essential: bool = False
    attempts: int = 3
    limit: timedelta = timedelta(hours=1)
    fills: bool = False


def registry(*jobs: JobSpec) -> dict[str, JobSpec]:
    """Return jobs by their key, in this order."""
    return {job.key: job for job in jobs}


JOBS = registry(
    JobSpec("reservation_cleanup", "00:01", work.reservation_cleanup, essential=True),
    JobSpec("trash_purge", "00:05", tidying.trash_purge),
    JobSpec("record_counts", "*/5 * * * *", record_counts.add_up),
    JobSpec("request_expiry", "*/5 * * * *", work.request_expiry, essential=True),
    JobSpec("health", "20 * * * *", proactive.run),
    JobSpec("rollup_check", "02:10", rebuild.check),
    JobSpec("follow_up_check", "02:40", follow_ups.check, fills=True),
    JobSpec("retention_check", "02:25", retention.check, fills=True),
    JobSpec("record_counts_check", "02:20", record_counts.check),
    JobSpec("work_figures_check", "02:55", work_figures.check, fills=True),
    JobSpec("export_cleanup", "03:20", export_cleanup),
    JobSpec("digest_follow_ups", "08:00", work.digest_follow_ups),
    JobSpec("digest_at_risk", "08:05", work.digest_at_risk),
    JobSpec("digest_daily_summary", "08:10", work.digest_daily_summary),
    JobSpec("session_cleanup", "03:10", tidying.session_cleanup),
)
