"""A desk that is older than the tables of follow-ups, retention and figures of work: they are filled once, when the server
starts, beside its work; what breaks off is gone on with."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Table, delete, select

from crm_boost.analytics import rebuild as work_figures
from crm_boost.analytics import work_write_repository as figures
from crm_boost.analytics.models import RESPONSE_COUNTS, WorkDay, WorkItem
from crm_boost.db.engine import Database
from crm_boost.deposits import booking
from crm_boost.deposits.schemas import DepositForm
from crm_boost.followups.models import FollowUp, FollowUpDay, FollowUpTotal
from crm_boost.identity.principal import Principal
from crm_boost.jobs.models import JobRun
from crm_boost.jobs.registry import JOBS, registry
from crm_boost.jobs.runner import JobRunner
from crm_boost.kit.clock import frozen
from crm_boost.retention.models import RetentionCount, RetentionCustomer
from crm_boost.settings import JobSettings
from crm_boost.uploads.runner import WorkerName
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.support.factories import Account, Stored, make_database, make_user

NOW = datetime(2025, 3, 20, 5, 0, tzinfo=UTC)
QUIET = JobSettings(enabled=False, retry_seconds=60, stop_seconds=5)
_MODELS = (WorkItem, WorkDay, FollowUp, FollowUpTotal, FollowUpDay, RetentionCustomer, RetentionCount)
FILLED = (*(cast(Table, model.__table__) for model in _MODELS), RESPONSE_COUNTS)
FILLING = registry(*(spec for spec in JOBS.values() if spec.fills))


def runner(database: Database, name: str = "one") -> JobRunner:
    return JobRunner(database, QUIET, FILLING, name=WorkerName(name, 11, name))


async def look(desk: JobRunner, at: datetime = NOW) -> None:
    with frozen(at):
        await desk.look()
        await desk.look()
        await desk.wait()


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    async with database.read() as session:
        for table in FILLED:
            rows = await session.execute(select(table).order_by(*table.primary_key))
            found[table.name] = [tuple(row) for row in rows]
    return found


async def book(database: Database, staff: Account, product_id: str, customer: str) -> None:
    form = {"product_id": product_id, "record_date": NOW.date(), "customer_id": customer, "nominal": 1000}
    async with database.write() as session:
        who = Principal(staff.id, staff.name, staff.role, frozenset(), "")
        await booking.book(session, who, DepositForm.model_validate(form))


async def at_work(database: Database) -> tuple[Account, list[Stored]]:
    """Two databases with hand-outs, marks, and deposits of some who said yes."""
    staff = await make_user(database)
    pools = [await make_database(database, 4, prefix=f"c{number}-") for number in range(2)]
    for stored in pools:
        await engine.pick(database, stored, staff, stored.record_ids[:3])
        for record_id in stored.record_ids[:2]:
            await contacts.mark(database, staff, record_id, {contacts.RESPOND: "ya"})
        await book(database, staff, stored.product_id, "c0-0" if stored is pools[0] else "c1-0")
    return staff, pools


async def forget(database: Database) -> None:
    """The tables are as a migration leaves them: there, and empty."""
    async with database.write() as session:
        for table in reversed(FILLED):
            await session.execute(delete(table))


async def test_an_older_desk_is_filled_once_when_the_server_starts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with frozen(NOW):
        staff, pools = await at_work(database)
        right = await everything(database)
        assert all(right.values())
        await forget(database)
    # Nobody waits until a whole database is gone through.
    monkeypatch.setattr(work_figures, "rebuild", None)
    monkeypatch.setattr(work_figures, "_AT_ONCE", 1)
    first, second = runner(database), runner(database, "two")
    await asyncio.gather(look(first), look(second))
    await look(second, NOW + timedelta(seconds=5))
    assert await everything(database) == right
    async with database.read() as session:
        runs = list((await session.execute(select(JobRun.job_key, JobRun.kind, JobRun.state))).all())
    assert sorted(runs) == [(key, "caught_up", "succeeded") for key in sorted(FILLING)]
    with frozen(NOW):
        await contacts.mark(database, staff, pools[1].record_ids[2], {contacts.RESPOND: "tidak"})
        assert len((await everything(database))["work_items"]) == len(right["work_items"]) + 1


async def test_what_breaks_off_is_gone_on_with(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen(NOW):
        await at_work(database)
        right = await everything(database)
        await forget(database)
    put, calls = figures.put_items, 0

    async def dies_the_second_time(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RuntimeError("the power went")
        await put(*arguments)

    monkeypatch.setattr(figures, "put_items", dies_the_second_time)
    desk = runner(database)
    await look(desk)
    half = (await everything(database))["work_items"]
    assert 0 < len(half) < len(right["work_items"])
    await look(desk, NOW + timedelta(minutes=5))
    assert await everything(database) == right
