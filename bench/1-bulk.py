"""Promise: assigning, recalling and undoing 100,000 records takes at most 12 SQL statements each, whatever the number,
at 25 times the rate of one transaction per record.

The other side calls the same commands with one record each, as a loop over records would.
"""

import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sqlalchemy import select

from bench.support import Desk, Report, open_desk, run_on_each, sized, write_csv
from crm_boost.assignments.hand_out import Receivers, assign_manual, assign_random
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.recall import recall
from crm_boost.assignments.undo import find_operation, undo
from crm_boost.databases.models import Record
from crm_boost.db.session import WriteSession
from crm_boost.settings import Settings
from tests.support.statements import recorded_statements

RECORDS = sized(100_000)
FEW = 40
ONE_BY_ONE = 150
MODULE = "memberwd"
POLICY = policy_of(MODULE)


class Commands:
    """The commands on some records; each answers how many it moved."""

    def __init__(self, desk: Desk, database_id: str, ids: list[str]) -> None:
        self._desk = desk
        self._database_id = database_id
        self._ids = ids
        self._receivers = Receivers([person.id for person in desk.staff])
        self._operation_id = ""

    async def assign_random(self, session: WriteSession) -> int:
        done = await assign_random(session, POLICY, self._database_id, self._receivers, len(self._ids))
        self._operation_id = done.operation_id
        return done.assigned

    async def assign(self, session: WriteSession) -> int:
        done = await assign_manual(session, POLICY, self._ids, self._receivers)
        self._operation_id = done.operation_id
        return done.assigned

    async def undo(self, session: WriteSession) -> int:
        operation = await find_operation(session, self._operation_id)
        done = await undo(session, POLICY, operation)
        return int(done["undone_count"])

    async def recall(self, session: WriteSession) -> int:
        done = await recall(session, POLICY, self._ids)
        self._operation_id = done["operation_id"]
        return int(done["recalled_count"])


STEPS: tuple[tuple[str, Callable[[Commands, WriteSession], Awaitable[int]]], ...] = (
    ("assign-random", Commands.assign_random),
    ("undo-assign", Commands.undo),
    ("assign-picked", Commands.assign),
    ("recall", Commands.recall),
    ("undo-recall", Commands.undo),
)


async def walk(desk: Desk, group: Sequence[Commands], size: int) -> dict[str, tuple[float, int]]:
    """Take every member of a group (of `size` records each) through all steps, then back to the pool.

    Returns, by step, the records per second and the statements of one command.
    """
    figures = {}
    for name, command in STEPS:
        seconds, statements = 0.0, 0
        for member in group:
            started = time.perf_counter()
            with recorded_statements(desk.database) as recorded:
                async with desk.database.write() as session:
                    moved = await command(member, session)
            seconds += time.perf_counter() - started
            statements = max(statements, len(recorded))
            if moved != size:
                raise RuntimeError(f"{name}: {moved} records moved, not {size}")
        figures[name] = (len(group) * size / seconds, statements)
    for member in group:
        async with desk.database.write() as session:
            await member.recall(session)
    return figures


async def measure(report: Report, kind: str, settings: Settings) -> None:
    async with open_desk(settings) as desk:
        with tempfile.TemporaryDirectory() as folder:
            database_id = await desk.store(write_csv(Path(folder) / "pool.csv", RECORDS, "p"), MODULE)
        async with desk.database.read() as session:
            chosen = select(Record.id).where(Record.database_id == database_id).order_by(Record.seq)
            ids = list((await session.scalars(chosen)).all())
        few = await walk(desk, [Commands(desk, database_id, ids[:FEW])], FEW)
        single = await walk(desk, [Commands(desk, database_id, [each]) for each in ids[-ONE_BY_ONE:]], 1)
        every = await walk(desk, [Commands(desk, database_id, ids)], len(ids))
        for name, _ in STEPS:
            rate, statements = every[name]
            report.note(f"{kind}: {name} {rate:,.0f} records/s, one by one {single[name][0]:,.0f}/s")
            report.at_most(f"bulk.{name}.statements.{kind}", statements, 12)
            report.at_most(f"bulk.{name}.statements-more-than-for-{FEW}.{kind}", statements - few[name][1], 0)
            report.at_least(f"bulk.{name}.rate.{kind}", rate / single[name][0], 25)


if __name__ == "__main__":
    sys.exit(run_on_each(Report(), measure))
