"""What is removed for good (spec 1.5, 3.6): old trash, ended sign-ins, used-up keys, old runs. Each job runs twice."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from crm_boost.assignments import purge as purging
from crm_boost.assignments import trash
from crm_boost.assignments.errors import UnknownDatabase
from crm_boost.assignments.models import Batch, RecordHistory
from crm_boost.assignments.policies import policy_of
from crm_boost.contacts.models import ContactEvent, RecordNote
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.db.engine import Database
from crm_boost.db.idempotency import IdempotencyKey
from crm_boost.identity.models import UserSession
from crm_boost.jobs import tidying
from crm_boost.kit import clock
from crm_boost.kit.clock import utc_now
from crm_boost.settings import Settings
from crm_boost.uploads.runner import ImportRunner
from tests.assignments import support
from tests.support.factories import Stored, make_database, make_user, open_session, records_of

KEEP = timedelta(days=30)


async def purge(database: Database, settings: Settings, now: datetime | None = None) -> list[dict[str, int]]:
    """Empty the trash twice, and remove what was discarded."""
    with clock.frozen(now or utc_now()):
        found = [await tidying.trash_purge(database), await tidying.trash_purge(database)]
    await ImportRunner(database, settings)._purge()
    return found


async def trash_it(database: Database, stored: Stored) -> None:
    async with database.write() as session:
        await trash.trash_database(session, policy_of(stored.module), stored.id, force=True)


async def count(database: Database, table: Any, *conditions: Any) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


async def test_a_database_is_removed_after_thirty_days_in_the_trash_and_not_before(
    database: Database, settings: Settings, client: httpx.AsyncClient
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    old, living = await make_database(database, 30), await make_database(database, 5, prefix="other")
    await support.pick(database, old, staff, old.record_ids[:3])
    noted = await client.post(
        f"/api/records/{old.record_ids[0]}/notes", json={"text": "calls back on Monday"}, headers=staff.auth
    )
    assert noted.status_code < 300
    await trash_it(database, old)
    then = utc_now()

    assert (
        await purge(database, settings, then + KEEP - timedelta(minutes=1))
        == [{"databases": 0, "records": 0, "deposits": 0}] * 2
    )
    assert len(await records_of(database, old)) == 30
    assert await purge(database, settings, then + KEEP + timedelta(minutes=1)) == [
        {"databases": 1, "records": 0, "deposits": 0},
        {"databases": 0, "records": 0, "deposits": 0},
    ]

    in_range = Record.seq.between(old.first_seq, old.first_seq + 29)
    assert await count(database, Record, in_range) == 0
    assert await count(database, RecordKey, RecordKey.customer_key.like("customer%")) == 0
    assert await count(database, RecordNote) == 0
    assert await count(database, ContactEvent, ContactEvent.note.is_not(None)) == 0
    # What was done stays, and keeps the name of the database.
    assert await count(database, RecordHistory, RecordHistory.record_seq == old.first_seq) > 0
    assert await count(database, Batch, Batch.database_id == old.id) == 1
    assert await count(database, CustomerDatabase, CustomerDatabase.id == old.id) == 1
    with pytest.raises(UnknownDatabase):
        async with database.write() as session:
            await trash.restore_database(session, policy_of(old.module), old.id)
    listed = await client.get("/api/pools/normal/databases?deleted=true", headers=admin.auth)
    assert listed.json() == []
    assert len(await records_of(database, living)) == 5
    # Nothing is left to do for the next time.
    await purge(database, settings, then + 2 * KEEP)
    assert await count(database, CustomerDatabase) == 2


async def test_records_are_removed_after_thirty_days_in_the_trash_and_not_before(
    database: Database, settings: Settings
) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 20)
    start = utc_now()
    with clock.frozen(start - timedelta(days=40)):
        first = await support.to_trash(database, stored, stored.record_ids[:6])
    with clock.frozen(start - timedelta(days=20)):
        await support.to_trash(database, stored, stored.record_ids[6:8])
        # Restored once and trashed again: its thirty days begin anew.
        await support.from_trash(database, stored, stored.record_ids[:2])
        await support.to_trash(database, stored, stored.record_ids[:1])

    assert await purge(database, settings, start) == [
        {"databases": 0, "records": 4, "deposits": 0},
        {"databases": 0, "records": 0, "deposits": 0},
    ]

    assert await support.count_states(database, stored) == {"available": 13, "trashed": 3}
    assert set(await records_of(database, stored)) == {*stored.record_ids[:2], *stored.record_ids[6:]}
    assert await count(database, RecordKey) == 16
    undone = await support.undo_it(database, stored, first["operation_id"])
    assert undone["undone_count"] == 0
    assert (await support.deal(database, stored, [staff], 13)).assigned == 13


async def test_a_record_restored_meanwhile_stays(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await make_database(database, 4)
    with clock.frozen(utc_now() - timedelta(days=40)):
        await support.to_trash(database, stored, stored.record_ids[:3])
    real = purging.discard_databases

    async def restored_first(session: Any, before: datetime) -> int:
        discarded = await real(session, before)
        await trash.restore_records(session, policy_of(stored.module), stored.record_ids[:1])
        return discarded

    monkeypatch.setattr(purging, "discard_databases", restored_first)
    with clock.frozen(utc_now()):
        assert await tidying.trash_purge(database) == {"databases": 0, "records": 2, "deposits": 0}
    assert set(await records_of(database, stored)) == {stored.record_ids[0], stored.record_ids[3]}


async def test_what_is_over_is_tidied_up_and_what_lives_stays(database: Database) -> None:
    person = await make_user(database)
    now = utc_now()
    for hours in range(1, 4):
        await open_session(database, person.id, expires_at=now - timedelta(hours=hours))
    async with database.write() as session:
        for age, key in ((1, "young"), (30, "old"), (60, "older")):
            at = now - timedelta(hours=age)
            session.add(IdempotencyKey(user_id=person.id, key=key, fingerprint="f", answer="{}", created_at=at))

    assert await tidying.session_cleanup(database) == {
        "sessions": 3,
        "idempotency_keys": 2,
        "api_tokens": 0,
        "channel_messages": 0,
        "webhook_deliveries": 0,
        "job_runs": 0,
    }
    assert await tidying.session_cleanup(database) == {
        "sessions": 0,
        "idempotency_keys": 0,
        "api_tokens": 0,
        "channel_messages": 0,
        "webhook_deliveries": 0,
        "job_runs": 0,
    }
    assert (await count(database, UserSession), await count(database, IdempotencyKey)) == (1, 1)
