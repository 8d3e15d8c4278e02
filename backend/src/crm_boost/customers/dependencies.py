"""Whose records a caller may open and mark: staff their own, whoever may read all those of the modules open to them."""

from typing import Annotated

from fastapi import Depends

from crm_boost.assignments.policies import all_policies
from crm_boost.contacts.service import Reach
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow, ensure_page

Worker = Annotated[Principal, Depends(allow(Permission.RECORDS_WORK, Page.CUSTOMERS))]
DealtReader = Annotated[Principal, Depends(allow(Permission.RECORDS_READ_ALL, Page.CUSTOMERS))]
ContactWorker = Annotated[Principal, Depends(allow(Permission.CONTACTS_WORK))]


def open_modules(principal: Principal) -> list[str]:
    """Return the modules whose page is not blocked for the caller."""
    return [policy.module for policy in all_policies() if policy.page not in principal.blocked_pages]


def _reach(principal: Principal, for_all: Permission) -> Reach:
    if principal.can(for_all):
        return Reach(None, open_modules(principal))
    ensure_page(principal, Page.CUSTOMERS)
    return Reach(principal.id)


def reading(principal: ContactWorker) -> Reach:
    """Return whose records the caller may look at."""
    return _reach(principal, Permission.RECORDS_READ_ALL)


def marking(principal: ContactWorker) -> Reach:
    """Return whose records the caller may mark."""
    return _reach(principal, Permission.CONTACTS_MANAGE)


Reading = Annotated[Reach, Depends(reading)]
Marking = Annotated[Reach, Depends(marking)]
