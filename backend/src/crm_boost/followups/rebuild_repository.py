"""All SQL of looking for drift: what is stored of follow-ups against their definition, and of putting it right."""

from typing import Any

from sqlalchemy import Text, and_, case, delete, func, literal, null, or_, select, union_all
from sqlalchemy import cast as as_type

from crm_boost.contacts.models import Contact
from crm_boost.contacts.verdicts import YES
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.types import Question
from crm_boost.followups import repository
from crm_boost.followups.models import FollowUp, FollowUpDay, FollowUpTotal
from crm_boost.followups.states import FollowUpState

Place = tuple[Any, ...]


def wrong_follow_ups() -> Question:
    """Answers of yes whose follow-up is missing, of somebody else or in another state than it has to be, and follow-ups
    of what is no longer a yes. Columns as health checks have them: `key`, `id`, `kind`."""
    said = repository.defined().subquery("said")
    same = and_(FollowUp.record_seq == said.c.record_seq, FollowUp.deal_rank == said.c.deal_rank)
    deposited = and_(said.c.last_date.is_not(None), said.c.last_date >= FollowUp.respond_on)
    state = case(
        (deposited, literal(str(FollowUpState.DEPOSITED))),
        else_=func.coalesce(FollowUp.outcome, literal(str(FollowUpState.OPEN))),
    )
    copied = ("record_id", "staff_id", "product_id", "database_id", "customer_key", "respond_at")
    differs = [getattr(FollowUp, name) != said.c[name] for name in copied]
    kind = literal("follow_up").label("kind")
    missing = (
        select(said.c.record_id.label("key"), said.c.record_id.label("id"), kind)
        .select_from(said)
        .outerjoin(FollowUp, same)
        .where(or_(FollowUp.record_seq.is_(None), FollowUp.state != state, *differs))
    )
    surplus = (
        select(FollowUp.record_id.label("key"), FollowUp.record_id.label("id"), kind)
        .select_from(FollowUp)
        .outerjoin(said, same)
        .where(FollowUp.state != FollowUpState.ENDED, said.c.record_seq.is_(None))
    )
    return select(union_all(missing, surplus).subquery("wrong_follow_ups"))


def _sides(staff_id: str | None) -> list[tuple[Any, Any]]:
    """For each kind of counter: what follow-ups add up to, and what is stored."""
    place = (FollowUp.staff_id, FollowUp.product_id, FollowUp.database_id)
    people = func.count().label("people")
    totals = select(*place, FollowUp.state, people).where(FollowUp.state != FollowUpState.ENDED)
    days = select(FollowUp.respond_on, *place, people).where(FollowUp.state == FollowUpState.OPEN)
    sides = []
    for counted, table in (
        (totals.group_by(*place, FollowUp.state), FollowUpTotal),
        (days.group_by(FollowUp.respond_on, *place), FollowUpDay),
    ):
        keys = list(table.__table__.primary_key)
        stored = select(*keys, table.people)
        if staff_id is not None:
            counted, stored = counted.where(FollowUp.staff_id == staff_id), stored.where(table.staff_id == staff_id)
        sides.append((counted, stored))
    return sides


def wrong_counters() -> Question:
    """Counters that are not what the stored follow-ups add up to."""
    found = []
    for counted, stored in _sides(None):
        *keys, people = stored.selected_columns
        negative = select(*keys, (-people).label("people"))
        both = union_all(counted, negative).subquery()
        names = [key.name for key in keys]
        place = [both.c[name] for name in names]
        day = as_type(both.c.respond_on, Text) if "respond_on" in names else null()
        key = func.coalesce(day, both.c.staff_id)
        rows = select(key.label("key"), both.c.staff_id.label("id"), literal("follow_up_counter").label("kind"))
        found.append(rows.group_by(*place).having(func.sum(both.c.people) != 0))
    return select(union_all(*found).subquery("wrong_counters"))


async def next_records(session: ReadSession, after: int, limit: int) -> list[int]:
    """Return the next records that have a yes or a follow-up."""
    yes = select(Contact.record_seq).where(Contact.respond_status == YES, Contact.record_seq > after)
    stored = select(FollowUp.record_seq).where(FollowUp.state != FollowUpState.ENDED, FollowUp.record_seq > after)
    some: list[int] = []
    for statement, column in ((yes, Contact.record_seq), (stored, FollowUp.record_seq)):
        some += (await session.scalars(statement.order_by(column).limit(limit))).all()
    return sorted(set(some))[:limit]


async def people(session: ReadSession) -> list[str]:
    """Return everybody who has follow-ups or counters."""
    found: set[str] = set()
    for column in (FollowUp.staff_id, FollowUpTotal.staff_id, FollowUpDay.staff_id):
        found.update((await session.scalars(select(column).distinct())).all())
    return sorted(found)


async def holders_of(session: ReadSession, seqs: list[int]) -> set[str]:
    """Return who was told yes about these records."""
    statement = select(Contact.staff_id).where(Contact.record_seq.in_(seqs), Contact.respond_status == YES).distinct()
    return set((await session.scalars(statement)).all())


async def right_counters(session: WriteSession, staff_id: str) -> int:
    """Make the counters of one person what their follow-ups add up to; return how many differed."""
    changes: list[dict[Place, int]] = []
    for counted, stored in _sides(staff_id):
        difference = {tuple(key): people for *key, people in await session.execute(counted)}
        for *key, number in await session.execute(stored):
            difference[tuple(key)] = difference.get(tuple(key), 0) - number
        changes.append({key: number for key, number in difference.items() if number})
    await repository.add_to_counters(session, *changes)
    for table in (FollowUpTotal, FollowUpDay):
        await session.execute(delete(table).where(table.staff_id == staff_id, table.people == 0))
    return sum(map(len, changes))


async def drifts(session: ReadSession) -> bool:
    """Whether anything stored differs from what it has to be."""
    for question in (wrong_follow_ups(), wrong_counters()):
        if (await session.execute(question.limit(1))).first() is not None:
            return True
    return False
