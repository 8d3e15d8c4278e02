"""Refusals about jobs."""

from crm_boost.kit.errors import Conflict, NotFound


class UnknownJob(NotFound):
    code = "unknown_job"
    title = "No such job"


class JobRunning(Conflict):
    """It runs already; one run of a job at a time."""

    code = "job_running"
    title = "This job is running"


class PauseNeedsConfirmation(Conflict):
    """A job that keeps a promise to people is paused only by somebody who says that it is meant."""

    code = "pause_needs_confirmation"
    title = "Pausing this needs a confirmation"
