"""Short ways to follow-ups: a definition of our own to compare with, and calls through the API as clients make them."""

from collections import defaultdict
from datetime import date
from typing import Any

import httpx
from sqlalchemy import select

from crm_boost.contacts.models import Contact
from crm_boost.databases.models import Record
from crm_boost.db.engine import Database
from crm_boost.deposits.models import Deposit
from crm_boost.kit.clock import business_date
from tests.support.factories import Account

PATH = "/api/followups"
LEVELS = ("critical", "high", "medium", "low")


async def listed(client: httpx.AsyncClient, who: Account, **params: Any) -> dict[str, Any]:
    """The list and its summary."""
    answer = await client.get(PATH, headers=who.auth, params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def command(
    client: httpx.AsyncClient, who: Account, record_id: str, verb: str, body: Any = None
) -> httpx.Response:
    """Snooze, done, reopen or note."""
    return await client.post(f"{PATH}/{record_id}/{verb}", json=body, headers=who.auth)


def ids(found: dict[str, Any]) -> list[str]:
    """The records of a list, in its order."""
    return [row["record_id"] for row in found["followups"]]


def level(days: int) -> str:
    """The ladder of the specification, in its own words."""
    return "critical" if days >= 7 else "high" if days >= 3 else "medium" if days >= 1 else "low"


Said = dict[tuple[str, Any], tuple[str | None, date | None]]
"""What people said, by record and time of the answer: the outcome, and until when it is snoozed."""


async def expected(database: Database, said: Said) -> dict[str, tuple[str, str, int]]:
    """(holder, what became of it, age in days) of every record that is followed up: the specification over all tables."""
    zone = database.business.tz
    today = business_date(zone)
    async with database.read() as session:
        records = {record.seq: record for record in await session.scalars(select(Record))}
        contacts = list(await session.scalars(select(Contact)))
        deposits = list(await session.scalars(select(Deposit)))
    paid = defaultdict(list)
    for deposit in deposits:
        if deposit.status == "approved" and deposit.deleted_at is None:
            paid[deposit.staff_id, deposit.customer_key, deposit.product_id].append(deposit.record_date)
    found = {}
    for contact in contacts:
        record = records[contact.record_seq]
        held = record.state == "assigned" and record.deal_rank == contact.deal_rank
        if not held or contact.respond_status != "ya":
            continue
        assert contact.respond_at is not None
        assert record.assigned_to is not None
        day = business_date(zone, contact.respond_at)
        outcome, until = said.get((record.id, contact.respond_at), (None, None))
        if any(on >= day for on in paid[record.assigned_to, record.customer_key, record.product_id]):
            state = "deposited"
        elif outcome is not None:
            state = outcome
        else:
            state = "snoozed" if until is not None and until > today else "open"
        found[record.id] = (record.assigned_to, state, max((today - day).days, 0))
    return found
