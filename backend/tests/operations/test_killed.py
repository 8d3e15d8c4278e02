"""A server that is killed in the middle of everything (ADR 49): two rounds of what `bench/7-kill.py` does on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bench.killing import rounds
from crm_boost.db.engine import Database
from crm_boost.settings import Settings
from tests.support.factories import make_database, make_user
from tests.support.invariants import broken


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.timeout(300)
async def test_what_was_acknowledged_is_there_once_and_everything_holds(settings: Settings, tmp_path: Path) -> None:
    outcome = await rounds.run(settings, tmp_path / "server.log", 2, seed=1, to_the_end=False)
    assert (outcome.lost, outcome.broken, outcome.rounds) == ([], [], 2)
    assert outcome.acknowledged > 0


async def test_what_is_looked_for_after_a_crash_is_found(database: Database) -> None:
    """Damage that no health check looks for, one of each kind."""
    person, stored = await make_user(database), await make_database(database, 6, module="bonanza")
    first, *others = stored.record_ids
    damage = {
        "1 records are not where their history says": "UPDATE customer_records SET state = 'assigned',"
        f" assigned_to = '{person.id}', deal_rank = 1 WHERE id = '{first}'",
        "1 steps of records do not follow from the one before": "INSERT INTO record_history (operation_seq, record_seq,"
        " from_state, to_state) SELECT o.seq, r.seq, 'reserved', 'available' FROM operations o, customer_records r"
        f" WHERE r.id = '{others[0]}'",
        "1 databases are there in part": "UPDATE databases SET uploaded_by = 'somebody'",
        "6 records and 5 customers of records": f"DELETE FROM record_keys WHERE record_seq = {stored.seq_of(others[1])}",
    }
    async with database.read() as session:
        assert await broken(session, database) == []
    operations = (
        "INSERT INTO operations (id, kind, at, actor_name, correlation_id, detail) VALUES"
        " ('{0}', 'assign', '2025-01-01 00:00:00', 'x', 'x', '{{}}')"
    )
    async with database.write() as session:
        for number in range(2):
            await session.execute(text(operations.format(number)))
        for statement in damage.values():
            await session.execute(text(statement))
    async with database.read() as session:
        found = await broken(session, database)
    assert [what for what in damage if what not in found] == []
