"""Who may use a module's endpoints: a permission, and the module's page not blocked for the caller."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends

from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow, ensure_page


def in_module(permission: Permission, module: str | None = None) -> Callable[..., Any]:
    """Return a dependency that answers the policy of the path's module (or of `module`) for callers who may.

    The role is checked before the module is looked at: what does not exist is not told to the wrong people.
    """
    guard = Depends(allow(permission))
    if module is not None:
        fixed = module

        def of_fixed(principal: Annotated[Principal, guard]) -> Policy:
            return _admit(principal, fixed)

        return of_fixed

    def of_path(module: str, principal: Annotated[Principal, guard]) -> Policy:
        return _admit(principal, module)

    return of_path


def _admit(principal: Principal, module: str) -> Policy:
    policy = policy_of(module)
    ensure_page(principal, policy.page)
    return policy
