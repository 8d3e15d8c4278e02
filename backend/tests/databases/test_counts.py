"""How many records of a database are in which state is stored, and is always what there is (ADR 52)."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, func, select, text

from crm_boost.assignments import hand_out, purge
from crm_boost.assignments.policies import policy_of
from crm_boost.databases import counting
from crm_boost.databases.counts_repository import counts_by_state, wrong_databases
from crm_boost.databases.models import CustomerDatabase, RecordCount
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.engine import Database
from crm_boost.db.migrate import downgrade, upgrade
from crm_boost.db.session import WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.settings import DatabaseSettings, Settings
from crm_boost.uploads import repository as uploads
from crm_boost.wiring import build_bus
from tests.assignments import support
from tests.replacement import support as replacing
from tests.support.databases import Provider
from tests.support.factories import Account, Stored, make_database, make_user, records_of
from tests.support.plans import plans_of
from tests.support.statements import recorded_statements

AVAILABLE, ASSIGNED, TRASHED = str(RecordState.AVAILABLE), str(RecordState.ASSIGNED), str(RecordState.TRASHED)


async def known(database: Database, stored: Stored) -> dict[str, int]:
    """The stored counts."""
    async with database.read() as session:
        found = (await counts_by_state(session, [stored.id]))[stored.id]
    return {state: count for state, count in found.items() if count}


async def there_are(database: Database, stored: Stored) -> dict[str, int]:
    """What the records say."""
    return dict(Counter(record.state for record in (await records_of(database, stored)).values()))


async def parts(database: Database) -> int:
    async with database.read() as session:
        statement = select(func.count()).select_from(RecordCount).where(RecordCount.part != 0)
        return await session.scalar(statement) or 0


async def deal_in(session: WriteSession, stored: Stored, staff: Account, quantity: int) -> None:
    """A hand-out inside a transaction that goes on."""
    receivers = hand_out.Receivers([staff.id])
    await hand_out.assign_random(session, policy_of(stored.module), stored.id, receivers, quantity)


async def damage(database: Database, stored: Stored) -> None:
    async with database.write() as session:
        statement = "INSERT INTO record_counts (database_id, state, part, records) VALUES (:id, 'assigned', -1, 7)"
        await session.execute(text(statement), {"id": stored.id})


async def test_hand_outs_side_by_side_lose_no_count(database: Database) -> None:
    stored = await make_database(database, 120)
    people = [await make_user(database) for _ in range(6)]
    turns = [(person, 10 * turn + i) for turn in range(2) for i, person in enumerate(people)]
    await asyncio.gather(*(support.deal(database, stored, person, 5, seed=seed) for person, seed in turns))

    assert await known(database, stored) == {AVAILABLE: 60, ASSIGNED: 60} == await there_are(database, stored)


async def test_a_hand_out_waits_for_no_count_of_another(database: Database) -> None:
    """A row for each count would be the lane of all hand-outs from one database."""
    stored = await make_database(database, 20)
    first, second = await make_user(database), await make_user(database)
    async with database.write() as session:
        await deal_in(session, stored, first, 5)
        if not database.is_sqlite:
            await asyncio.wait_for(support.deal(database, stored, second, 5), 30)
            assert await known(database, stored) == {AVAILABLE: 15, ASSIGNED: 5}
    if database.is_sqlite:
        await support.deal(database, stored, second, 5)

    assert await known(database, stored) == {AVAILABLE: 10, ASSIGNED: 10}


async def test_counting_anew_beside_a_hand_out_takes_it_neither_twice_nor_not_at_all(database: Database) -> None:
    stored = await make_database(database, 20)
    staff = await make_user(database)
    await damage(database, stored)
    if database.is_sqlite:
        await support.deal(database, stored, staff, 5)
        assert await counting.check(database) == {"counters": 1}
    else:
        async with database.write() as session:
            await deal_in(session, stored, staff, 5)
            # In tasks of their own: this one is inside its unit of work.
            assert await asyncio.create_task(counting.check(database)) == {"counters": 1}
            assert await asyncio.create_task(counting.add_up(database)) == {"record_counts": 2}

    assert await known(database, stored) == {AVAILABLE: 15, ASSIGNED: 5}
    assert await counting.check(database) == {"counters": 0}


async def test_two_who_count_anew_at_once_correct_once(database: Database) -> None:
    stored = await make_database(database, 4)
    await damage(database, stored)

    corrected = await asyncio.gather(*(counting.check(database) for _ in range(3)))

    assert sorted(done["counters"] for done in corrected) == [0, 0, 1]
    assert await known(database, stored) == {AVAILABLE: 4}


async def test_what_transactions_add_is_added_up(database: Database) -> None:
    stored, other = await make_database(database, 20), await make_database(database, 3)
    staff = await make_user(database)
    for _ in range(3):
        await support.deal(database, stored, staff, 2)
    before = await known(database, stored)

    done = await asyncio.gather(*(counting.add_up(database) for _ in range(3)))

    # Where writers take turns there is nothing to add up.
    assert sorted(one["record_counts"] for one in done) == ([0, 0, 0] if database.is_sqlite else [0, 0, 3])
    assert await parts(database) == 0
    assert await known(database, stored) == before == {AVAILABLE: 14, ASSIGNED: 6}
    assert await known(database, other) == {AVAILABLE: 3}


async def test_what_changes_no_state_costs_no_statement(database: Database) -> None:
    stored = await make_database(database, 12)
    staff, other = await make_user(database), await make_user(database)
    dealt = stored.record_ids[:4]

    def counting_in(statements: list[str]) -> list[str]:
        return [statement for statement in statements if "record_counts" in statement]

    with recorded_statements(database) as sent:
        await support.pick(database, stored, staff, dealt)
    assert len(counting_in(sent)) == 1
    with recorded_statements(database) as sent:
        await replacing.judge(database, staff, dealt[:1], True)
        await support.pass_on(database, stored, dealt, other)
    assert counting_in(sent) == []


async def test_records_that_are_removed_count_no_longer(database: Database) -> None:
    stored = await make_database(database, 6)
    await support.to_trash(database, stored, stored.record_ids[:2])
    assert await known(database, stored) == {AVAILABLE: 4, TRASHED: 2}
    async with database.write() as session:
        assert await purge.remove_records(session, utc_now() + timedelta(hours=1)) == 2

    assert await known(database, stored) == {AVAILABLE: 4} == await there_are(database, stored)


async def test_a_database_that_is_removed_leaves_no_count(database: Database) -> None:
    stored = await make_database(database, 6)
    async with database.write() as session:
        item = await session.get_one(CustomerDatabase, stored.id)
        item.state = DatabaseState.DISCARDED
    more = True
    while more:
        async with database.write() as session:
            more = await uploads.remove_some_records(session, stored.id, 4)

    assert await known(database, stored) == {}
    async with database.read() as session:
        assert await session.get(CustomerDatabase, stored.id) is None


async def test_an_import_is_counted_when_it_becomes_visible(database: Database) -> None:
    stored = await make_database(database, 6, reserved=range(2))
    async with database.write() as session:
        item = await session.get_one(CustomerDatabase, stored.id)
        item.state = DatabaseState.IMPORTING
        await session.execute(delete(RecordCount))
    assert await counting.check(database) == {"counters": 0}, "what is being stored is nobody's business yet"

    async with database.write() as session:
        # Nobody owns these two any more.
        assert await uploads.complete_database(session, stored.id, stored=6, reserved=2) == 0

    assert await known(database, stored) == {AVAILABLE: 6} == await there_are(database, stored)


async def test_an_older_desk_is_counted_by_its_migration(databases: Provider, tmp_path: Path) -> None:
    with databases.empty(tmp_path) as url:
        upgrade(url)
        database = Database(Settings(data_dir=tmp_path, database=DatabaseSettings(url=url)), build_bus())
        try:
            stored = await make_database(database, 5, reserved=range(1))
            staff = await make_user(database)
            await support.pick(database, stored, staff, stored.record_ids[3:])
            wanted = await known(database, stored)
            await database.dispose()
            downgrade(url, "0027")
            upgrade(url)
            assert await known(database, stored) == wanted == {AVAILABLE: 2, ASSIGNED: 2, "reserved": 1}
            assert await counting.check(database) == {"counters": 0}
        finally:
            await database.dispose()


async def test_counting_anew_reads_the_indexes_of_the_states_and_no_record(sqlite_database: Database) -> None:
    await make_database(sqlite_database, 20)
    (plan,) = await plans_of(sqlite_database, wrong_databases)

    lines = [line for line in plan.splitlines() if "customer_records" in line]
    assert sorted(lines) == [
        f"SEARCH customer_records USING INDEX ix_customer_records_{state} (seq>? AND seq<?)"
        for state in sorted(RecordState)
    ]
