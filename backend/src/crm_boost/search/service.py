"""Use case: find what a reader may open, by any part of its name."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import orjson

from crm_boost.assignments.policies import all_policies
from crm_boost.db.session import ReadSession
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal
from crm_boost.identity.repository import list_users
from crm_boost.pools.search import search_term
from crm_boost.products.repository import list_products
from crm_boost.search import repository
from crm_boost.search.schemas import Hit, HitKind

PER_KIND = 5
_CANDIDATES = 4 * PER_KIND
"""Records looked at for so many customers: some have several."""


async def search(session: ReadSession, principal: Principal, q: str) -> list[Hit]:
    """Return up to five objects of each kind: only kinds the caller may read, on pages not blocked for the caller."""
    q = q.strip()
    if not q:
        return []
    hits = [*await _databases(session, principal, q), *await _customers(session, principal, q)]
    if principal.can(Permission.USERS_READ) and Page.USERS not in principal.blocked_pages:
        users, _ = await list_users(session, roles=None, q=q, after=None, limit=PER_KIND)
        hits += [_hit(HitKind.USER, user.id, user.name, user.email, "/admin/users") for user in users[:PER_KIND]]
    if principal.can(Permission.PRODUCTS_MANAGE) and Page.PRODUCTS not in principal.blocked_pages:
        products, _ = await list_products(session, include_retired=False, q=q, after=None, limit=PER_KIND)
        hits += [
            _hit(HitKind.PRODUCT, product.id, product.name, product.description, "/admin/products")
            for product in products[:PER_KIND]
        ]
    return hits


def _pages(principal: Principal) -> dict[str, str]:
    """The address of each module that is not blocked for the caller."""
    return {policy.module: f"/{policy.page}" for policy in all_policies() if policy.page not in principal.blocked_pages}


async def _databases(session: ReadSession, principal: Principal, q: str) -> list[Hit]:
    if not principal.can(Permission.DATABASES_READ):
        return []
    pages = _pages(principal)
    return [
        Hit(
            kind=HitKind.DATABASE,
            id=row.id,
            title=row.name,
            subtitle=row.product_name,
            url=f"{pages[row.module]}/{row.id}",
        )
        for row in await repository.find_databases(session, q, list(pages), PER_KIND)
    ]


async def _customers(session: ReadSession, principal: Principal, q: str) -> list[Hit]:
    term = search_term(q)
    if term is None:
        return []
    if principal.can(Permission.RECORDS_READ_ALL):
        pages = _pages(principal)
        rows = await repository.find_customers(session, term, list(pages), _CANDIDATES)
        if Page.CUSTOMERS not in principal.blocked_pages:
            return _customers_of(rows)
        return [_record(row, f"{pages[row.module]}/{row.database_id}") for row in rows[:PER_KIND]]
    if principal.can(Permission.RECORDS_WORK) and Page.CUSTOMERS not in principal.blocked_pages:
        return _customers_of(await repository.find_own_customers(session, term, principal.id, _CANDIDATES))
    return []


def _customers_of(rows: Sequence[Any]) -> list[Hit]:
    """Each customer once, however many records they have, with the address of their page."""
    by_key: dict[str, Any] = {}
    for row in rows:
        by_key.setdefault(row.customer_key, row)
    found = list(by_key.items())[:PER_KIND]
    return [_customer(row, _title(row), f"/customers/{quote(key, safe='')}") for key, row in found]


def _record(row: Any, list_url: str) -> Hit:
    title = _title(row)
    return _customer(row, title, _narrowed(list_url, title, row.id))


def _title(row: Any) -> str:
    """The identifier as it stands in the file."""
    cells, username = orjson.loads(row.row_data), row.mapping.get("username")
    return str(cells[username]) if username is not None and username < len(cells) else str(row.customer_key)


def _customer(row: Any, title: str, url: str) -> Hit:
    subtitle = " · ".join(part for part in (row.display_name, row.phone_e164, row.database_name) if part)
    return Hit(kind=HitKind.CUSTOMER, id=row.id, title=title, subtitle=subtitle, url=url)


def _hit(kind: HitKind, object_id: str, title: str, subtitle: str, list_url: str) -> Hit:
    return Hit(kind=kind, id=object_id, title=title, subtitle=subtitle, url=_narrowed(list_url, title, object_id))


def _narrowed(list_url: str, title: str, object_id: str) -> str:
    """The address of a list narrowed to the object, with its sheet open."""
    return f"{list_url}?q={quote(title, safe='')}&open={quote(object_id, safe='')}"
