"""A yes and a deposit at the same moment, two commands at once, a recall beside a deposit: nothing is left standing wrong."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crm_boost.db.engine import Database
from crm_boost.deposits import booking
from crm_boost.deposits.schemas import DepositForm
from crm_boost.followups import service
from crm_boost.followups.rebuild_repository import drifts
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date, frozen
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.support.factories import Account, make_database, make_user

NOW = datetime(2025, 3, 20, 5, 0, tzinfo=UTC)
PAIRS = 6


def principal(person: Account) -> Principal:
    return Principal(person.id, person.name, person.role, frozenset(), "")


async def test_an_answer_and_a_deposit_at_the_same_moment_see_each_other(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, PAIRS, module="memberwd")

    async def book(number: int) -> None:
        form = DepositForm(
            product_id=stored.product_id,
            record_date=business_date(database.business.tz),
            customer_id=f"customer{number}",
            nominal=Decimal(1000),
        )
        async with database.write() as session:
            await booking.book(session, principal(staff), form)

    with frozen(NOW):
        await engine.pick(database, stored, staff, stored.record_ids)
        both: list[Any] = []
        for number, record_id in enumerate(stored.record_ids):
            both += [contacts.mark(database, staff, record_id, {contacts.RESPOND: "ya"}), book(number)]
        await asyncio.gather(*both)
        async with database.read() as session:
            counted = await service.counts(session, principal(staff))
            assert not await drifts(session)
    assert (counted.waiting, counted.deposited) == (0, PAIRS)


async def test_commands_side_by_side_count_once(database: Database) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, PAIRS, module="memberwd")

    async def close(who: Account, record_id: str) -> None:
        async with database.write() as session:
            await service.close(session, principal(who), record_id, "done", None)

    with frozen(NOW):
        await engine.pick(database, stored, staff, stored.record_ids)
        answers = [contacts.mark(database, staff, i, {contacts.RESPOND: "ya"}) for i in stored.record_ids]
        await asyncio.gather(*answers)
        twice = [close(who, record_id) for record_id in stored.record_ids[:4] for who in (staff, admin)]
        await asyncio.gather(*twice, engine.take_back(database, stored, stored.record_ids[4:]))
        async with database.read() as session:
            counted = await service.counts(session, principal(admin))
            assert not await drifts(session)
    assert (counted.waiting, counted.done) == (0, 4)
