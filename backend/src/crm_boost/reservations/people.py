"""Who may own a reservation."""

from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.identity.repository import get_user
from crm_boost.kit.errors import InvalidInput, NotFound


async def require_owner(session: ReadSession, user_id: str, *, field: str = "staff_id") -> User:
    """Return an active user, of any role (spec 7); unknown ones are a 404."""
    user = await get_user(session, user_id)
    if user is None or user.deleted_at is not None:
        raise NotFound("There is no such person.", field=field, id=user_id)
    if not user.is_active:
        raise InvalidInput.of(field, "This person's account is switched off.", "inactive_staff")
    return user
