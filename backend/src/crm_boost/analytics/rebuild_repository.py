"""All SQL that proves the figures of work, and puts them right."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, case, delete, func, literal, or_, select, text, tuple_, union_all

from crm_boost.analytics.counting import WORK, Place, Work
from crm_boost.analytics.models import WorkDay, WorkItem
from crm_boost.analytics.response_write_repository import wrong_times
from crm_boost.analytics.work_write_repository import ItemKey, marks
from crm_boost.contacts.models import Contact
from crm_boost.contacts.verdicts import YES
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.state_repository import between, keys_of
from crm_boost.db.dialect import has_parallel_writers, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.types import Question
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS

_item = cast(Table, WorkItem.__table__)
_day = cast(Table, WorkDay.__table__)
_i, _d = _item.c, _day.c


async def lock_figures(session: WriteSession) -> None:
    """Let nobody else change figures of work until the end of the transaction. SQLite has one writer."""
    if has_parallel_writers(session):
        await session.execute(text("LOCK TABLE work_items, work_daily, response_counts IN EXCLUSIVE MODE"))


async def all_databases(session: ReadSession) -> list[str]:
    """Return every database, those in the trash and beyond too."""
    return list((await session.scalars(select(CustomerDatabase.id).order_by(CustomerDatabase.id))).all())


async def marks_in(session: ReadSession, database_id: str, after: ItemKey, limit: int) -> list[dict[str, Any]]:
    """Return contacts of a database in the order of their keys, also those whose records were removed."""
    own = Contact.record_seq.between(CustomerDatabase.first_seq, CustomerDatabase.last_seq)
    statement = (
        marks()
        .join(CustomerDatabase, CustomerDatabase.id == database_id)
        .where(own, tuple_(Contact.record_seq, Contact.deal_rank) > tuple_(*after))
        .order_by(Contact.record_seq, Contact.deal_rank)
        .limit(limit)
    )
    return [dict(row._mapping) for row in await session.execute(statement)]


async def untouched_in(session: ReadSession, database_id: str) -> list[tuple[datetime, str, int]]:
    """Return what of a database is handed out and not worked on: when, to whom, how many."""
    worked_on = select(Contact.record_seq).where(
        Contact.record_seq == Record.seq, Contact.deal_rank == Record.deal_rank
    )
    statement = (
        select(Record.assigned_at, Record.assigned_to, func.count())
        .where(between(keys_of(database_id)), unindexed(Record.deal_rank).is_not(None), ~worked_on.exists())
        .group_by(Record.assigned_at, Record.assigned_to)
    )
    return [(row[0], str(row[1]), row[2]) for row in await session.execute(statement) if row[0] is not None]


async def contacts_without_items(session: ReadSession, database_id: str, after: ItemKey, limit: int) -> list[ItemKey]:
    """Return contacts of a database of which no figures are stored, in the order of their keys."""
    own = Contact.record_seq.between(CustomerDatabase.first_seq, CustomerDatabase.last_seq)
    stored = select(_i.record_seq).where(_i.record_seq == Contact.record_seq, _i.deal_rank == Contact.deal_rank)
    statement = (
        select(Contact.record_seq, Contact.deal_rank)
        .join(CustomerDatabase, CustomerDatabase.id == database_id)
        .where(own, tuple_(Contact.record_seq, Contact.deal_rank) > tuple_(*after), ~stored.exists())
        .order_by(Contact.record_seq, Contact.deal_rank)
        .limit(limit)
    )
    return [(row.record_seq, row.deal_rank) for row in await session.execute(statement)]


async def worked_on_in(session: ReadSession, database_id: str) -> list[tuple[Place, int]]:
    """Return the hand-outs of a database that were worked on: how many of each day and staff."""
    statement = (
        select(_i.handed_on, _i.staff_id, func.count())
        .where(_i.database_id == database_id)
        .group_by(_i.handed_on, _i.staff_id)
    )
    return [(Place(row[0], row[1], database_id), row[2]) for row in await session.execute(statement)]


async def places_of(session: ReadSession, database_id: str) -> dict[Place, Work]:
    """Return what is stored of a database, by place."""
    rows = await session.execute(select(_day).where(_d.database_id == database_id))
    return {
        Place(row.day, row.staff_id, row.database_id): Work(**{name: getattr(row, name) for name in WORK})
        for row in rows
    }


async def drop_foreign_items(session: WriteSession, database_id: str) -> int:
    """Remove what is stored of hand-outs that nobody has worked on; return how many there were."""
    contact = select(Contact.record_seq).where(Contact.record_seq == _i.record_seq, Contact.deal_rank == _i.deal_rank)
    statement = delete(_item).where(_i.database_id == database_id, ~contact.exists())
    return (await session.execute(statement)).rowcount  # type: ignore[attr-defined, no-any-return]


async def drifts(session: ReadSession) -> bool:
    """Return whether anything stored is not what it has to be."""
    for question in (wrong_items(), wrong_figures()):
        if (await session.execute(question.limit(1))).first() is not None:
            return True
    return False


def wrong_items() -> Question:
    """Return the statement: hand-outs whose stored marks or deposits are not those of the contact and the ledger."""
    first = (
        select(func.min(Deposit.record_date))
        .where(
            COUNTS,
            Deposit.staff_id == _i.staff_id,
            Deposit.customer_key == _i.customer_key,
            Deposit.product_id == CustomerDatabase.product_id,
            Deposit.record_date >= _i.respond_on,
        )
        .correlate(_item, CustomerDatabase.__table__)
        .scalar_subquery()
    )
    differs: list[ColumnElement[bool]] = [
        _i.record_seq.is_(None),
        _i.staff_id != Contact.staff_id,
        _i.wa_status.is_distinct_from(Contact.wa_status),
        _i.respond_status.is_distinct_from(Contact.respond_status),
        and_(Contact.respond_status == YES, _i.deposited_on.is_distinct_from(first)),
    ]
    return (
        select(
            Contact.record_seq.label("key"),
            Contact.record_seq.label("id"),
            literal("hand_out").label("kind"),
        )
        .select_from(Contact)
        .outerjoin(_item, and_(_i.record_seq == Contact.record_seq, _i.deal_rank == Contact.deal_rank))
        .outerjoin(CustomerDatabase, CustomerDatabase.id == _i.database_id)
        .where(or_(*differs))
    )


def wrong_figures() -> Question:
    """Return the statement: staff and databases whose daily figures are not what their hand-outs add up to, and staff and
    products whose response times are not."""
    figures = WORK[1:]
    stored = select(_d.day, _d.staff_id, _d.database_id, *(_d[name] for name in figures))

    def part(day: Any, **ones: ColumnElement[bool]) -> Any:
        cells = [(case((ones[name], -1), else_=0) if name in ones else literal(0)).label(name) for name in figures]
        return select(day.label("day"), _i.staff_id, _i.database_id, *cells).where(day.is_not(None))

    checked, yes = _i.wa_status.is_not(None), func.coalesce(_i.respond_status == YES, False)
    deposited = _i.deposited_on.is_not(None)
    statuses = {name: func.coalesce(_i.wa_status == name, False) for name in ("ada", "ceklis1", "tidak")}
    said_no = and_(_i.respond_status.is_not(None), ~yes)
    parts = union_all(
        stored,
        part(
            _i.handed_on, **statuses, yes=yes, no=said_no, checked_yes=and_(checked, yes),
            deposited=deposited, checked_deposited=and_(checked, deposited),
        ),
        part(_i.wa_on, **{f"done_{name}": condition for name, condition in statuses.items()}),
        part(_i.respond_on, done_yes=yes, done_no=said_no),
    ).subquery()  # fmt: skip
    by_day = (
        select(parts.c.staff_id.label("key"), parts.c.database_id.label("id"), literal("day").label("kind"))
        .group_by(parts.c.day, parts.c.staff_id, parts.c.database_id)
        .having(or_(*(func.sum(parts.c[name]) != 0 for name in figures)))
    )
    worked = select(Contact.record_seq).where(Contact.record_seq == Record.seq, Contact.deal_rank == Record.deal_rank)
    handed = union_all(
        select(_d.staff_id, _d.database_id, _d.assigned.label("assigned")),
        select(_i.staff_id, _i.database_id, literal(-1)),
        select(Record.assigned_to, Record.database_id, literal(-1)).where(
            Record.deal_rank.is_not(None), ~worked.exists()
        ),
    ).subquery()
    in_all = (
        select(handed.c.staff_id, handed.c.database_id, literal("hand_outs"))
        .group_by(handed.c.staff_id, handed.c.database_id)
        .having(func.sum(handed.c.assigned) != 0)
    )
    found = union_all(by_day, in_all, wrong_times()).subquery()
    return select(found)
