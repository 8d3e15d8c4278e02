"""The policies, by module. A fourth module is a new policy object here plus a menu entry (spec 2)."""

from collections.abc import Iterator
from contextlib import contextmanager

from crm_boost.assignments.errors import UnknownModule
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.policies.bonanza import BONANZA
from crm_boost.assignments.policies.member_wd import MEMBER_WD
from crm_boost.assignments.policies.normal import NORMAL

_policies: dict[str, Policy] = {policy.module: policy for policy in (NORMAL, MEMBER_WD, BONANZA)}


def all_policies() -> tuple[Policy, ...]:
    """Return every policy, in the order of the menu."""
    return tuple(_policies.values())


def policy_of(module: str) -> Policy:
    """Return the policy of a module; an unknown module is a 404."""
    policy = _policies.get(module)
    if policy is None:
        raise UnknownModule(f"There is no module {module!r}.", module=module)
    return policy


@contextmanager
def registered(policy: Policy) -> Iterator[Policy]:
    """Add a module for the length of the block."""
    if policy.module in _policies:
        raise ValueError(f"the module {policy.module!r} already has a policy")
    _policies[policy.module] = policy
    try:
        yield policy
    finally:
        del _policies[policy.module]
