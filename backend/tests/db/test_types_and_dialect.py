"""Values are the same on both databases, and a statement's text does not depend on how many there are."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import Text, func, insert, literal, select
from sqlalchemy.dialects import postgresql

from crm_boost.analytics.counting import WORK
from crm_boost.analytics.models import WorkDay
from crm_boost.db.dialect import in_byte_order, in_numbers, in_rows, in_texts, like_pattern, lowered, text_at
from crm_boost.db.engine import Database
from crm_boost.db.outbox import OutboxMessage
from crm_boost.db.session import ReadSession
from crm_boost.db.types import ArrayParameter
from crm_boost.deposits.models import Deposit
from crm_boost.identity.models import LoginThrottle
from crm_boost.kit.clock import utc_now
from tests.support.factories import make_database, make_product, make_user
from tests.support.plans import plans_of
from tests.support.statements import recorded_statements

INSTANT = datetime(2025, 3, 1, 23, 59, 59, 123_456, tzinfo=UTC)
in_one_test = profile(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def fill(database: Database, keys: list[str]) -> None:
    async with database.write() as session:
        rows = [{"key": key, "failures": number, "window_started_at": INSTANT} for number, key in enumerate(keys)]
        await session.execute(insert(LoginThrottle), rows)


@pytest.mark.parametrize("wanted", [0, 1, 50_000])
async def test_any_number_of_texts_is_one_parameter(database: Database, wanted: int) -> None:
    await fill(database, ["k0", "k1", "k49999", "other", 'quo"te\\', "日本"])
    values = [f"k{number}" for number in range(wanted)]

    async with database.read() as session:
        found = (await session.scalars(select(LoginThrottle.key).where(in_texts(LoginThrottle.key, values)))).all()
        odd = select(LoginThrottle.key).where(in_texts(LoginThrottle.key, ['quo"te\\', "日本", "none"]))
        assert set((await session.scalars(odd)).all()) == {'quo"te\\', "日本"}

    assert set(found) == {"k0", "k1", "k49999"} & set(values)


@pytest.mark.parametrize("wanted", [0, 1, 50_000])
async def test_any_number_of_numbers_is_one_parameter(database: Database, wanted: int) -> None:
    big = 2**62
    async with database.write() as session:
        base = {"xact": 0, "topic": "t", "audience": "*", "payload": {}, "created_at": INSTANT}
        await session.execute(insert(OutboxMessage), [{"seq": seq, **base} for seq in (1, 2, 50_000, big)])
    values = list(range(1, wanted + 1))

    async with database.read() as session:
        found = (await session.scalars(select(OutboxMessage.seq).where(in_numbers(OutboxMessage.seq, values)))).all()
        beyond = select(OutboxMessage.seq).where(in_numbers(OutboxMessage.seq, [big, -big]))
        assert (await session.scalars(beyond)).all() == [big]

    assert set(found) == {1, 2, 50_000} & set(values)


_ODD = st.text(
    st.sampled_from("a{},;\"\\' \n\t日\x01") | st.characters(exclude_characters="\0", exclude_categories=["Cs"])
)


@in_one_test
@given(st.lists(_ODD | st.just("NULL"), min_size=1, max_size=6), st.booleans())
async def test_texts_reach_the_database_as_they_are(
    database: Database, values: list[str | None], lacking: bool
) -> None:
    values += [None] * lacking
    async with database.read() as session:
        row = (await session.execute(select(*(text_at(values, literal(at)) for at in range(len(values)))))).one()

    assert list(row) == values


def test_a_text_that_postgresql_cannot_hold_is_not_taken_for_two() -> None:
    spelled = ArrayParameter(Text).bind_processor(postgresql.dialect())  # type: ignore[no-untyped-call]
    assert spelled(["a", 'b"\\']) == '{"a","b\\"\\\\"}'
    assert spelled(["a\0b", "c"]) == ["a\0b", "c"], "the driver refuses it"


async def test_the_statement_is_the_same_for_one_value_and_for_many(database: Database) -> None:
    with recorded_statements(database) as statements:
        async with database.read() as session:
            for values in (["a"], ["a", "b", "c"], [f"k{number}" for number in range(5000)]):
                await session.execute(select(LoginThrottle.key).where(in_texts(LoginThrottle.key, values)))

    assert len(statements) == 3
    assert len(set(statements)) == 1


@pytest.mark.parametrize(("values", "left"), [([], ["a", "b", "c"]), (["b"], ["a", "c"]), (["a", "b", "c"], [])])
async def test_not_in_any_number_of_values(database: Database, values: list[str], left: list[str]) -> None:
    await fill(database, ["a", "b", "c"])
    async with database.read() as session:
        others = select(LoginThrottle.key).where(~in_texts(LoginThrottle.key, values)).order_by(LoginThrottle.key)
        assert list((await session.scalars(others)).all()) == left


async def test_in_an_update_too(database: Database) -> None:
    await fill(database, ["a", "b", "c"])
    async with database.write() as session:
        changed = await session.execute(
            LoginThrottle.__table__.update()  # type: ignore[attr-defined]
            .where(in_texts(LoginThrottle.key, ["a", "c"]))
            .values(failures=99)
            .returning(LoginThrottle.key)
        )
        assert sorted(changed.scalars()) == ["a", "c"]


async def test_in_any_number_of_rows_by_one_statement(database: Database) -> None:
    days = [date(2025, 3, day) for day in (1, 2, 3)]
    people = [(await make_user(database)).id for _ in range(2)]
    of = [(await make_database(database, 1)).id for _ in range(2)]
    nothing = dict.fromkeys(WORK, 0)
    async with database.write() as session:
        keys = [{"day": day, "staff_id": who, "database_id": name} for day in days for who in people for name in of]
        await session.execute(insert(WorkDay), [{**key, **nothing} for key in keys])
    columns = (WorkDay.day, WorkDay.staff_id, WorkDay.database_id)
    there = [(days[0], people[0], of[0]), (days[2], people[1], of[1])]
    wanted: list[list[tuple[date, str, str]]] = [[], there[:1], [*there, (days[1], people[1], "another")]]
    with recorded_statements(database) as statements:
        async with database.read() as session:
            found = [
                [tuple(row) for row in await session.execute(select(*columns).where(in_rows(columns, rows)))]
                for rows in wanted
            ]
    assert [sorted(rows) for rows in found] == [[], there[:1], there]
    assert len(statements) == 3
    assert len(set(statements)) == 1


async def test_rows_are_found_by_an_index(sqlite_database: Database) -> None:
    """SQLite reads a whole table for several rows of VALUES."""
    columns = (Deposit.staff_id, Deposit.customer_key, Deposit.product_id)

    async def read(session: ReadSession) -> None:
        await session.execute(select(Deposit.note).where(in_rows(columns, [("a", "b", "c"), ("d", "e", "f")])))

    (plan,) = await plans_of(sqlite_database, read)
    assert "ix_omset_records_customer (customer_key=? AND staff_id=? AND product_id=?)" in plan


@pytest.mark.parametrize(
    "instant",
    [
        INSTANT,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2025, 3, 2, 6, 59, tzinfo=timezone(timedelta(hours=7))),
        datetime(2025, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=-11, minutes=-30))),
        datetime(9999, 12, 31, 0, 0, tzinfo=UTC),
    ],
)
async def test_an_instant_comes_back_as_it_was(database: Database, instant: datetime) -> None:
    async with database.write() as session:
        session.add(LoginThrottle(key="k", failures=0, window_started_at=instant))
    async with database.read() as session:
        stored = await session.scalar(select(LoginThrottle.window_started_at))
        same = await session.scalar(select(LoginThrottle.key).where(LoginThrottle.window_started_at == instant))
        later = instant - timedelta(microseconds=1)
        after = await session.scalar(select(LoginThrottle.key).where(LoginThrottle.window_started_at > later))

    assert stored == instant
    assert stored is not None
    assert stored.tzinfo is UTC
    assert (same, after) == ("k", "k")


async def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="needs a timezone"):
        async with database.write() as session:
            session.add(LoginThrottle(key="k", failures=0, window_started_at=INSTANT.replace(tzinfo=None)))


async def test_instants_sort_by_time_whatever_their_offset(database: Database) -> None:
    instants = [INSTANT + timedelta(hours=hours) for hours in (5, -3, 0, 12)]
    zones = [timezone(timedelta(hours=offset)) for offset in (9, -8, 0, 14)]
    async with database.write() as session:
        for number, (instant, zone) in enumerate(zip(instants, zones, strict=True)):
            row = LoginThrottle(key=str(number), failures=0, window_started_at=instant.astimezone(zone))
            session.add(row)
    async with database.read() as session:
        stored = (await session.scalars(select(LoginThrottle.window_started_at).order_by("window_started_at"))).all()

    assert list(stored) == sorted(instants)


async def test_texts_sort_the_same_on_both_databases(database: Database) -> None:
    names = ["b", "A", "a", "_", "Z", "é", "z", "a b", "ab", "-", "日"]
    await fill(database, names)
    async with database.read() as session:
        stored = await session.scalars(select(LoginThrottle.key).order_by(in_byte_order(LoginThrottle.key)))

    assert list(stored.all()) == sorted(names)


@pytest.mark.parametrize(
    ("stored", "typed"), [("ÉCOLE", "école"), ("Ünal", "ünal"), ("ПРОДУКТ", "продукт"), ("ABC", "abc")]
)
async def test_case_does_not_count_in_any_script(database: Database, stored: str, typed: str) -> None:
    await fill(database, [stored])
    pattern = like_pattern(typed)
    async with database.read() as session:
        found = await session.scalar(
            select(LoginThrottle.key).where(lowered(LoginThrottle.key).like(pattern, escape="\\"))
        )

    assert found == stored


@in_one_test
@given(term=st.text("ab%_\\'", min_size=1, max_size=4), stored=st.text("ab%_\\'", max_size=6))
async def test_a_search_term_is_text_and_never_a_pattern(database: Database, term: str, stored: str) -> None:
    async with database.read() as session:
        statement = select(func.lower(stored).like(like_pattern(term), escape="\\"))
        matches: Any = await session.scalar(statement)

    assert bool(matches) == (term in stored)


async def test_error_messages_hold_no_parameters(database: Database) -> None:
    await make_product(database, "Product A")
    with pytest.raises(Exception, match="parameters hidden") as caught:  # noqa: PT012 - the block is a transaction
        async with database.write() as session:
            row = {"key": "person@example.test", "failures": None, "window_started_at": utc_now()}
            await session.execute(insert(LoginThrottle).values(**row))

    assert "[parameters" not in str(caught.value)
