"""Doing things in somebody's name."""

from collections.abc import Iterator
from contextlib import contextmanager

from crm_boost.identity.models import User
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import Principal
from crm_boost.kit.context import ActionContext, current_context, enter_context


def principal_of(person: User) -> Principal:
    """Return a person as the caller of use cases."""
    return Principal(person.id, person.name, Role(person.role), frozenset(), "")


@contextmanager
def acting(person: User) -> Iterator[None]:
    """Let history name this person for what happens inside the block."""
    before = current_context()
    enter_context(ActionContext(actor_id=person.id, actor_name=person.name))
    try:
        yield
    finally:
        enter_context(before)
