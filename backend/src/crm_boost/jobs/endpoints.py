"""Routes of jobs (spec 3.6), and the kept address that tells of them (spec 7.6)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, Writer, WriteSession
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.jobs import service
from crm_boost.jobs.schemas import JobChange, JobOut, ReportsConfig, RunDetail
from crm_boost.jobs.service import Jobs
from crm_boost.web.lists import Listing, list_response, rows_response

router = APIRouter(tags=["jobs"])

Manager = Annotated[Principal, Depends(allow(Permission.JOBS_MANAGE, Page.SETTINGS))]
Once = Annotated[Idempotency, Depends(idempotency)]


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs.jobs
    return jobs


def _waking(request: Request, session: Writer) -> WriteSession:
    """The unit of work; once it is committed, this process looks at the jobs at once."""
    session.after_commit(request.app.state.jobs.wake)
    return session


Known = Annotated[Jobs, Depends(_jobs)]
WakingWriter = Annotated[WriteSession, Depends(_waking)]


@router.get("/jobs", response_model=list[JobOut])
async def list_jobs(_: Manager, session: Reader, jobs: Known) -> Response:
    """Every job: schedule, next time, what it does now, how its last run ended. A few rows, never paged."""
    rows = await service.list_jobs(session, jobs)
    return rows_response(rows, {"X-Total-Count": str(len(rows))})


@router.patch("/jobs/{job_key}", response_model=JobOut)
async def change_job(_: Manager, session: WakingWriter, jobs: Known, job_key: str, body: JobChange) -> Response:
    """Change the schedule (HH:MM or five cron fields, business zone; 422 for one that cannot be), pause, go on."""
    return rows_response(await service.change_job(session, jobs, job_key, body))


@router.post("/jobs/{job_key}/run", response_model=JobOut)
async def run_job(_: Manager, session: WakingWriter, jobs: Known, once: Once, job_key: str) -> Response:
    """Have a job run now; 409 while it runs."""

    async def effect() -> dict[str, Any]:
        return await service.ask_run(session, jobs, job_key)

    return rows_response(await once.once(session, effect))


@router.get("/jobs/{job_key}/runs", response_model=list[RunDetail])
async def list_runs(
    _: Manager, session: Reader, jobs: Known, request: Request, page: Listing, job_key: str
) -> Response:
    """The runs of a job with every attempt, the newest first."""
    found = await service.list_runs(session, jobs, job_key, cursor=page.cursor, limit=page.limit)
    return list_response(request, found)


@router.get("/scheduled-reports/config", response_model=ReportsConfig)
async def get_reports_config(_: Manager, session: Reader, jobs: Known) -> Response:
    """Kept: what runs by the clock, and whether anything does."""
    return rows_response(await service.reports_config(session, jobs))
