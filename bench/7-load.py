"""Promise: mixed work of 20, 100 and 500 people on two cores, SQLite with one server process and PostgreSQL with two behind
one address, without an error and without growth of memory; what the requests take is stated, with no bound.

Real servers over real sockets, with work by the clock as always; the people are simulated by this process (`bench/shifts.py`),
on the same machine. `BENCH_SECONDS` (60) is how long each team works once everybody is signed in, `BENCH_STAFF` who works
("20 100 500"). Half an hour of a hundred people: `BENCH_DATABASE=postgresql BENCH_STAFF=100 BENCH_SECONDS=1800`.

Memory is what the server processes hold themselves, read every few seconds: the median of the last fifth of the time
against that of the second fifth, when everything has been asked for once and everybody is there.
"""

import asyncio
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvloop

from bench.front import one_address
from bench.shifts import Caller, Manager, Person, Tally, Workplace
from bench.support import KINDS, Desk, Report, installation, open_desk, percentile, sized, write_csv
from crm_boost.identity.permissions import Role
from crm_boost.kit.clock import business_date
from crm_boost.settings import Settings
from tests.support.factories import Account, make_user
from tests.support.live import LiveServer, serving

SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
TEAMS = [int(size) for size in os.environ.get("BENCH_STAFF", "20 100 500").split()]
PROCESSES = {"sqlite": 1, "postgresql": 2}
STAFF_PER_MANAGER = 20
RECORDS = sized(100_000)
MODULES = ("normal", "memberwd")
FIRST_HAND_OUT = 40
SIGN_INS_PER_SECOND = 20
GROWTH_MB, GROWTH_SHARE = 24, 0.1
"""A process may grow by so much, or by this share of what it holds: what it remembers is bounded, not constant."""


@dataclass(frozen=True)
class Team:
    """Who works."""

    managers: list[Account]
    staff: list[Account]
    databases: dict[str, str]


async def assemble(desk: Desk, size: int, folder: Path) -> Team:
    """Put people and records into the desk."""
    managers = [await make_user(desk.database, Role.ADMIN) for _ in range(max(size // STAFF_PER_MANAGER, 1))]
    staff = [await make_user(desk.database) for _ in range(size - len(managers))]
    databases = {}
    for module in MODULES:
        databases[module] = await desk.store(
            write_csv(folder / f"{module}.csv", RECORDS // len(MODULES), module), module
        )
    return Team(managers, staff, databases)


async def supply(url: str, team: Team) -> None:
    """Everybody begins with records of both modules."""
    async with httpx.AsyncClient(base_url=url, headers=team.managers[0].auth, timeout=120) as client:
        for module, database_id in team.databases.items():
            for start in range(0, len(team.staff), 20):
                some = [person.id for person in team.staff[start : start + 20]]
                body = {"database_id": database_id, "staff_ids": some, "quantity": FIRST_HAND_OUT * len(some)}
                (await client.post(f"/api/pools/{module}/assign-random", json=body)).raise_for_status()


def megabytes(server: LiveServer) -> float:
    """What the process holds of memory itself."""
    for line in Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not say")


@dataclass(frozen=True)
class Day:
    """How it went: `tally` counts everything from the first sign-in on, `asked` is how many requests came once everybody
    was there; `held` is what each server process held meanwhile, in megabytes."""

    tally: Tally
    asked: int
    held: list[list[float]]


async def work(url: str, desk: Desk, team: Team, servers: Sequence[LiveServer]) -> Day:
    """Let everybody sign in and work."""
    connections = httpx.AsyncHTTPTransport(
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=60)
    )
    tally = Tally()
    today = business_date(desk.settings.business.tz)
    staff_ids = [person.id for person in team.staff]
    place = Workplace(url, desk.product_id, team.databases, staff_ids, today, tally, connections)
    people: list[Person] = [Manager(place, account, number) for number, account in enumerate(team.managers)]
    people += [Caller(place, account, 1000 + number) for number, account in enumerate(team.staff)]
    shifts = [asyncio.create_task(person.shift(number / SIGN_INS_PER_SECOND)) for number, person in enumerate(people)]
    await asyncio.sleep(len(people) / SIGN_INS_PER_SECOND)
    before = len(tally.every)
    held: list[list[float]] = [[] for _ in servers]
    loop = asyncio.get_running_loop()
    end = loop.time() + SECONDS
    while (left := end - loop.time()) > 0:
        for server, values in zip(servers, held, strict=True):
            values.append(megabytes(server))
        await asyncio.sleep(min(left, max(SECONDS / 100, 1)))
    asked = len(tally.every) - before
    for shift in shifts:
        shift.cancel()
    ended = await asyncio.gather(*shifts, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error
    await connections.aclose()
    return Day(tally, asked, held)


@contextmanager
def processes(settings: Settings, count: int) -> Iterator[list[LiveServer]]:
    """Server processes on one database, with work by the clock."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                serving(settings, settings.data_dir / f"server{number}.log", CRM_JOBS__ENABLED="true")
            )
            for number in range(count)
        ]  # fmt: skip


def state(report: Report, name: str, day: Day, servers: Sequence[LiveServer]) -> None:
    """Say how it went."""
    tally, every = day.tally, day.tally.every
    for line in tally.lines():
        report.note(f"{name} {line}")
    for error, times in tally.errors.items():
        report.note(f"{name} error, {times}x: {error}")
    logs = [server.log() for server in servers]
    for log in logs:
        for line in [line for line in log.splitlines() if '"level": "error"' in line or "Traceback" in line][:5]:
            report.note(f"{name} log: {line[:300]}")
    report.note(
        f"{name}: {len(every)} requests, {day.asked / SECONDS:.1f} a second; median {percentile(every, 0.5) * 1000:.0f},"
        f" p95 {percentile(every, 0.95) * 1000:.0f}, p99 {percentile(every, 0.99) * 1000:.0f} ms;"
        f" load of the machine {os.getloadavg()[1]:.1f}"
    )
    report.at_most(f"load.{name}.errors", tally.errors.total(), 0)
    for number, values in enumerate(day.held, start=1):
        fifth = max(len(values) // 5, 1)
        before, after = statistics.median(values[fifth : 2 * fifth]), statistics.median(values[-fifth:])
        report.note(
            f"{name}: process {number} held {values[0]:.0f} MB first, then {before:.0f}, {after:.0f} in the end"
        )
        report.at_most(f"load.{name}.memory.{number}", after - before, max(GROWTH_MB, before * GROWTH_SHARE), "MB")


async def measure(report: Report, kind: str, size: int, settings: Settings) -> None:
    async with open_desk(settings, staff=0) as desk:
        team = await assemble(desk, size, settings.data_dir)
        with processes(settings, PROCESSES[kind]) as servers, one_address([server.port for server in servers]) as url:
            await supply(url, team)
            day = await work(url, desk, team, servers)
            state(report, f"{kind}.{size}", day, servers)


def main() -> int:
    report = Report()
    for kind in KINDS:
        for size in TEAMS:
            with installation(kind) as settings:
                uvloop.run(measure(report, kind, size, settings))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
