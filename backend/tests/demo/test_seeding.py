"""Seeding: through the real import and engine, once, deterministic, and never with a password anybody could know."""

import stat
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from crm_boost.cli import cli
from crm_boost.contacts.models import Contact
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.demo.people import ACCOUNTS, PRODUCTS, STAFF
from crm_boost.demo.plan import FILES
from crm_boost.demo.service import Seeded, seed_demo
from crm_boost.health.catalog import all_checks
from crm_boost.health.service import ask
from crm_boost.identity.models import User
from crm_boost.identity.passwords import verify_password
from crm_boost.products.models import Product
from crm_boost.replacement.models import InvalidAlert
from crm_boost.requests.models import RecordRequest
from crm_boost.reservations.models import Reservation
from crm_boost.settings import DatabaseSettings, Settings
from tests.support.databases import Provider
from tests.support.factories import make_user

_ONE_OF_EACH = (
    "customers-h1.csv",
    "members-west.xlsx",
    "call-list-north.txt",
    "bonanza-partners.xlsx",
    "trial-list.csv",
)
SMALL = tuple(
    replace(file, customers=220, dealt=12 if file.dealt else 0) for file in FILES if file.filename in _ONE_OF_EACH
)


async def seeded(settings: Settings, seed: int = 1) -> Seeded:
    done = await seed_demo(settings, seed=seed, files=SMALL)
    assert done is not None
    return done


async def rows(database: Database) -> list[tuple[Any, ...]]:
    """Every record with what matters of it; ids are drawn anew each time."""
    statement = (
        select(CustomerDatabase.name, Record.row_number, Record.row_data, Record.state, User.name)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .outerjoin(User, User.id == Record.assigned_to)
        .order_by(CustomerDatabase.name, Record.row_number)
    )
    async with database.read() as session:
        return [tuple(row) for row in await session.execute(statement)]


async def test_every_row_of_every_file_is_accounted_for(settings: Settings, database: Database) -> None:
    done = await seeded(settings)
    assert [file.name for file, _ in done.databases] == [file.name for file in SMALL]
    for file, result in done.databases:
        parts = ("stored", "duplicates", "reserved_skipped", "rejected", "blank")
        assert result["rows_total"] == sum(result[part] for part in parts), file.name
        assert result["rejected"] > 0
        assert result["blank"] > 0
    stored = Counter(row[0] for row in await rows(database))
    assert stored == {file.name: result["stored"] for file, result in done.databases}


async def test_records_are_dealt_reserved_and_one_database_is_in_the_trash(
    settings: Settings, database: Database
) -> None:
    done = await seeded(settings)
    assert sum(result["reserved_stored"] for _, result in done.databases) > 0
    records = await rows(database)
    states = Counter(row[3] for row in records)
    assert states[RecordState.RESERVED] > 0
    dealt = [file for file in SMALL if file.dealt]
    # To everybody, to one, and some of those taken back.
    assert states[RecordState.ASSIGNED] == sum(file.dealt for file in dealt) + len(dealt) * (25 - 10)
    assert {row[4] for row in records if row[3] == RecordState.ASSIGNED} == {account.name for account in STAFF}
    async with database.read() as session:
        trashed = (
            await session.scalars(select(CustomerDatabase.name).where(CustomerDatabase.deleted_at.is_not(None)))
        ).all()
    assert trashed == [file.name for file in SMALL if file.trashed]


def some_staff_are_quick_and_some_are_not(worked: list[Contact]) -> None:
    waits: dict[str, list[float]] = {row.staff_id: [] for row in worked}
    for row in worked:
        assert row.first_wa_at is not None
        waits[row.staff_id].append((row.first_wa_at - row.assigned_at).total_seconds() / 3600)
        assert row.first_respond_at is None or row.first_respond_at >= row.first_wa_at
    average = sorted(sum(own) / len(own) for own in waits.values())
    assert 0 < average[0] < 4 < 8 < average[-1]
    assert len({row.assigned_at.date() for row in worked}) > 3, "handed out over weeks, not at once"


