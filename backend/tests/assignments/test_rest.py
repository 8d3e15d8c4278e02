"""Draws from a database whose records lie in random order: the next ones, and those that came back (ADR 64)."""

import random
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, text

from crm_boost.assignments import selection
from crm_boost.assignments.models import Operation
from crm_boost.assignments.repositories import draw as sql
from crm_boost.assignments.rest import Rest
from crm_boost.assignments.selection import Pool, Shares, Wish, draw, draw_each
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession, WriteSession
from tests.assignments import support
from tests.assignments.test_dealing import found_broken
from tests.assignments.test_selection import chi_square, limit
from tests.support.factories import Account, Stored, make_database, make_user, records_of, reserve_customer
from tests.support.plans import plans_of
from tests.support.statements import recorded_statements


def pool_of(stored: Stored) -> Pool:
    return Pool(stored.id, stored.first_seq, stored.first_seq - 1 + len(stored.record_ids), is_shuffled=True)


async def dealt(database: Database, stored: Stored, staff: Account, quantity: int) -> list[int]:
    """Deal; return the keys, in the order of the file."""
    answer = await support.deal(database, stored, staff, quantity, seed=random.random())
    assert answer.assigned == quantity
    held = await records_of(database, stored)
    return [stored.seq_of(i) for i, record in held.items() if record.assigned_to == staff.id]


async def drawn_to(database: Database, stored: Stored) -> list[int]:
    async with database.read() as session:
        statement = select(Operation.drawn_to).where(
            Operation.database_id == stored.id, Operation.drawn_to.is_not(None)
        )
        return [key for key in await session.scalars(statement.order_by(Operation.seq)) if key is not None]


@pytest.mark.pure
@given(
    fresh=st.integers(0, 20),
    returned=st.lists(st.integers(-50, -1), unique=True),
    counts=st.lists(st.integers(0, 30), max_size=5),
    seed=st.integers(),
)
def test_candidates_come_once_each_and_all_of_them(
    fresh: int, returned: list[int], counts: list[int], seed: int
) -> None:
    rest = Rest(1, fresh, returned, random.Random(seed))
    taken: list[int] = []
    for count in counts:
        some = rest.take(count)
        assert len(some) == min(count, fresh + len(returned) - len(taken))
        taken += some
    taken += rest.take(100)

    assert sorted(taken) == sorted([*range(1, fresh + 1), *returned])
    # Those nobody has drawn come as they lie.
    assert [key for key in taken if key > 0] == list(range(1, fresh + 1))


@pytest.mark.pure
def test_each_of_those_left_is_as_likely_as_any_other_in_every_place() -> None:
    rng, trials = random.Random(4), 4000
    places: list[Counter[str]] = [Counter() for _ in range(6)]
    each: Counter[int] = Counter()
    for _ in range(trials):
        rest = Rest(101, 109, [1, 2, 3], rng)
        for place, key in enumerate([*rest.take(4), *rest.take(2)]):
            places[place]["fresh" if key > 100 else "returned"] += 1
            each[key] += 1

    for counted in places:
        assert chi_square([counted["fresh"], counted["returned"]], [9, 3]) < limit(2)
    assert chi_square([each[key] for key in (1, 2, 3)], [1, 1, 1]) < limit(3)


async def test_every_row_of_a_file_is_equally_likely_and_those_that_came_back_are_too(database: Database) -> None:
    """Many databases, as every import shuffles anew: deal, recall half of it, deal again."""
    staff, other = await make_user(database), await make_user(database)
    first: Counter[int] = Counter()
    second: Counter[int] = Counter()
    returned_again = 0
    trials = 150
    for _ in range(trials):
        stored = await make_database(database, 24, shuffled=True)
        held = await dealt(database, stored, staff, 12)
        rows = {seq: row for row, seq in enumerate(stored.seqs)}
        first.update(rows[seq] for seq in held)
        back = random.sample(held, 6)
        ids = dict(zip(stored.seqs, stored.record_ids, strict=True))
        await support.take_back(database, stored, [ids[seq] for seq in back])
        again = await dealt(database, stored, other, 6)
        second.update(rows[seq] for seq in again)
        returned_again += len(set(again) & set(back))

    for counted in (first, second):
        assert chi_square([counted[row] for row in range(24)], [1] * 24) < limit(24)
    # Six of eighteen eligible ones had come back: two in a hand-out of six, and 0.97 more or less in each trial.
    assert abs(returned_again / trials - 2) < 5 * 0.97 / trials**0.5


