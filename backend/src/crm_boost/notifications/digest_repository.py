"""All SQL of digests: who is told, and follow-ups by staff. A few statements each, however many people there are."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from crm_boost.db.session import ReadSession
from crm_boost.followups.ladder import Urgency, days_since, rung_at
from crm_boost.followups.models import FollowUp
from crm_boost.identity.models import User


async def people_named(session: ReadSession, roles: Sequence[str]) -> dict[str, tuple[str, frozenset[str]]]:
    """Return name and blocked pages of the active people of these roles, by id."""
    statement = select(User.id, User.name, User.blocked_pages).where(
        User.role.in_(roles), User.is_active, User.deleted_at.is_(None)
    )
    return {row.id: (row.name, frozenset(row.blocked_pages)) for row in await session.execute(statement)}


async def follow_ups_by_staff(session: ReadSession, today: date) -> dict[str, dict[Urgency, int]]:
    """Return how many follow-ups of each staff wait now, by urgency."""
    one = FollowUp
    statement = (
        select(one.staff_id, one.respond_on, func.count())
        .where(one.state == "open", one.snoozed_until.is_(None) | (one.snoozed_until <= today))
        .group_by(one.staff_id, one.respond_on)
    )
    found: dict[str, dict[Urgency, int]] = defaultdict(lambda: dict.fromkeys(Urgency, 0))
    for staff_id, day, people in await session.execute(statement):
        found[staff_id][rung_at(days_since(day, today)).urgency] += people
    return dict(found)
