"""All SQL of the quality of work: what came of the records that were handed out in a span of time."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from crm_boost.assignments.repositories.moves import rank_of
from crm_boost.contacts.models import Contact
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User

_DEALT = (RecordState.ASSIGNED, RecordState.ARCHIVED)

_COUNTS: dict[str, ColumnElement[bool]] = {
    "wa_checked": Contact.wa_status.is_not(None),
    "wa_ada": Contact.wa_status == "ada",
    "wa_ceklis1": Contact.wa_status == "ceklis1",
    "wa_tidak": Contact.wa_status == "tidak",
    "responded": Contact.respond_status.is_not(None),
    "responded_ya": Contact.respond_status == "ya",
    "validated": Record.validation_status == "validated",
    "invalid": Record.validation_status == "invalid",
}
COUNTS = ("assigned", *_COUNTS)


async def quality_rows(session: ReadSession, start: datetime, end: datetime, staff_id: str | None) -> list[Any]:
    """Return `COUNTS` by staff and database, for records whose last hand-out lies in the span. One statement; it reads
    what was handed out then (by its rank), each record with the contact of that hand-out."""
    of_holder = and_(Contact.record_seq == Record.seq, Contact.deal_rank == Record.deal_rank)
    where: list[ColumnElement[bool]] = [
        Record.deal_rank >= rank_of(start),
        Record.deal_rank < rank_of(end),
        Record.state.in_(_DEALT),
    ]
    if staff_id is not None:
        where.append(Record.assigned_to == staff_id)
    counted = (
        select(
            Record.assigned_to.label("staff_id"),
            Record.database_id,
            func.count().label("assigned"),
            *(func.sum(case((condition, 1), else_=0)).label(name) for name, condition in _COUNTS.items()),
        )
        .select_from(Record)
        .outerjoin(Contact, of_holder)
        .where(*where)
        .group_by(Record.assigned_to, Record.database_id)
        .subquery()
    )
    statement = (
        select(
            counted,
            User.name.label("staff_name"),
            CustomerDatabase.name.label("database_name"),
            CustomerDatabase.module,
        )
        .join(User, User.id == counted.c.staff_id)
        .join(CustomerDatabase, CustomerDatabase.id == counted.c.database_id)
        .where(CustomerDatabase.state == DatabaseState.READY, CustomerDatabase.deleted_at.is_(None))
        .order_by(User.name, counted.c.staff_id, CustomerDatabase.name, counted.c.database_id)
    )
    return list((await session.execute(statement)).all())
