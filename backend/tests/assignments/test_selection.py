"""The draw is uniform, its order tells nothing about the file, and it neither loads nor sorts the pool (spec 2.1)."""

import random
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any, cast

import pytest
from sqlalchemy import event, text, update

from crm_boost.assignments import selection
from crm_boost.assignments.repositories import draw as sql
from crm_boost.assignments.selection import Pool, Shares, draw, throw, throws_for
from crm_boost.databases.models import Record
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession, WriteSession
from tests.assignments import support
from tests.support.factories import Stored, count_anew, make_database, make_user, records_of, reserve_customer
from tests.support.plans import plans_of
from tests.support.statements import recorded_statements


def chi_square(counts: Sequence[int], weights: Sequence[int]) -> float:
    """How far the counts are from what chances in proportion to `weights` would give."""
    expected = [sum(counts) * weight / sum(weights) for weight in weights]
    return sum((count - wanted) ** 2 / wanted for count, wanted in zip(counts, expected, strict=True))


def limit(cells: int) -> float:
    """About five standard deviations above what chi-square is on average: a fair draw stays below."""
    return cells - 1 + 5 * float((2 * (cells - 1)) ** 0.5)


async def drawn(
    database: Database, stored: Stored, staff_id: str, count: int, rng: random.Random, shares: Shares
) -> list[int]:
    """Draw without dealing."""
    pool = Pool(stored.id, stored.first_seq, stored.first_seq + len(stored.record_ids) - 1)
    async with database.write() as session:
        return await draw(session, pool, [staff_id], count, rng, shares)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("wanted", "share", "size", "expected"),
    [
        (50, 1.0, 100_000, 70),
        (50, 0.5, 100_000, 133),
        (5, 1.0, 20, 14),
        (20, 1.0, 20, 20),
        (50, 0.01, 100_000, None),
        (50_000, 1.0, 100_000, None),
        (1, 0.0, 10, None),
        (1, 1.0, 0, None),
    ],
)
def test_how_many_keys_are_thrown(wanted: int, share: float, size: int, expected: int | None) -> None:
    assert throws_for(wanted, share, size) == expected


@pytest.mark.pure
def test_thrown_keys_are_different_within_the_range_and_not_taken() -> None:
    pool = Pool("db", 100, 199)
    for count in (10, 100, 1000):
        keys = throw(pool, count, [150, 151], random.Random(count))
        assert len(keys) == len(set(keys))
        assert all(100 <= key <= 199 for key in keys)
        assert not {150, 151} & set(keys)
    assert len(throw(pool, 1000, [150, 151], random.Random(1))) == 98


@pytest.mark.pure
def test_what_is_remembered_of_pools_is_bounded() -> None:
    shares = Shares()
    for i in range(3000):
        shares.learn(f"db{i}", 0.5)
    assert shares.get("db2999") == 0.5
    assert shares.get("db0") == 1.0


