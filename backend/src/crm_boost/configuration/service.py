"""Reading and changing groups of settings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel

from crm_boost.configuration import repository
from crm_boost.db.audit import record_audit
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Stored(Generic[Shape]):
    """A group of settings, and who changed it last; nobody, while the defaults hold."""

    value: Shape
    updated_at: datetime | None = None
    updated_by_name: str | None = None


async def read(session: ReadSession, name: str, shape: type[Shape]) -> Stored[Shape]:
    """Return the settings stored under `name`, or the defaults of `shape`."""
    row = await repository.find(session, name)
    if row is None:
        return Stored(shape())
    return Stored(shape.model_validate(row.value), row.updated_at, row.updated_by_name)


async def write(session: WriteSession, name: str, value: Shape) -> Stored[Shape]:
    """Store `value` under `name`; the audit log keeps what it was and what it is."""
    before = await read(session, name, type(value))
    context, now = current_context(), utc_now()
    stored = value.model_dump(mode="json")
    await repository.put(
        session,
        {
            "name": name,
            "value": stored,
            "updated_at": now,
            "updated_by": context.actor_id,
            "updated_by_name": context.actor_name,
        },
    )
    detail = {"from": before.value.model_dump(mode="json"), "to": stored}
    await record_audit(session, "settings.change", "settings", name, **detail)
    return Stored(value, now, context.actor_name)
