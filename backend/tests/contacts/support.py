"""Short ways to mark and judge in tests: each call is a unit of work of its own, committed for real."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crm_boost.contacts import service
from crm_boost.contacts.models import Contact, ContactEvent
from crm_boost.contacts.verdicts import Field, Verdict
from crm_boost.databases.models import Record
from crm_boost.db.engine import Database
from crm_boost.kit.context import ActionContext, enter_context
from tests.support.factories import Account

WHATSAPP, RESPOND, VALIDATION = Field.WHATSAPP, Field.RESPOND, Field.VALIDATION


def act_as(person: Account) -> None:
    """What follows in this test is done by this person."""
    enter_context(ActionContext(actor_id=person.id, actor_name=person.name))


async def mark(
    database: Database,
    holder: Account | None,
    record_id: str,
    values: dict[Field, str | None],
    version: int | None = None,
) -> service.Marked:
    """Mark one record; conflicts are reported."""
    async with database.write() as session:
        wanted = [service.Mark(record_id, values, version)]
        return await service.mark(session, wanted, service.Reach(holder.id if holder else None))


async def judge(
    database: Database,
    holder: Account | None,
    record_ids: Sequence[str],
    verdict: Verdict | None,
    reason: str | None = None,
    **options: Any,
) -> service.Judged:
    """Judge records."""
    async with database.write() as session:
        return await service.judge(
            session,
            record_ids,
            verdict,
            reason=reason,
            note=options.pop("note", None),
            holder=holder.id if holder else None,
            **options,
        )


async def contacts_of(database: Database, record_id: str) -> list[Contact]:
    """Every contact of a record, the oldest hand-out first."""
    async with database.read() as session:
        statement = select(Contact).join(Record, Record.seq == Contact.record_seq).where(Record.id == record_id)
        return list((await session.scalars(statement.order_by(Contact.deal_rank))).all())


async def events_of(database: Database, record_id: str) -> list[tuple[str, str | None, str | None]]:
    """Every change of a record's contacts: (field, from, to)."""
    async with database.read() as session:
        statement = select(ContactEvent).join(Record, Record.seq == ContactEvent.record_seq)
        events = await session.scalars(statement.where(Record.id == record_id).order_by(ContactEvent.seq))
        return [(event.field, event.from_value, event.to_value) for event in events]
