"""Medians out of counts: the same as out of the times themselves, whatever is corrected, passed on or moved meanwhile."""

import asyncio
import random
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from crm_boost.analytics import following, rebuild_repository, response_charts
from crm_boost.analytics.models import RESPONSE_COUNTS
from crm_boost.analytics.response_times import TENTH, Distribution, blocks_of, cut, tenth_of
from crm_boost.analytics.scope import Scope
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.pool_service import update_database
from crm_boost.contacts.models import Contact
from crm_boost.contacts.verdicts import Field
from crm_boost.databases.models import CustomerDatabase
from crm_boost.databases.schemas import DatabaseUpdate
from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from crm_boost.kit.periods import Period
from tests.analytics.world import ZONE, day_of
from tests.assignments.support import deal
from tests.contacts.support import mark
from tests.support.factories import make_database, make_product, make_user
from tests.support.statements import recorded_statements

FIRST = date(2024, 12, 20)
NOON = datetime(2025, 3, 15, 5, tzinfo=UTC)
# Around the ends of tenths and of bands, the same again, and some that take weeks.
SECONDS = [0, 1, 179, 180, 181, 539, 540, 11_339, 11_340, 11_520, 3600, 3600, 7_300, 90_000, 90_100, 40 * 86_400]
some_day = st.integers(0, 120).map(lambda number: FIRST + timedelta(days=number))


@pytest.mark.pure
@given(one=some_day, other=some_day)
@settings(deadline=None, derandomize=True, database=None)
def test_a_period_is_blocks_and_a_few_days(one: date, other: date) -> None:
    start, end = sorted((one, other))
    found = cut(start, end)
    for number in range(-10, 131):
        day = FIRST + timedelta(days=number)
        counted = sum(block in found.blocks for block in blocks_of(day))
        assert counted + sum(part.sign for part in found.days if part.start <= day < part.end) == (start <= day < end)
    assert sum((part.end - part.start).days for part in found.days) <= 8


@pytest.mark.pure
def test_a_period_may_lie_anywhere() -> None:
    assert (
        cut(date(2025, 1, 1), date(2026, 1, 1)).days == [] and len(cut(date(2025, 1, 1), date(2026, 1, 1)).blocks) == 12
    )
    assert cut(date.min, date.min) == cut(date(9999, 3, 1), date.max) == ([], [])
    assert cut(date.min, date.max).days == []


