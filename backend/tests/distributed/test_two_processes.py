"""Two processes behind one address: whichever is asked, the answer is that of one desk."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from crm_boost.access.models import AccessCount
from crm_boost.assignments.models import RecordHistory
from crm_boost.db.engine import Database
from crm_boost.deposits.models import Deposit
from crm_boost.jobs.models import Job, JobAttempt, JobRun
from crm_boost.jobs.registry import JOBS
from crm_boost.jobs.repository import add_jobs
from crm_boost.kit.clock import utc_now
from crm_boost.settings import Settings
from tests.distributed.conftest import TOKEN_REQUESTS
from tests.support.factories import PASSWORD, Account, make_database, make_product, make_user
from tests.support.live import LiveServer, serving

pytestmark = pytest.mark.timeout(180)

PATIENCE = 60.0

Both = tuple[httpx.AsyncClient, httpx.AsyncClient]


@pytest.fixture
async def both(servers: tuple[LiveServer, LiveServer]) -> AsyncIterator[Both]:
    """A client of each process."""
    one, two = servers
    async with (
        httpx.AsyncClient(base_url=one.url, timeout=PATIENCE) as here,
        httpx.AsyncClient(base_url=two.url, timeout=PATIENCE) as there,
    ):
        yield here, there


async def until(found: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not await found():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


class Listening:
    """An open stream of somebody."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.last_id = ""

    async def line(self) -> str:
        async with asyncio.timeout(PATIENCE):
            line = await anext(self._lines)
        if line.startswith("id: "):
            self.last_id = line.removeprefix("id: ")
        return line

    async def opened(self) -> None:
        """Wait until it says how far it has come: what is announced from here on is heard."""
        while not self.last_id:
            await self.line()

    async def until_topic(self, topic: str) -> None:
        """Wait until it is told that something of this kind has changed."""
        while f'"topic":"{topic}"' not in await self.line():
            pass
        # The id of an event stands behind what it says.
        await self.line()

    async def ended(self) -> None:
        """Wait until the process has ended it."""
        with suppress(StopAsyncIteration, httpx.RemoteProtocolError):
            while True:
                await self.line()


def listening(server: httpx.AsyncClient, who: Account, last_id: str = "") -> Any:
    headers = {**who.auth, "Accept": "text/event-stream", **({"Last-Event-ID": last_id} if last_id else {})}
    return server.stream("GET", "/api/stream", headers=headers)


async def booked(server: httpx.AsyncClient, staff: Account, product: str, customer: str) -> None:
    body = {"product_id": product, "record_date": "2025-01-01", "customer_id": customer, "nominal": 1000}
    answer = await server.post("/api/omset", json=body, headers=staff.auth)
    assert answer.status_code == 200, answer.text


async def test_a_change_through_one_process_is_heard_at_the_other(both: Both, database: Database) -> None:
    here, there = both
    staff, product = await make_user(database), await make_product(database)
    async with listening(there, staff) as answer:
        stream = Listening(answer)
        await stream.opened()
        await booked(here, staff, product, "booked here, heard there")
        await stream.until_topic("deposits")


async def test_a_browser_whose_process_stops_goes_on_at_another(
    both: Both, database: Database, settings: Settings, tmp_path: Path
) -> None:
    here, there = both
    staff, product = await make_user(database), await make_product(database)
    with ExitStack() as running:
        third = await asyncio.to_thread(running.enter_context, serving(settings, tmp_path / "third.log"))
        async with (
            httpx.AsyncClient(base_url=third.url, timeout=PATIENCE) as leaving,
            listening(leaving, staff) as answer,
        ):
            stream = Listening(answer)
            await stream.opened()
            await booked(here, staff, product, "heard before it stopped")
            await stream.until_topic("deposits")
            third.process.terminate()
            await stream.ended()
    await booked(here, staff, product, "booked while nobody listened")
    async with listening(there, staff, stream.last_id) as answer:
        again = Listening(answer)
        # Said before it has come as far as this process, or when this process comes by it.
        await again.until_topic("deposits")


