"""Who may own a reservation."""

from typing import NamedTuple

from crm_boost.db.session import ReadSession
from crm_boost.identity.repository import standing_of
from crm_boost.kit.errors import InvalidInput, NotFound


class PossibleOwner(NamedTuple):
    """Somebody who may own reservations and deposits."""

    id: str
    name: str


async def require_owner(session: ReadSession, user_id: str, *, field: str = "staff_id") -> PossibleOwner:
    """Return an active user, of any role (spec 7); unknown ones are a 404."""
    user = await standing_of(session, user_id)
    if user is None:
        raise NotFound("There is no such person.", field=field, id=user_id)
    if not user.is_active:
        raise InvalidInput.of(field, "This person's account is switched off.", "inactive_staff")
    return PossibleOwner(user.id, user.name)
