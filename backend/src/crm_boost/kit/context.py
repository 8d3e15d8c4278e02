"""Who is acting, in which request or job: carried beside the call instead of through every signature."""

from contextvars import ContextVar
from dataclasses import dataclass, field

from crm_boost.kit.ids import new_id


@dataclass(slots=True)
class ActionContext:
    """The acting person and the correlation id that history, audit and logs share."""

    correlation_id: str = field(default_factory=new_id)
    actor_id: str | None = None
    actor_name: str = "system"
    address: str | None = None
    token_name: str | None = None
    """The personal token that a script acts with."""


_current: ContextVar[ActionContext | None] = ContextVar("action_context", default=None)


def current_context() -> ActionContext:
    """Return the context of the running request or job; outside of one, a fresh `system` context."""
    context = _current.get()
    if context is None:
        context = ActionContext()
        _current.set(context)
    return context


def enter_context(context: ActionContext) -> None:
    """Make `context` the current one for this task and the tasks it starts."""
    _current.set(context)
