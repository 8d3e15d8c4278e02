"""Rules on who may receive records (spec 2.1): active users whose role receives, within their capacity."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_boost.assignments.errors import NoRoom, NotAReceiver, UnknownStaff
from crm_boost.assignments.rules.base import HandOutFacts
from crm_boost.identity.permissions import ROLE_PERMISSIONS, Permission, Role
from crm_boost.kit.errors import FieldError


def receivers_are_known(facts: HandOutFacts) -> None:
    """Every receiver exists and was not removed."""
    unknown = [i for i in facts.staff_ids if i not in facts.staff or facts.staff[i].deleted_at is not None]
    if unknown:
        message = "There is no such user."
        raise UnknownStaff(message, errors=[FieldError(facts.staff_field, message)], staff_ids=unknown)


def receivers_may_receive(facts: HandOutFacts) -> None:
    """Every receiver has a role that receives records."""
    _refuse(facts, [i for i in facts.staff_ids if not may_receive(facts.staff[i])], "cannot receive records: not staff")


def receivers_are_active(facts: HandOutFacts) -> None:
    """Nobody who is switched off receives."""
    _refuse(facts, [i for i in facts.staff_ids if not facts.staff[i].is_active], "cannot receive records: inactive")


def may_receive(person: Any) -> bool:
    """Whether the person's role receives records."""
    return Permission.RECEIVE_RECORDS in ROLE_PERMISSIONS[Role(person.role)]


def is_receiver(person: Any | None) -> bool:
    """Whether this person could be handed records now, capacity aside."""
    return person is not None and person.deleted_at is None and bool(person.is_active) and may_receive(person)


def rooms_of(staff_ids: Sequence[str], staff: Mapping[str, Any], open_records: Mapping[str, int]) -> list[int | None]:
    """Return how many more records each may hold; None without a limit."""
    rooms: list[int | None] = []
    for staff_id in staff_ids:
        capacity = staff[staff_id].capacity
        rooms.append(None if capacity is None else max(capacity - open_records.get(staff_id, 0), 0))
    return rooms


def total_room(rooms: Sequence[int | None]) -> int | None:
    """Return the room of all together; None when there is no limit."""
    if any(room is None for room in rooms):
        return None
    return sum(room or 0 for room in rooms)


def ensure_room(facts: HandOutFacts, rooms: Sequence[int | None], quantity: int) -> None:
    """Refuse a hand-out that does not fit into what its receivers may still hold."""
    room = total_room(rooms)
    if room is not None and room < quantity:
        by_staff = [{"staff_id": i, "room": r} for i, r in zip(facts.staff_ids, rooms, strict=True)]
        message = f"There is room for {room} more records, not for {quantity}."
        raise NoRoom(message, errors=[FieldError(facts.staff_field, message)], room=room, staff=by_staff)


def _refuse(facts: HandOutFacts, staff_ids: list[str], why: str) -> None:
    if staff_ids:
        names = ", ".join(str(facts.staff[i].name) for i in staff_ids)
        raise NotAReceiver.of(facts.staff_field, f"{names} {why}.", staff_ids=staff_ids)
