"""Domain events, handled inside the transaction that raised them.

Calls go down the layers, events go up: a module raises a fact, and `wiring.py` lists who reacts to it.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any


class Event:
    """Base of all facts. Subclasses are frozen dataclasses that carry ids, never rows."""


Handler = Callable[[Any, Any], Awaitable[None]]


class EventBus:
    """Maps an event class to its handlers, called in the order of registration with (session, event)."""

    def __init__(self) -> None:
        self._handlers: dict[type[Event], list[Handler]] = defaultdict(list)

    def on(self, event: type[Event], handler: Handler) -> None:
        """Register `handler` for exactly this class of event."""
        self._handlers[event].append(handler)

    async def publish(self, session: Any, event: Event) -> None:
        """Run every handler; a failing handler fails the transaction that raised the event."""
        for handler in self._handlers.get(type(event), ()):
            await handler(session, event)
