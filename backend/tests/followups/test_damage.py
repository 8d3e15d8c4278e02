"""Damage is found by the checks of the data health and put right by the job; the first run fills an older desk in."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, text

from crm_boost.db.engine import Database
from crm_boost.followups import service
from crm_boost.followups.models import FollowUp, FollowUpDay, FollowUpTotal
from crm_boost.followups.rebuild import check
from crm_boost.health.catalog import check_named
from crm_boost.health.service import ask
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import frozen
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.support.factories import make_database, make_user

NOW = datetime(2025, 3, 20, 5, 0, tzinfo=UTC)


async def _found(database: Database) -> list[int]:
    async with database.read() as session:
        counts = []
        for name in ("follow_ups", "follow_up_counters"):
            known = check_named(name)
            assert known is not None
            counts.append((await ask(session, known)).count)
        return counts


async def test_what_is_damaged_is_found_and_put_right(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 4, module="memberwd")
    who = Principal(staff.id, staff.name, staff.role, frozenset(), "")

    async def counted() -> Any:
        async with database.read() as session:
            return await service.counts(session, who)

    with frozen(NOW):
        await engine.pick(database, stored, staff, stored.record_ids)
        for record_id in stored.record_ids[:3]:
            await contacts.mark(database, staff, record_id, {contacts.RESPOND: "ya"})
        right = await counted()
        assert right.waiting == 3
        assert await _found(database) == [0, 0]
        assert await check(database) == {"follow_ups": 0, "counters": 0}
        # The counters of open and deposited people and of the day belong to the state; each is one row here.
        damages: list[tuple[Any, list[int]]] = [
            (text("UPDATE follow_ups SET state = 'deposited' WHERE record_id = :id"), [1, 3]),
            (text("UPDATE follow_up_totals SET people = people + 5"), [0, 1]),
            (delete(FollowUpDay), [0, 1]),
        ]
        for statement, found in damages:
            async with database.write() as session:
                given = {"id": stored.record_ids[0]} if ":id" in str(statement) else {}
                await session.execute(statement, given)
            assert await _found(database) == found, statement
            assert any((await check(database)).values())
            assert await _found(database) == [0, 0]
            assert await counted() == right
        # A desk from before there were follow-ups.
        async with database.write() as session:
            for table in (FollowUp, FollowUpTotal, FollowUpDay):
                await session.execute(delete(table))
        assert await _found(database) == [3, 0]
        assert await check(database) == {"follow_ups": 3, "counters": 0}
        assert await counted() == right