async def test_what_is_due_is_run_once(both: Both, database: Database) -> None:
    keys, now = sorted(JOBS), utc_now()
    async with database.write() as writer:
        await add_jobs(writer, keys, now)
        # Due times that have passed, which both processes find as soon as they look.
        await writer.execute(update(Job).values(counts_from=now - timedelta(days=3)))
    runs: list[JobRun] = []

    async def are_done() -> bool:
        async with database.read() as session:
            runs[:] = (await session.scalars(select(JobRun).where(JobRun.due_at <= now))).all()
        return {run.job_key for run in runs} == set(keys) and all(run.ended_at for run in runs)

    await until(are_done)
    async with database.read() as session:
        begun = await session.scalars(
            select(JobAttempt.run_seq).where(JobAttempt.run_seq.in_([run.seq for run in runs]))
        )
    assert sorted(begun.all()) == sorted(run.seq for run in runs)
    assert {run.state for run in runs} == {"succeeded"}


async def test_failed_sign_ins_are_counted_together(both: Both, database: Database, settings: Settings) -> None:
    person = await make_user(database)
    most = settings.auth.max_failures

    async def sign_in(server: httpx.AsyncClient, password: str) -> int:
        body = {"email": person.email, "password": password}
        return (await server.post("/api/auth/login", json=body)).status_code

    failed = [await sign_in(both[turn % 2], "not this one") for turn in range(most)]
    then = [await sign_in(server, PASSWORD) for server in both]

    assert (failed, then) == ([401] * most, [429, 429])


async def test_requests_of_a_token_are_counted_together(both: Both, database: Database) -> None:
    person = await make_user(database)
    while True:
        made = await both[0].post("/api/tokens", json={"name": "Script", "scopes": ["read"]}, headers=person.auth)
        bearer = {"Authorization": f"Bearer {made.json()['token']}"}
        minute = utc_now().replace(second=0, microsecond=0)
        asked = [(await both[turn % 2].get("/api/auth/me", headers=bearer)).status_code for turn in range(16)]
        if utc_now().replace(second=0, microsecond=0) == minute:
            break

    assert asked == [200] * TOKEN_REQUESTS + [429] * (16 - TOKEN_REQUESTS)


async def test_searches_are_counted_together_and_a_changed_limit_holds_everywhere(
    both: Both, database: Database
) -> None:
    here, there = both
    admin, staff = await make_user(database, "admin"), await make_user(database)

    async def search(server: httpx.AsyncClient) -> int:
        return (await server.get("/api/search?q=customer", headers=staff.auth)).status_code

    # The other process knows the old limits by now.
    assert await search(there) == 200
    changed = await here.put("/api/settings/access-limits", json={"searches_per_day": 3}, headers=admin.auth)
    assert changed.status_code == 200
    assert (await there.get("/api/settings/access-limits", headers=admin.auth)).json()["searches_per_day"] == 3

    async def is_refused() -> bool:
        return await search(there) == 429

    # It goes by new ones as soon as it has written down what it counted.
    await until(is_refused)

    async def are_written() -> bool:
        async with database.read() as session:
            mine = select(func.sum(AccessCount.count)).where(AccessCount.user_id == staff.id)
            return (await session.scalar(mine) or 0) >= 3

    await until(are_written)
    assert await search(here) == 429