@pytest.mark.parametrize("way", ["keys", "index"])
async def test_every_eligible_record_is_equally_likely(
    database: Database, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways of drawing, by keys and from the index, over a pool where two of three records are not eligible."""
    staff, owner = await make_user(database), await make_user(database)
    stored = await make_database(database, 1500, reserved=range(300, 400))
    async with database.write() as session:
        taken = [stored.first_seq + i for i in range(1500) if i % 3 and not 300 <= i < 400]
        await session.execute(update(Record).where(Record.seq.in_(taken)).values(state="requested", held_for=owner.id))
        await count_anew(session)
    for i in range(300, 310):
        await reserve_customer(database, stored, f"customer{i}", staff.id)
    for i in range(310, 400):
        await reserve_customer(database, stored, f"customer{i}", owner.id)
    if way == "index":
        monkeypatch.setattr(selection, "throws_for", lambda *_: None)
    eligible = [i for i in range(1500) if (i % 3 == 0 and not 300 <= i < 400) or 300 <= i < 310]

    rng, shares, hits, firsts = random.Random(7), Shares(), Counter[int](), Counter[int]()
    for _ in range(400):
        found = await drawn(database, stored, staff.id, 40, rng, shares)
        assert len(set(found)) == 40
        hits.update(seq - stored.first_seq for seq in found)
        firsts.update([(found[0] - stored.first_seq) // 150])

    assert set(hits) <= set(eligible)
    # 16,000 hits on 477 records in cells of nine.
    cells = [sum(hits[i] for i in eligible[start : start + 9]) for start in range(0, len(eligible) - 8, 9)]
    assert chi_square(cells, [1] * len(cells)) < limit(len(cells))
    # The first one dealt comes from any part of the file.
    parts = Counter(i // 150 for i in eligible)
    spread = [firsts[part] for part in sorted(parts)]
    assert chi_square(spread, [parts[part] for part in sorted(parts)]) < limit(len(spread))


@pytest.mark.parametrize("quantity", [200, 900])
async def test_the_order_staff_see_is_independent_of_the_file(database: Database, quantity: int) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 1000)
    await support.deal(database, stored, staff, quantity)

    dealt = [r for r in (await records_of(database, stored)).values() if r.deal_rank is not None]
    rows = [r.row_number for r in sorted(dealt, key=lambda r: r.deal_rank or 0)]
    rising = sum(a < b for a, b in pairwise(rows))

    assert abs(rising - (quantity - 1) / 2) < 5 * (quantity / 12) ** 0.5


async def test_hand_outs_of_a_time_are_shown_newest_first(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 60)
    ranks = []
    for _ in range(3):
        before = {i for i, r in (await records_of(database, stored)).items() if r.assigned_to}
        await support.deal(database, stored, staff, 20)
        after = await records_of(database, stored)
        ranks.append([r.deal_rank or 0 for i, r in after.items() if r.assigned_to and i not in before])

    assert max(ranks[0]) < min(ranks[1])
    assert max(ranks[1]) < min(ranks[2])


async def test_the_pool_is_neither_loaded_nor_sorted(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 5000)
    with recorded_statements(database) as statements:
        await support.deal(database, stored, staff, 50)

    assert not [s for s in statements if "random()" in s.lower() and "SELECT" in s[:7]]
    (drawing,) = [s for s in statements if "thrown" in s]
    assert "customer_records.database_id =" not in drawing.replace("coalesce(customer_records.database_id =", "")


async def test_a_pool_that_is_full_again_is_drawn_from_by_keys(database: Database) -> None:
    staff, shares = await make_user(database), Shares()
    stored = await make_database(database, 3000)
    shares.learn(stored.id, 0.0001)
    with recorded_statements(database) as statements:
        assert len(await drawn(database, stored, staff.id, 50, random.Random(1), shares)) == 50

    assert len([s for s in statements if "record_counts" in s]) == 1
    assert len([s for s in statements if "thrown" in s]) == 1
    assert not [s for s in statements if "random()" in s.lower()]


async def test_nothing_is_thrown_into_a_pool_that_is_known_to_be_almost_empty(database: Database) -> None:
    """Not even now and then, to see whether it is full again: how many are left is read where it is kept."""
    staff, shares = await make_user(database), Shares()
    stored = await make_database(database, 3000)
    await support.deal(database, stored, staff, 2990)
    with recorded_statements(database) as statements:
        for seed in range(4):
            assert len(await drawn(database, stored, staff.id, 8, random.Random(seed), shares)) == 8

    assert len([s for s in statements if "thrown" in s]) == 1, "the first time, nothing is known yet"
    assert len([s for s in statements if "random()" in s.lower()]) == 4


async def test_an_empty_pool_is_not_searched(database: Database) -> None:
    staff, shares = await make_user(database), Shares()
    stored = await make_database(database, 3000)
    await support.deal(database, stored, staff, 3000)
    assert not await drawn(database, stored, staff.id, 8, random.Random(1), shares)
    with recorded_statements(database) as statements:
        assert not await drawn(database, stored, staff.id, 8, random.Random(2), shares)

    assert statements
    assert not [s for s in statements if "customer_records" in s]


async def test_the_rest_of_a_pool_is_chosen_from_the_keys_of_its_state_alone(sqlite_database: Database) -> None:
    staff, other = await make_user(sqlite_database), await make_user(sqlite_database)
    stored = await make_database(sqlite_database, 3000)
    await support.deal(sqlite_database, stored, staff, 2900)
    keys = stored.first_seq, stored.first_seq + 2999
    for receivers in ([staff.id], [staff.id, other.id]):
        plans = await plans_of(sqlite_database, partial(_from_index, keys=keys, staff_ids=receivers))
        assert "ix_customer_records_available (seq>? AND seq<?)" in plans[0], plans
        assert ("ix_customer_records_reserved (seq>? AND seq<?)" in plans[0]) == (len(receivers) == 1), plans
        assert "SCAN customer_records" not in plans[0], plans


async def _from_index(session: ReadSession, keys: tuple[int, int], staff_ids: Sequence[str]) -> None:
    assert len(await sql.draw_from_index(cast(WriteSession, session), keys, staff_ids, [], 10)) == 10


async def test_the_same_lot_draws_the_same_records(database: Database) -> None:
    """The order of the throws decides, on every database: what is dealt can be drawn again."""
    staff = await make_user(database)
    stored = await make_database(database, 3000, reserved=range(100, 400))
    first = await drawn(database, stored, staff.id, 60, random.Random(5), Shares())
    again = await drawn(database, stored, staff.id, 60, random.Random(5), Shares())
    other = await drawn(database, stored, staff.id, 60, random.Random(6), Shares())

    assert first == again
    assert set(first) != set(other)


async def test_probes_are_found_by_their_numbers(database: Database) -> None:
    """On either database, also right after an import, when nothing is known yet about the values in the table."""
    staff = await make_user(database)
    stored = await make_database(database, 5000)
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "thrown" in statement:
            sent.append((statement, parameters))

    async with database.write() as session:
        if not database.is_sqlite:
            # What the server has learnt from the tables of other tests.
            learnt = "DELETE FROM pg_statistic WHERE starelid = 'customer_records'::regclass"
            await session.execute(text(learnt))
            size = "UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE oid = 'customer_records'::regclass"
            await session.execute(text(size))
        engine = database._writer.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            pool = Pool(stored.id, stored.first_seq, stored.first_seq + 4999)
            assert len(await draw(session, pool, [staff.id], 50, random.Random(1), Shares())) == 50
        finally:
            event.remove(engine, "before_cursor_execute", note)
        (statement, parameters), *_ = sent
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        connection = await session.connection()
        rows = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
        plan = " ".join(str(row) for row in rows)

    if database.is_sqlite:
        assert "INTEGER PRIMARY KEY" in plan, plan
    else:
        # The primary key; where little is stored yet, PostgreSQL 18 may skip through another index by the same numbers.
        assert "Index Cond: (seq = " in plan, plan
        assert "Seq Scan on customer_records" not in plan, plan
    assert "Seq Scan on customer_records" not in plan
    assert "ix_customer_records_" not in plan


async def test_a_pool_is_emptied_to_the_last_record(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 2000, reserved=range(5))
    for quantity in [150] * 13 + [44, 1]:
        assert (await support.deal(database, stored, staff, quantity, seed=quantity)).assigned == quantity
    assert await support.count_states(database, stored) == {"assigned": 1995, "reserved": 5}


async def test_what_could_be_dealt_is_counted_as_it_would_be_drawn(database: Database) -> None:
    """Counting starts from the reservations, drawing looks at every record."""
    one, two = await make_user(database), await make_user(database)
    stored = await make_database(database, 30, reserved=range(8))
    # 0 to 4 are kept for owners, 5 to 7 for nobody; 10 and 11 are free although they have owners, 12 is only asked for.
    owned = {0: one, 1: one, 2: one, 3: two, 4: two, 10: two, 11: one}
    for number, owner in owned.items():
        await reserve_customer(database, stored, f"customer{number}", owner.id)
    await reserve_customer(database, stored, "customer12", two.id, approved=False)
    keys = stored.first_seq, stored.first_seq + 29
    async with database.write() as session:
        for receivers, wanted in (([one], 24), ([two], 23), ([one, two], 20)):
            ids = [receiver.id for receiver in receivers]
            counted = await sql.count_eligible(session, stored.id, ids, 22)
            assert counted == len(await sql.draw_from_all(session, keys, ids, [], 100)) == wanted