async def test_a_hand_out_takes_neighbours_and_the_next_one_those_behind_them(database: Database) -> None:
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 400, shuffled=True)
    first = stored.first_seq

    assert sorted(await dealt(database, stored, staff, 50)) == list(range(first, first + 50))
    assert await drawn_to(database, stored) == [first + 49]
    assert sorted(await dealt(database, stored, other, 70)) == list(range(first + 50, first + 120))
    assert await drawn_to(database, stored) == [first + 49, first + 119]


async def test_a_draw_for_a_request_is_remembered_too(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 100, shuffled=True)

    await support.hold(database, stored, staff, 30)
    await support.hold(database, stored, staff, 20)

    assert await drawn_to(database, stored) == [stored.first_seq + 29, stored.first_seq + 49]


async def test_a_second_draw_in_a_transaction_begins_where_the_first_ended(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 100, shuffled=True)
    rng = random.Random(1)

    async with database.write() as session:
        one = await draw(session, pool_of(stored), [staff.id], 10, rng, Shares())
        two = await draw(session, pool_of(stored), [staff.id], 10, rng, Shares())
    assert sorted(one + two) == list(range(stored.first_seq, stored.first_seq + 20))
    # Nothing was dealt, so nothing was drawn.
    async with database.write() as session:
        assert sorted(await draw(session, pool_of(stored), [staff.id], 10, rng, Shares())) == sorted(one)


