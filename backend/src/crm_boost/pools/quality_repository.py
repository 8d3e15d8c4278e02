"""What has come of a database so far, counted from the records that are dealt."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, union_all

from crm_boost.contacts.models import Contact
from crm_boost.databases.models import Record
from crm_boost.databases.state_repository import in_states, keys_of
from crm_boost.databases.states import RecordState
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


_COUNTS: dict[str, ColumnElement[bool]] = {
    "archived": Record.state == RecordState.ARCHIVED,
    "worked": or_(
        Contact.wa_status.is_not(None), Contact.respond_status.is_not(None), Record.validation_status.is_not(None)
    ),
    "ada": Contact.wa_status == "ada",
    "ceklis1": Contact.wa_status == "ceklis1",
    "tidak": Contact.wa_status == "tidak",
    "respond_ya": Contact.respond_status == "ya",
    "respond_tidak": Contact.respond_status == "tidak",
    "validated": Record.validation_status == "validated",
    "invalid": Record.validation_status == "invalid",
}
COUNTS = ("dealt", *_COUNTS)


async def quality_rows(session: ReadSession, database_id: str) -> list[Any]:
    """Return `COUNTS` by holder and, for rejected records, by reason, for each state by itself. One statement.

    It reads the dealt records of the database, in their order, each with its contact, not the pool that nobody
    has yet: about two seconds for a million dealt records on SQLite.
    """
    reason = case((Record.validation_status == "invalid", func.coalesce(Record.validation_reason, "")))
    of_holder = and_(Contact.record_seq == Record.seq, Contact.deal_rank == Record.deal_rank)
    keys = keys_of(database_id)
    counted = union_all(
        *(
            select(
                Record.assigned_to.label("staff_id"),
                reason.label("reason"),
                func.count().label("dealt"),
                *(_count(condition).label(name) for name, condition in _COUNTS.items()),
            )
            .select_from(Record)
            .outerjoin(Contact, of_holder)
            .where(in_states(keys, state))
            .group_by(Record.assigned_to, reason)
            for state in (RecordState.ASSIGNED, RecordState.ARCHIVED)
        )
    ).subquery()
    statement = (
        select(counted, User.name.label("staff_name"))
        .join(User, User.id == counted.c.staff_id)
        .order_by(User.name, counted.c.staff_id, counted.c.reason)
    )
    return list((await session.execute(statement)).all())
