"""What a browser is told, as bytes. Pure: each announcement is written down once, however many streams send it."""

from functools import cached_property
from typing import Any

import orjson

from crm_boost.db.outbox import EVERYBODY, OutboxMessage, Position, position_of
from crm_boost.identity.permissions import Permission, is_in_audience
from crm_boost.identity.principal import Principal

RESYNC = "resync"
"""The topic that says: read everything again, what was missed cannot be told any more."""

OPENING = b": open\nretry: 2000\n\n"


def event(position: Position, data: dict[str, Any]) -> bytes:
    """Return one event; its id is where a browser that comes back goes on."""
    return b"data: %b\nid: %b\n\n" % (orjson.dumps(data), id_of(position))


def here(position: Position, comment: bytes) -> bytes:
    """Return a line that no page sees: the stream is alive, and has come so far."""
    return b": %b\nid: %b\n\n" % (comment, id_of(position))


def id_of(position: Position) -> bytes:
    """Return a position as the id of an event."""
    return b"%d.%d" % (position.xact, position.seq)


def read_position(last_event_id: str | None) -> Position | None:
    """Read where a returning browser stopped; an id that is not ours means: from now on."""
    xact, _, seq = (last_event_id or "").partition(".")
    if not (xact.isascii() and xact.isdigit() and seq.isascii() and seq.isdigit()):
        return None
    position = Position(int(xact), int(seq))
    return position if position < Position(2**62, 2**62) and position.seq < 2**62 else None


class News:
    """One announcement, and what each person may learn of it."""

    def __init__(self, message: OutboxMessage) -> None:
        self.position = position_of(message)
        self._message = message

    def told_to(self, principal: Principal) -> bytes | None:
        """Return what this person is told; None where it does not concern them. What is announced to everybody names
        objects only to those who manage them."""
        audience = self._message.audience
        if audience == EVERYBODY:
            return self._whole if principal.can(Permission.DATABASES_READ) else self._topic_only
        if audience == principal.id or is_in_audience(principal.role, audience):
            return self._whole
        return None

    @cached_property
    def _whole(self) -> bytes:
        return event(self.position, {"topic": self._message.topic, **self._message.payload})

    @cached_property
    def _topic_only(self) -> bytes:
        return event(self.position, {"topic": self._message.topic})