@pytest.mark.pure
@given(
    counted=st.lists(st.integers(0, 200_000) | st.sampled_from(SECONDS), max_size=40),
    beside=st.lists(st.sampled_from(SECONDS), max_size=10),
    taken=st.integers(0, 10),
)
@settings(deadline=None, derandomize=True, database=None)
def test_a_time_is_found_by_its_rank(counted: list[int], beside: list[int], taken: int) -> None:
    found, in_blocks = Distribution(), dict[int, list[int]]()
    for seconds in counted:
        band, tenth = divmod(tenth_of(seconds), 32)
        found.bands[band] += 1
        found.seconds += seconds
        in_blocks.setdefault(band, [0] * 32)[tenth] += 1
    found.add_seconds(beside, 1)
    found.add_seconds(counted[:taken], -1)
    left = sorted(counted[taken:] + beside)
    assert (found.count, found.seconds) == (len(left), sum(left))
    for rank, (band, before) in found.places(range(len(left))).items():
        assert found.tenth_of(band, before, in_blocks.get(band)) == (left[rank] + TENTH // 2) // TENTH


@pytest.mark.pure
def test_what_has_gone_meanwhile_is_the_last_that_is_left() -> None:
    assert Distribution().tenth_of(2, 7, [0, 1, 2, *[0] * 29]) == 66
    assert Distribution().tenth_of(2, 7, None) == 64


def one(part: float, whole: float) -> float | None:
    if not whole:
        return None
    return float((Decimal(str(part)) / Decimal(str(whole))).quantize(Decimal("0.1"), ROUND_HALF_UP))


def expected(times: list[int]) -> tuple[Any, ...]:
    """Count, average, median, 90th percentile, fastest, slowest: out of the times themselves."""
    times.sort()
    if not times:
        return (0, None, None, None, None, None)
    middle = (times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2
    ninety = next(time for time in times if 10 * (bisect_left(times, time + 1)) >= 9 * len(times))
    return (
        len(times),
        one(sum(times), 3600 * len(times)),
        *(one(at, 3600) for at in (middle, ninety, times[0], times[-1])),
    )


CHECKS = ("wa_checked_count", "avg_wa_hours", "median_wa_hours", "p90_wa_hours", "fastest_wa", "slowest_wa")
ANSWERS = ("responded_count", "avg_respond_hours", "median_respond_hours", "p90_respond_hours")


async def agree(database: Database, scopes: list[Scope]) -> int:
    """Compare the chart with what contacts say; return how many figures there were."""
    seen = 0
    async with database.read() as session:
        contacts = (await session.scalars(select(Contact))).all()
        stored = (await session.scalars(select(CustomerDatabase))).all()
        products = {seq: one.product_id for one in stored for seq in range(one.first_seq, one.last_seq + 1)}
        for scope in scopes:
            own: dict[str, list[Contact]] = {}
            for row in contacts:
                is_asked = scope.product_id in {None, products[row.record_seq]} and scope.staff_id in {
                    None,
                    row.staff_id,
                }
                if is_asked and scope.start <= day_of(row.assigned_at) < scope.end:
                    own.setdefault(row.staff_id, []).append(row)
            chart = (await response_charts.response_time_by_staff(session, scope))["response_time_data"]
            assert {row["staff_id"]: row["total_assigned"] for row in chart} == {key: len(own[key]) for key in own}
            for got in chart:
                handed = own[got["staff_id"]]
                checks = [since(row, row.first_wa_at) for row in handed if row.wa_status]
                answers = [since(row, row.first_respond_at) for row in handed if row.respond_status == "ya"]
                assert tuple(got[name] for name in CHECKS) == expected(checks)
                assert tuple(got[name] for name in ANSWERS) == expected(answers)[: len(ANSWERS)]
                seen += len(handed)
        assert not await rebuild_repository.drifts(session)
    return seen


def since(row: Contact, at: datetime | None) -> int:
    assert at is not None
    return int((at - row.assigned_at).total_seconds())


async def test_medians_are_those_of_the_times(database: Database) -> None:
    rng = random.Random(55)
    products = [await make_product(database) for _ in range(2)]
    people = [await make_user(database) for _ in range(2)]
    stored = [await make_database(database, 90, product_id=product) for product in products]
    async with database.read() as session:
        ranges = {row.id: row.first_seq for row in (await session.scalars(select(CustomerDatabase))).all()}
    seqs = [ranges[one.id] + number for one in stored for number in range(90)]

    def marks(handed: datetime) -> dict[str, Any]:
        wa, yes = (handed + timedelta(seconds=rng.choice([rng.randrange(9_000), *SECONDS])) for _ in range(2))
        status, answer = rng.choice(["ada", "tidak", None]), rng.choice(["ya", "ya", "tidak", None])
        return {
            "wa_status": status, "wa_at": status and wa, "first_wa_at": wa,
            "respond_status": answer, "respond_at": answer and yes, "first_respond_at": yes,
        }  # fmt: skip

    contacts = []
    for seq in seqs:
        handed = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(80 * 24 * 60))
        own = {
            "record_seq": seq,
            "deal_rank": 1,
            "staff_id": rng.choice(people).id,
            "assigned_at": handed,
            "version": 1,
        }
        contacts.append({**own, "wa_version": 1, "respond_version": 1, "verdict_version": 0, **marks(handed)})
    async with database.write() as session:
        await session.execute(insert(Contact), contacts)
        following.note_marks(session, seqs)
        following.note_handed_out(
            session,
            [
                (row["assigned_at"], row["staff_id"], stored[row["record_seq"] not in seqs[:90]].id, 1)
                for row in contacts
            ],
        )
    seen = 0
    for turn in range(4):
        scopes = []
        for _ in range(6):
            start = date(2025, 1, 1) + timedelta(days=rng.randrange(80))
            end = start + timedelta(days=rng.choice([1, 5, 9, 40, 80]))
            who, what = rng.choice([None, people[0].id]), rng.choice([None, *products])
            scopes.append(Scope(Period("custom", start, end), ZONE, what, who))
        seen += await agree(database, [Scope(Period("custom", date(2025, 1, 1), date(2025, 4, 1)), ZONE), *scopes])
        async with database.write() as session:
            if turn % 2 == 0:
                wanted = DatabaseUpdate(product_id=products[turn // 2 - 1])
                await update_database(session, policy_of("normal"), stored[0].id, wanted)
            for row in rng.sample(contacts, 40):
                of_row = (Contact.record_seq == row["record_seq"], Contact.deal_rank == 1)
                await session.execute(update(Contact).where(*of_row).values(marks(row["assigned_at"])))
                following.note_marks(session, [row["record_seq"]])
    assert seen > 1000
    # The migration fills them with what has come of all that.
    async with database.write() as session:
        await session.execute(delete(RESPONSE_COUNTS))
        migration = import_module("crm_boost.db.migrations.versions.0035_response_counts")
        await session.execute(text(migration.fill_statement(session.get_bind().dialect.name)))
    assert await agree(database, []) == 0


async def test_a_mark_adds_one_statement_and_only_where_a_time_is_new(database: Database) -> None:
    with frozen(NOON):
        staff, stored = await make_user(database), await make_database(database, 3)
        await deal(database, stored, staff, 3)
    counts = []
    for minutes, values in (
        (10, {Field.WHATSAPP: "ada"}),
        (20, {Field.WHATSAPP: "tidak"}),
        (30, {Field.RESPOND: "tidak"}),
        (40, {Field.RESPOND: "ya"}),
        (50, {Field.WHATSAPP: None, Field.RESPOND: None}),
    ):
        with frozen(NOON + timedelta(minutes=minutes)), recorded_statements(database) as statements:
            await mark(database, staff, stored.record_ids[0], dict(values))
        counts.append(sum("response_counts" in statement for statement in statements))
    assert counts == [1, 0, 0, 1, 1]


async def test_marks_while_the_database_moves(database: Database) -> None:
    staff, other = await make_user(database), await make_product(database)
    stored = await make_database(database, 6)
    await deal(database, stored, staff, 6)

    async def move(product_id: str) -> None:
        async with database.write() as session:
            await update_database(session, policy_of("normal"), stored.id, DatabaseUpdate(product_id=product_id))

    for number, record in enumerate(stored.record_ids):
        await asyncio.gather(
            mark(database, staff, record, {Field.WHATSAPP: "ada", Field.RESPOND: "ya"}),
            move((other, stored.product_id)[number % 2]),
        )
    async with database.read() as session:
        assert not await rebuild_repository.drifts(session)
        scope = Scope(Period("custom", FIRST, date(9000, 1, 1)), ZONE, stored.product_id)
        (row,) = (await response_charts.response_time_by_staff(session, scope))["response_time_data"]
    assert (row["wa_checked_count"], row["responded_count"]) == (6, 6)
