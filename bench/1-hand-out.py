"""Promise: random hand-outs of 50 by 20 workers, until 100,000 records are dealt, at 10 times the rate of a selection
by ORDER BY random(), p99 under 60 ms through the service, and no record dealt twice.

Both sides use the same engine and write the same things. The usual way selects by sorting, for each hand-out by itself;
ours draws, and does together what is wanted at the same time, as the endpoint does. Beside it: the bare claims.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import func, select, text

from bench.support import Desk, Report, open_desk, percentile, run_on_each, sized, write_csv
from crm_boost.assignments import hand_out
from crm_boost.assignments.dealing import Dealing
from crm_boost.assignments.errors import NotEnoughEligible
from crm_boost.assignments.models import RecordHistory
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.repositories.draw import draw_from_all
from crm_boost.assignments.selection import Pool, Shares, draw
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.idempotency import Idempotency
from crm_boost.db.session import WriteSession
from crm_boost.kit.garbage import spare_what_stays
from crm_boost.settings import Settings

RECORDS = sized(100_000)
WORKERS = 20
AT_ONCE = 50
MODULE = "normal"


async def by_sorting(
    session: WriteSession, pool: Pool, staff_ids: Sequence[str], count: int, _rng: random.Random, _shares: Shares
) -> list[int]:
    """The usual selection: every eligible record gets a random number, all are sorted, the first ones are taken."""
    return await draw_from_all(session, pool.keys, staff_ids, [], count)


Deal = Callable[[hand_out.Receivers], Awaitable[int]]
"""Makes one hand-out; returns how many records it had."""


def as_the_product_does(desk: Desk, database_id: str) -> Deal:
    """Ask at the place where hand-outs meet, as the endpoint does."""
    policy, dealing = policy_of(MODULE), Dealing(desk.database)

    async def deal(receivers: hand_out.Receivers) -> int:
        order = hand_out.Order(receivers, AT_ONCE, allow_partial=True)
        done = await dealing.deal(policy, database_id, order, Idempotency(None, ""))
        return int(done["assigned_count"])

    return deal


def as_usual(desk: Desk, database_id: str) -> Deal:
    """Make each hand-out by itself, of records chosen by sorting."""
    policy = policy_of(MODULE)

    async def deal(receivers: hand_out.Receivers) -> int:
        async with desk.database.write(together=True) as session:
            done = await hand_out.assign_random(session, policy, database_id, receivers, AT_ONCE, allow_partial=True)
        return done.assigned

    return deal


async def deal_all(desk: Desk, deal: Deal, records: int) -> tuple[float, list[float], int]:
    """Deal a database empty; return the seconds it took, those of every hand-out, and how many records were dealt."""
    waits: list[float] = []
    dealt = 0

    async def worker(number: int) -> None:
        nonlocal dealt
        receivers = hand_out.Receivers([desk.staff[number % len(desk.staff)].id])
        while dealt < records:
            started = time.perf_counter()
            try:
                done = await deal(receivers)
            except NotEnoughEligible:
                return
            waits.append(time.perf_counter() - started)
            dealt += done

    started = time.perf_counter()
    await asyncio.gather(*(worker(number) for number in range(WORKERS)))
    return time.perf_counter() - started, waits, dealt


async def doubles(desk: Desk, database_id: str) -> int:
    """Return how many hand-outs hit a record that was dealt already, and how many reported ones never happened."""
    async with desk.database.read() as session:
        ours = select(Record.seq).where(Record.database_id == database_id)
        dealt = await session.scalar(
            select(func.count()).where(Record.database_id == database_id, Record.state == RecordState.ASSIGNED)
        )
        entries = await session.scalar(
            select(func.count()).select_from(RecordHistory).where(RecordHistory.record_seq.in_(ours))
        )
    return abs((entries or 0) - (dealt or 0))


CLAIM_SORTED = """
    UPDATE customer_records SET assigned_to = :staff, state = 'assigned' WHERE seq IN (
        SELECT seq FROM customer_records WHERE seq BETWEEN :first AND :last AND state = 'available'
        ORDER BY random() LIMIT :count {lock}) AND state = 'available'