async def test_a_day_was_worked(settings: Settings, database: Database) -> None:
    await seeded(settings)
    async with database.read() as session:
        marks = dict((await session.execute(select(Contact.wa_status, func.count()).group_by(Contact.wa_status))).all())
        worked = list((await session.scalars(select(Contact))).all())
        alerts = await session.scalar(select(func.count()).select_from(InvalidAlert))
        waiting = (await session.execute(select(RecordRequest.record_count, RecordRequest.status))).all()
        owned = dict(
            (await session.execute(select(Reservation.status, func.count()).group_by(Reservation.status))).all()
        )
    assert set(marks) == {"ada", "ceklis1", "tidak"}
    assert alerts
    assert waiting == [(20, "pending")] * 3
    assert owned == {"approved": 120, "pending": 24}
    some_staff_are_quick_and_some_are_not(worked)
    async with database.read() as session:
        findings = [await ask(session, check) for check in all_checks()]
    assert {finding.check.name: finding.count for finding in findings if finding.count} == {}, "and nothing is at fault"


async def test_the_same_seed_makes_the_same_desk(
    settings: Settings, database: Database, databases: Provider, tmp_path: Path
) -> None:
    first = await seeded(settings)
    before = await rows(database)
    await database.dispose()
    again = Settings(data_dir=tmp_path / "again", database=DatabaseSettings(url=databases.fresh(tmp_path / "again")))
    second = await seeded(again)
    other = Database(again)
    try:
        after = await rows(other)
    finally:
        await other.dispose()
    assert before == after
    assert [result for _, result in first.databases] == [result for _, result in second.databases]
    assert first.password != second.password


async def test_the_password_is_random_and_kept_in_a_private_file(settings: Settings, database: Database) -> None:
    done = await seeded(settings)
    assert done.password is not None
    assert done.credentials is not None
    assert len(done.password) >= settings.auth.password_min_length
    assert stat.S_IMODE(done.credentials.stat().st_mode) == 0o600
    kept = done.credentials.read_text()
    assert done.password in kept
    assert all(account.email in kept for account in ACCOUNTS)
    async with database.read() as session:
        users = list((await session.scalars(select(User))).all())
    assert {user.email for user in users} == {account.email for account in ACCOUNTS}
    assert len({user.password_hash for user in users}) == len(users)
    assert await verify_password(done.password, users[0].password_hash)


async def test_a_second_run_adds_nothing(settings: Settings, database: Database) -> None:
    first = await seeded(settings)
    before = await rows(database)
    kept = (settings.data_dir / "demo-credentials.txt").read_text()
    second = await seeded(settings)
    assert second.databases == []
    assert second.password is None
    assert await rows(database) == before
    assert (settings.data_dir / "demo-credentials.txt").read_text() == kept
    assert first.password is not None
    assert first.password in kept


async def test_if_empty_leaves_a_desk_with_users_alone(settings: Settings, database: Database) -> None:
    await make_user(database)
    assert await seed_demo(settings, seed=1, if_empty=True, files=SMALL) is None
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Product)) == 0
        assert await session.scalar(select(func.count()).select_from(User)) == 1
    assert not (settings.data_dir / "demo-credentials.txt").exists()


async def test_a_broken_off_run_is_completed(settings: Settings, database: Database) -> None:
    part = await seed_demo(settings, seed=1, files=SMALL[:2])
    rest = await seeded(settings)
    assert part is not None
    assert [file.name for file, _ in rest.databases] == [file.name for file in SMALL[2:]]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Product)) == len(PRODUCTS)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_command_prints_how_to_sign_in(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_DATA_DIR", str(settings.data_dir))
    if settings.database.url:
        monkeypatch.setenv("CRM_DATABASE__URL", settings.database.url)
    done = CliRunner().invoke(cli, ["seed", "--if-empty"])
    assert done.exit_code == 0, done.output
    password = (settings.data_dir / "demo-credentials.txt").read_text().rsplit(": ", 1)[1].strip()
    assert password in done.output
    assert all(account.email in done.output for account in ACCOUNTS)
    assert all(file.name in done.output for file in FILES)
    again = CliRunner().invoke(cli, ["seed", "--if-empty"])
    assert (again.exit_code, again.output) == (0, "")
