"""What a personal token may do of what its person may do (ADR 41). Pure.

The vocabulary is small and follows from the permission table: a new permission falls into a scope by itself. What makes
an account, or lets somebody else into it, is for people alone.
"""

from collections.abc import Set
from enum import StrEnum

from crm_boost.identity.permissions import ROLE_PERMISSIONS, Permission, Role


class Scope(StrEnum):
    READ = "read"
    """Look at everything that the person may see, but not as files."""
    WORK = "work"
    """Change what staff change: marks, requests, deposits …"""
    MANAGE = "manage"
    """Change everything that the person may change."""
    EXPORT = "export"
    """Take lists as files."""


PERSON_ONLY = frozenset(
    {Permission.ACCOUNT_OWN, Permission.USERS_MANAGE, Permission.ADMINS_MANAGE, Permission.WEBHOOKS_MANAGE}
)
EXPORTING = frozenset({Permission.EXPORTS_MAKE, Permission.EXPORTS_OVERSEE})
_DAILY_WORK = ROLE_PERMISSIONS[min(Role, key=lambda role: role.rank)]


def is_covered(permission: Permission, scopes: Set[Scope], *, reads: bool) -> bool:
    """Whether a token with these scopes may use a permission of its person; `reads`: the request changes nothing."""
    if permission in PERSON_ONLY:
        return False
    if permission in EXPORTING:
        return Scope.EXPORT in scopes
    if reads:
        return Scope.READ in scopes
    return Scope.MANAGE in scopes or (Scope.WORK in scopes and permission in _DAILY_WORK)


def scopes_of(role: Role) -> list[Scope]:
    """Return the scopes that mean something for people of this role: who manages nothing gives no token that does."""
    beyond = ROLE_PERMISSIONS[role] - _DAILY_WORK - PERSON_ONLY
    return [scope for scope in Scope if scope is not Scope.MANAGE or beyond]
