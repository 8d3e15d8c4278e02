"""One desk through any number of crashes: work, kill, restart, ask again, look."""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import text

from bench.killing import checks
from bench.killing.client import Gone, Line, Violation
from bench.killing.server import Server
from bench.killing.team import Team, assemble
from crm_boost.db.engine import Database
from crm_boost.settings import Settings
from crm_boost.wiring import build_bus
from tests.support.invariants import broken, unsound_ledger
from tests.webhooks.receiver import Receiver, receiver

_AT_ONCE, _AFTER_A_WHILE = (0.001, 0.05), (0.05, 2.0)
"""Seconds after the first write of a round between which it is killed."""
_SHARE_AT_ONCE = 0.25
_SHARE_WHILE_STARTING = 0.1
"""How often one that starts is killed as well, within its first second, while it clears up after the one before."""

_TELL_EVERY = 20


@dataclass
class Outcome:
    """What came of it. `lost`: acknowledged and not there, or there without an acknowledgement; `broken`: what must hold
    and does not. `unanswered`: how many writes of each kind of client were without an answer when the kill came."""

    rounds: int = 0
    killed_starting: int = 0
    lost: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unanswered: Counter[str] = field(default_factory=Counter)
    start_seconds: list[float] = field(default_factory=list)
    acknowledged: int = 0
    repeated: int = 0
    interrupted_imports: int = 0
    lost_attempts: int = 0

    @property
    def is_good(self) -> bool:
        return not self.lost and not self.broken


@asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[Database]:
    """The database, open for as long as it is looked at: at a restart nobody but the server has it open, as after a crash."""
    try:
        yield database
    finally:
        await database.dispose()


def _client(server: Server) -> httpx.AsyncClient:
    # Nothing here is encrypted: reading the certificates of the system would take longer than many a round works.
    transport = httpx.AsyncHTTPTransport(verify=False, limits=httpx.Limits(max_connections=None))
    return httpx.AsyncClient(base_url=server.url, transport=transport, timeout=60, trust_env=False)


async def _started(settings: Settings, log: Path, outcome: Outcome, rng: random.Random) -> Server:
    while rng.random() < _SHARE_WHILE_STARTING:
        unlucky = Server(settings, log)
        await asyncio.sleep(rng.uniform(0, 1))
        unlucky.kill()
        outcome.killed_starting += 1
    began = time.monotonic()
    server = Server(settings, log)
    try:
        await server.ready()
    except BaseException:
        server.kill()
        raise
    outcome.start_seconds.append(time.monotonic() - began)
    return server


async def run(
    settings: Settings,
    log: Path,
    rounds: int,
    seed: int,
    *,
    minutes: float = math.inf,
    to_the_end: bool = True,
    tell: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Kill the server of a fresh desk so many times, for so many minutes, or until something is wrong. `to_the_end`: then
    wait until all jobs and messages are through, those too that a killed process had taken, which takes minutes. `tell`
    hears how far it is."""
    outcome, rng, end = Outcome(), random.Random(seed), time.monotonic() + minutes * 60
    database = Database(settings, build_bus())
    async with _opened(database):
        team = await assemble(database, seed)
    async with receiver() as told:
        server = await _started(settings, log, outcome, rng)
        try:
            async with _client(server) as client:
                await team.begin(client, told)
            while outcome.rounds < rounds and outcome.is_good and time.monotonic() < end:
                await _work_until_killed(server, team, rng, outcome)
                server = await _started(settings, log, outcome, rng)
                await _look(database, server, team, outcome)
                outcome.rounds += 1
                if outcome.rounds % _TELL_EVERY == 0:
                    tell(f"{outcome.rounds} rounds, {team.counts.acknowledged} writes acknowledged")
            if outcome.is_good and to_the_end:
                await _end(database, team, told, outcome)
        finally:
            server.kill()
    outcome.acknowledged, outcome.repeated = team.counts.acknowledged, team.counts.repeated
    return outcome


async def _work_until_killed(server: Server, team: Team, rng: random.Random, outcome: Outcome) -> None:
    delay = rng.uniform(*(_AT_ONCE if rng.random() < _SHARE_AT_ONCE else _AFTER_A_WHILE))
    async with _client(server) as client:
        line = Line(server, client)
        work = [asyncio.create_task(one.work(line)) for one in team.clients]
        await line.began.wait()
        await asyncio.sleep(delay)
        server.kill()
        for ended in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(ended, Violation):
                outcome.lost.append(str(ended))
            elif isinstance(ended, BaseException):
                raise ended
    outcome.unanswered.update(type(one).__name__ for one in team.clients if one.is_unsure)


async def _look(database: Database, server: Server, team: Team, outcome: Outcome) -> None:
    async with _opened(database):
        await checks.settled(database)
        async with _client(server) as client:
            line = Line(server, client)
            for one in team.clients:
                try:
                    await one.settle(line)
                except Violation as error:
                    outcome.lost.append(str(error))
                except Gone as error:
                    raise RuntimeError("the server is gone although nobody has killed it") from error
        async with database.read() as session:
            for one in team.clients:
                outcome.lost += await one.check(session)
            outcome.broken += await broken(session, database)


async def _end(database: Database, team: Team, told: Receiver, outcome: Outcome) -> None:
    async with _opened(database):
        try:
            await checks.everything_done(database)
        except TimeoutError as error:
            outcome.broken.append(str(error))
            return
        outcome.lost += await checks.untold(database, team.planner.runs)
        outcome.lost += team.untold(told)
        async with database.read() as session:
            outcome.broken += await broken(session, database)
            interrupted = text("SELECT count(*) FROM imports WHERE error_code = 'interrupted'")
            outcome.interrupted_imports = await session.scalar(interrupted) or 0
            lost = text("SELECT count(*) FROM job_attempts WHERE state = 'lost'")
            outcome.lost_attempts = await session.scalar(lost) or 0
        outcome.broken += await unsound_ledger(database)
