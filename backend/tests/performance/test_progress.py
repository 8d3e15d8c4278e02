"""Progress over months: warnings, forgiveness, who counts; and the quality of work. With roll-ups stored as they are."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from crm_boost.contacts.verdicts import Verdict
from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from crm_boost.performance import targets_service
from crm_boost.performance.models import StaffTarget
from crm_boost.performance.schemas import TargetsChange
from tests.assignments import support
from tests.contacts.support import judge
from tests.performance.desk import LONG_AGO, NOON, get, rolled_up, send
from tests.support.factories import Account, make_database, make_product, make_user, records_of


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with frozen(NOON):
        yield


def month_of(staff: Account, start: str, days: int, ndp: int = 10) -> dict[tuple[str, date], tuple[int, int]]:
    first = date.fromisoformat(start)
    return {(staff.id, first + timedelta(days=number)): (ndp, 0) for number in range(days)}


async def test_warnings_and_who_counts(client: httpx.AsyncClient, database: Database) -> None:
    product, admin = await make_product(database), await make_user(database, "admin")
    people = {
        name: await make_user(database, name=name, created_at=started, **more)
        for name, started, more in (
            ("steady", LONG_AGO, {}),
            ("slipping", LONG_AGO, {}),
            ("lost", LONG_AGO, {}),
            ("new", datetime(2025, 3, 1, tzinfo=UTC), {}),
            ("entered back", NOON, {}),  # the account is new, the deposits are of an older ledger
            ("left", LONG_AGO, {"is_active": False}),
            ("gone", LONG_AGO, {"deleted_at": NOON}),
        )
    }
    days: dict[tuple[str, date], tuple[int, int]] = {}
    for name, in_january, in_february, in_march in (
        ("steady", 18, 18, 15),
        ("slipping", 18, 17, 3),
        ("lost", 17, 17, 0),
        ("entered back", 1, 0, 0),
        ("left", 0, 0, 2),
        ("gone", 5, 0, 0),
    ):
        for start, count in (("2025-01-01", in_january), ("2025-02-01", in_february), ("2025-03-01", in_march)):
            days |= month_of(people[name], start, count)
    # By RDP today, and a day that is not enough.
    days[people["slipping"].id, date(2025, 3, 15)] = (9, 15)
    days[people["slipping"].id, date(2025, 3, 14)] = (9, 14)
    days[admin.id, date(2025, 3, 1)] = (50, 0)
    await rolled_up(database, product, days)

    team = await get(client, admin, "/leaderboard/admin-progress")
    rows = {row["staff_name"]: row for row in team["staff_progress"]}
    assert {name: row["warning_level"] for name, row in rows.items()} == {
        "steady": 0, "slipping": 2, "lost": 3, "new": 0, "entered back": 3, "left": 3,
    }  # fmt: skip
    assert team["summary"] == {"total_staff": 6, "success_staff": 0, "warning_staff": 1, "critical_staff": 3}
    assert [row["warning_level"] for row in team["staff_progress"]] == [3, 3, 3, 2, 0, 0]
    slipping = rows["slipping"]
    assert (slipping["success_days"], slipping["projected_success"]) == (4, 8)
    assert (slipping["prev_month_1_success"], slipping["prev_month_2_success"]) == (17, 18)
    assert slipping["today_target_reached"] and slipping["daily_breakdown"][-1]["met_via"] == "RDP"
    assert not slipping["daily_breakdown"][-2]["target_met"]
    assert (rows["new"]["prev_month_1_counts"], rows["new"]["prev_month_2_counts"]) == (False, False)

    steady = await get(client, people["steady"], "/staff/target-progress")
    assert (steady["streak"], steady["projected_success"], steady["days_remaining"]) == (15, 31, 16)
    assert (await get(client, people["slipping"], "/staff/target-progress"))["streak"] == 1

    # February forgives December, January both; a month before anybody began shows nobody.
    february = await get(client, admin, "/admin/staff-target-progress", year=2025, month=2)
    levels = {row["staff_name"]: row["warning_level"] for row in february["staff_progress"]}
    assert levels["lost"] == 2 and levels["steady"] == 0 and "new" not in levels and "left" not in levels
    january = await get(client, admin, "/admin/staff-target-progress", year=2025, month=1)
    levels = {row["staff_name"]: row["warning_level"] for row in january["staff_progress"]}
    assert (levels["steady"], levels["lost"]) == (0, 1) and january["days_remaining"] == 0
    assert (await get(client, admin, "/admin/staff-target-progress", year=2019))["staff_progress"] == []

    # Targets change from a day on: January and February stay as they were judged.
    change = {"daily_ndp": 11, "effective_from": "2025-03-04"}
    assert (await send(client, admin, "PUT", "/leaderboard/targets", change)).status_code == 200
    later = await get(client, people["steady"], "/staff/target-progress")
    assert (later["success_days"], later["prev_month_1_success"], later["streak"]) == (3, 18, 0)


async def test_a_streak_may_be_longer_than_what_is_shown(client: httpx.AsyncClient, database: Database) -> None:
    staff = await make_user(database, created_at=LONG_AGO)
    await rolled_up(database, await make_product(database), month_of(staff, "2024-11-05", 130))  # up to yesterday
    assert (await get(client, staff, "/staff/target-progress"))["streak"] == 130


async def test_today_begins_at_midnight_of_the_business_zone(client: httpx.AsyncClient, database: Database) -> None:
    staff = await make_user(database, created_at=LONG_AGO)
    await rolled_up(database, await make_product(database), month_of(staff, "2025-02-28", 2))
    for minutes, month, today_ndp, elapsed in ((-1, 2, 10, 28), (0, 3, 10, 1)):
        with frozen(datetime(2025, 2, 28, 17, tzinfo=UTC) + timedelta(minutes=minutes)):
            answer = await get(client, staff, "/staff/target-progress")
        assert (answer["month"], answer["today_ndp"], answer["days_elapsed"]) == (month, today_ndp, elapsed)
        assert answer["success_days"] == 1


async def test_quality_is_what_the_marks_of_the_hand_out_say(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    ana, budi = await make_user(database, name="Ana"), await make_user(database, name="Budi")
    first, second = await make_database(database, 8, name="First"), await make_database(database, 4, name="Second")
    with frozen(NOON - timedelta(days=40)):
        await support.deal(database, first, ana, 2)
    await support.deal(database, first, ana, 4)
    await support.deal(database, second, ana, 1)
    await support.deal(database, second, budi, 2)
    held = [row for row in (await records_of(database, first)).values() if row.assigned_to and row.assigned_at == NOON]
    marks: list[dict[str, Any]] = [
        {"whatsapp_status": "ada", "respond_status": "ya"},
        {"whatsapp_status": "ceklis1"},
        {"whatsapp_status": "tidak", "respond_status": "tidak"},
    ]
    for row, mark in zip(held, marks, strict=False):
        answer = await send(client, ana, "PATCH", f"/records/{row.id}", mark)
        assert answer.status_code == 200, answer.text
    await judge(database, ana, [held[0].id], Verdict.VALIDATED)

    found = await get(client, admin, "/staff/quality", period="week")
    assert (found["period"], found["start_date"], found["end_date"]) == ("week", "2025-03-09", "2025-03-15")
    mine, other = found["staff"]
    assert [row["database_name"] for row in mine["databases"]] == ["First", "Second"]
    of_first = {name: value for name, value in mine["databases"][0].items() if isinstance(value, int)}
    assert of_first == {
        "assigned": 4, "wa_checked": 3, "wa_ada": 1, "wa_ceklis1": 1, "wa_tidak": 1, "responded": 2,
        "responded_ya": 1, "validated": 1, "invalid": 0,
    }  # fmt: skip
    assert (mine["assigned"], other["assigned"], found["total"]["assigned"]) == (5, 2, 7)
    for name, value in found["total"].items():
        assert value == sum(row[name] for row in found["staff"])
        assert all(row[name] == sum(one[name] for one in row["databases"]) for row in found["staff"])
    longer = await get(client, admin, "/staff/quality", period="quarter", staff_id=ana.id)
    assert longer["total"]["assigned"] == 7
    assert [row["staff_name"] for row in (await get(client, budi, "/staff/quality", staff_id=ana.id))["staff"]] == [
        "Budi"
    ]
    past = {"period": "custom", "custom_start": "2025-01-01", "custom_end": "2025-03-14"}
    assert (await get(client, admin, "/staff/quality", **past))["total"]["assigned"] == 2


async def test_two_admins_at_once_leave_one_change(database: Database) -> None:
    staff = await make_user(database)

    async def change(ndp: int) -> None:
        async with database.write() as session:
            await targets_service.change(session, TargetsChange(daily_ndp=ndp), staff.id)
            await targets_service.change(session, TargetsChange(daily_ndp=ndp))

    await asyncio.gather(*(change(ndp) for ndp in (3, 4, 5, 6)))
    async with database.read() as session:
        rows = list((await session.scalars(select(StaffTarget))).all())
    assert sorted((row.staff_id is None, row.daily_ndp in {3, 4, 5, 6}) for row in rows) == [
        (False, True),
        (True, True),
    ]