"""
CLAIM_DRAWN = """
    UPDATE customer_records SET assigned_to = :staff, state = 'assigned' WHERE seq IN ({seqs}) AND state = 'available'
"""


async def bare_claims(desk: Desk, database_id: str, *, drawn: bool, seconds: float) -> float:
    """Return how many bare claims a second 20 workers make on a full pool, without history, batch or events."""
    lock = "" if desk.database.is_sqlite else "FOR UPDATE SKIP LOCKED"
    sorted_claim = text(CLAIM_SORTED.format(lock=lock))
    async with desk.database.read() as session:
        row = await session.get_one(CustomerDatabase, database_id)
        pool = Pool(database_id, row.first_seq, row.last_seq)
    shares, rng, claims = Shares(), random.Random(1), 0
    until = time.perf_counter() + seconds

    async def worker(number: int) -> None:
        nonlocal claims
        staff_id = desk.staff[number % len(desk.staff)].id
        values: dict[str, Any] = {"staff": staff_id, "first": pool.first_seq, "last": pool.last_seq, "count": AT_ONCE}
        while time.perf_counter() < until:
            async with desk.database.write(together=True) as session:
                if drawn:
                    seqs = await draw(session, pool, [staff_id], AT_ONCE, rng, shares)
                    if not seqs:
                        return
                    claim = CLAIM_DRAWN.format(seqs=",".join(map(str, seqs)))
                    await session.execute(text(claim), {"staff": staff_id})
                else:
                    await session.execute(sorted_claim, values)
            claims += 1

    started = time.perf_counter()
    await asyncio.gather(*(worker(number) for number in range(WORKERS)))
    return claims / (time.perf_counter() - started)


async def measure(report: Report, kind: str, settings: Settings) -> None:
    async with open_desk(settings, staff=WORKERS) as desk:
        with tempfile.TemporaryDirectory() as folder:
            file = write_csv(Path(folder) / "pool.csv", RECORDS, "p")
            pools = [await desk.store(file, MODULE) for _ in range(3)]
            before = await desk.store(write_csv(Path(folder) / "before.csv", WORKERS * AT_ONCE, "b"), MODULE)
        # As a server does when it has started. A first turn builds its statements; that is no hand-out's share.
        spare_what_stays()
        await deal_all(desk, as_the_product_does(desk, before), WORKERS * AT_ONCE)
        seconds, waits, dealt = await deal_all(desk, as_the_product_does(desk, pools[0]), RECORDS)
        ours = dealt / AT_ONCE / seconds
        twice = await doubles(desk, pools[0]) + abs(dealt - RECORDS)
        with patch.object(hand_out, "draw", by_sorting):
            slow_seconds, _, slow_dealt = await deal_all(desk, as_usual(desk, pools[1]), RECORDS)
        theirs = slow_dealt / AT_ONCE / slow_seconds
        report.note(
            f"{kind}: {ours:.0f} hand-outs/s against {theirs:.0f}/s; p50 {percentile(waits, 0.5) * 1000:.1f} ms"
        )
        drawn = await bare_claims(desk, pools[2], drawn=True, seconds=2)
        ordered = await bare_claims(desk, pools[2], drawn=False, seconds=4)
        report.note(f"{kind}: bare claims {drawn:.0f}/s against {ordered:.0f}/s: {drawn / ordered:.1f}x")
        report.at_least(f"hand-out.rate.{kind}", ours / theirs, 10)
        report.at_most(f"hand-out.p99.{kind}", percentile(waits, 0.99) * 1000, 60, "ms")
        report.at_most(f"hand-out.doubles.{kind}", twice, 0)


if __name__ == "__main__":
    sys.exit(run_on_each(Report(), measure))