CHANGES: dict[str, tuple[str, str, dict[str, Any] | None, int]] = {
    "deactivated": ("PATCH", "/api/users/{id}", {"is_active": False}, 401),
    "another password": ("PATCH", "/api/users/{id}", {"password": "another one entirely"}, 401),
    "signed out": ("DELETE", "/api/users/{id}/sessions", None, 401),
    "removed": ("DELETE", "/api/users/{id}", None, 401),
    "page blocked": ("PATCH", "/api/users/{id}", {"blocked_pages": ["customers"]}, 403),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_who_may_not_any_more_is_refused_by_the_other_process_at_once(
    both: Both, database: Database, change: str
) -> None:
    here, there = both
    admin, staff = await make_user(database, "master_admin"), await make_user(database)
    method, path, body, refused = CHANGES[change]

    async def asks() -> int:
        return (await there.get("/api/my/records", headers=staff.auth)).status_code

    before = [await asks() for _ in range(2)]
    answer = await here.request(method, path.format(id=staff.id), json=body, headers=admin.auth)
    assert answer.status_code in {200, 204}, answer.text

    assert (before, await asks()) == ([200, 200], refused)


async def test_one_key_has_one_effect_whichever_process_is_asked(both: Both, database: Database) -> None:
    staff, product = await make_user(database), await make_product(database)
    body = {"product_id": product, "record_date": "2025-01-01", "customer_id": "twice", "nominal": 1000}
    key = {"Idempotency-Key": f"once {staff.id}"}
    answers = await asyncio.gather(
        *(server.post("/api/omset", json=body, headers={**staff.auth, **key}) for server in both * 3)
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    async with database.read() as session:
        assert await session.scalar(select(func.count()).where(Deposit.staff_id == staff.id)) == 1


async def test_no_record_is_dealt_twice_by_two_processes(both: Both, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), [await make_user(database) for _ in range(4)]
    stored = await make_database(database, 60)
    answers = await asyncio.gather(
        *(
            both[turn % 2].post(
                "/api/pools/normal/assign-random",
                json={"database_id": stored.id, "staff_ids": [staff[turn % 4].id], "quantity": 5},
                headers=admin.auth,
            )
            for turn in range(8)
        )
    )

    assert [answer.status_code for answer in answers] == [200] * 8, [answer.text for answer in answers]
    async with database.read() as session:
        dealt = select(RecordHistory.record_seq).where(
            RecordHistory.record_seq.between(stored.first_seq, stored.first_seq + 59)
        )
        seqs = (await session.scalars(dealt)).all()
    assert len(seqs) == len(set(seqs)) == 40


async def test_a_file_that_one_process_wrote_is_given_by_the_other(both: Both, database: Database) -> None:
    here, there = both
    staff, product = await make_user(database), await make_product(database)
    await booked(here, staff, product, "in a file")
    ordered = await here.post("/api/exports", json={"kind": "omset", "format": "csv"}, headers=staff.auth)
    assert ordered.status_code in {200, 201, 202}, ordered.text
    place = f"/api/exports/{ordered.json()['id']}"

    async def is_done() -> bool:
        found: str = (await there.get(place, headers=staff.auth)).json()["state"]
        return found == "done"

    await until(is_done)
    link = (await there.post(f"{place}/link", headers=staff.auth)).json()["url"]
    assert "in a file" in (await there.get(link)).text


async def test_an_import_begun_at_one_process_is_finished_at_the_other(both: Both, database: Database) -> None:
    here, there = both
    admin, product = await make_user(database, "admin"), await make_product(database)
    rows = "\n".join(f"both{number},Person {number},0812{number:07d}" for number in range(20))
    begun = await here.post(
        "/api/imports",
        files={"file": ("customers.csv", f"Username,Name,Phone\n{rows}\n".encode())},
        data={"module": "normal", "product_id": product},
        headers=admin.auth,
    )
    assert begun.is_success, begun.text
    place, found = f"/api/imports/{begun.json()['id']}", dict[str, Any]()

    async def waits_to_be_confirmed() -> bool:
        found.update((await there.get(place, headers=admin.auth)).json())
        return bool(found["state"] == "ready")

    await until(waits_to_be_confirmed)
    confirmed = await there.post(
        f"{place}/commit", json={"name": "From both", "duplicates": "skip"}, headers=admin.auth
    )
    assert confirmed.is_success, confirmed.text

    async def is_done() -> bool:
        found.update((await here.get(place, headers=admin.auth)).json())
        return bool(found["state"] == "done")

    await until(is_done)
    assert (found["result"]["rows_total"], found["result"]["stored"]) == (20, 20)