@pytest.mark.parametrize("most_returned", [4000, 3])
async def test_a_shuffled_pool_is_emptied_to_the_last_record(
    database: Database, most_returned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where records come back again and again, few or more than are looked at."""
    monkeypatch.setattr(selection, "_MOST_RETURNED", most_returned)
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 300, shuffled=True, reserved=range(5))
    for quantity in (100, 90, 60):
        await dealt(database, stored, other, quantity)
        held = [i for i, record in (await records_of(database, stored)).items() if record.assigned_to == other.id]
        await support.take_back(database, stored, held[::3])
        await support.pass_on(database, stored, [i for i in held if i not in held[::3]], staff)
    left = (await support.count_states(database, stored))["available"]
    for quantity in (left - 7, 6, 1):
        assert (await support.deal(database, stored, staff, quantity)).assigned == quantity

    assert await support.count_states(database, stored) == {"assigned": 295, "reserved": 5}


async def test_those_who_are_last_get_what_is_left(database: Database) -> None:
    """Of draws made together, one gets all it asks for, one some, and one finds nothing left to look at."""
    staff = await make_user(database)
    stored = await make_database(database, 30, shuffled=True)

    async with database.write() as session:
        found = await draw_each(session, pool_of(stored), [Wish([staff.id], 20)] * 3, random.Random(1), Shares())

    assert [len(keys) for keys in found] == [20, 10, 0]
    assert len({seq for keys in found for seq in keys}) == 30


async def test_what_came_back_is_marked_until_it_leaves_again(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 60, shuffled=True)
    ids = stored.record_ids

    async def marked() -> set[str]:
        return {i for i, record in (await records_of(database, stored)).items() if record.came_back}

    operation = (await support.pick(database, stored, staff, ids[:10])).operation_id
    assert await marked() == set()
    await support.take_back(database, stored, ids[:4])
    assert await marked() == set(ids[:4])
    await support.pick(database, stored, staff, ids[:2])
    await support.to_trash(database, stored, ids[2:3])
    assert await marked() == {ids[3]}
    await support.from_trash(database, stored, ids[2:3])
    request_id = await support.hold(database, stored, staff, 52)
    assert await marked() == set()
    await support.release(database, request_id)
    assert len(await marked()) == 52
    await support.undo_it(database, stored, operation)
    assert set(ids[4:10]) <= await marked()
    assert await found_broken(database) == []


async def test_who_owns_customers_is_dealt_them_and_nobody_else_is(database: Database) -> None:
    """Whether they were passed over before or not; and in draws made together each wish has its own."""
    owner, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 120, shuffled=True, reserved=range(40))
    for number in range(40):
        await reserve_customer(database, stored, f"customer{number}", owner.id)
    reserved = set(stored.seqs[:40])

    for_other = set(await dealt(database, stored, other, 30))
    assert not for_other & reserved
    rng = random.Random(2)
    async with database.write() as session:
        wishes = [Wish([other.id], 15), Wish([owner.id], 15), Wish([owner.id, other.id], 5)]
        found = await draw_each(session, pool_of(stored), wishes, rng, Shares())
    assert [len(keys) for keys in found] == [15, 15, 5]
    assert len({seq for keys in found for seq in keys} | for_other) == 30 + 35
    assert not reserved & {*found[0], *found[2]}
    assert (await support.deal(database, stored, owner, 90)).assigned == 90


async def test_what_cannot_be_dealt_is_passed_over_once(database: Database) -> None:
    """A stretch of records in the trash is not looked at again by every draw."""
    staff = await make_user(database)
    stored = await make_database(database, 400, shuffled=True)
    ids = dict(zip(stored.seqs, stored.record_ids, strict=True))
    await support.to_trash(database, stored, [ids[stored.first_seq + i] for i in range(60)])

    await dealt(database, stored, staff, 10)
    assert (await drawn_to(database, stored))[0] >= stored.first_seq + 60
    with recorded_statements(database) as statements:
        await support.deal(database, stored, staff, 10)
    assert len(statements) == support.statements_of_a_hand_out(database) + 1


async def test_a_hand_out_of_fifty_takes_one_statement_more(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 2000, module="memberwd", shuffled=True)
    await support.deal(database, stored, staff, 50)
    with recorded_statements(database) as statements:
        await support.deal(database, stored, staff, 50)

    # One more than where records lie in the order of the file: what came back.
    assert len(statements) == support.statements_of_a_hand_out(database) + 1, statements


async def test_what_came_back_is_read_from_an_index_of_little_else(sqlite_database: Database) -> None:
    staff = await make_user(sqlite_database)
    stored = await make_database(sqlite_database, 300, shuffled=True)
    await support.deal(sqlite_database, stored, staff, 100)

    (plan,) = await plans_of(sqlite_database, partial(_came_back, stored=stored, staff_ids=[staff.id]))

    assert "ix_customer_records_came_back (seq>? AND seq<?)" in plan, plan
    assert "ix_customer_records_reserved (seq>? AND seq<?)" in plan, plan
    assert plan.count("COVERING INDEX ix_operations_drawn (database_id=? AND drawn_to>?)") == 3, plan
    assert "SCAN customer_records" not in plan and "SCAN operations" not in plan, plan


async def _came_back(session: ReadSession, stored: Stored, staff_ids: Sequence[str]) -> None:
    keys = pool_of(stored).keys
    found = await sql.came_back(cast(WriteSession, session), stored.id, keys, staff_ids, 10)
    assert found == (stored.first_seq + 99, [])


async def test_a_large_draw_does_not_compare_each_key_with_each_record(database: Database) -> None:
    if database.is_sqlite:  # it looks keys up one by one
        return
    staff = await make_user(database)
    stored = await make_database(database, 6000, shuffled=True)
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    async with database.write() as session:
        await session.execute(text("ANALYZE customer_records"))
        connection = await session.connection()
        event.listen(connection.sync_connection, "before_cursor_execute", note)
        found = await sql.draw_probed(session, stored.id, [sql.Probe(staff.id, stored.seqs)], 6000)
        ((statement, parameters),) = sent
        plan = "\n".join(row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))

    assert len(found) == 6000
    assert "Nested Loop" not in plan or "Index Cond: (seq = " in plan, plan
