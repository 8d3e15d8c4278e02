"""Who is calling: resolves a session token to a principal, and the dependencies that guard endpoints.

Deny by default: an endpoint takes a `Principal` through `allow(...)`, which checks the permission table, the blocked
pages and, for cookie sessions, the request token against forged requests.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from crm_boost.identity.errors import CsrfMissing, PageBlocked, ScopeMissing
from crm_boost.identity.permissions import ROLE_PERMISSIONS, Page, Permission, Role
from crm_boost.identity.repository import find_session_user
from crm_boost.identity.scopes import EXPORTING, Scope, is_covered
from crm_boost.identity.token_repository import find_token_user
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import Forbidden, Unauthenticated

COOKIE = "crm_session"
API_TOKEN_PREFIX = "crmb_pat_"  # noqa: S105 - what it looks like, not one
"""What personal tokens begin with, so that they are found where they must not be: in sources, logs, chats."""
CSRF_HEADER = "X-CSRF-Token"
AWAY_HEADER = "X-Away"
"""Sent by the web app while nobody has touched it for a minute."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in person, as of this request. `scopes`: of the token that the request came with, None for a sign-in;
    `reads`: whether the request changes nothing."""

    id: str
    name: str
    role: Role
    blocked_pages: frozenset[str]
    token_hash: str
    scopes: frozenset[Scope] | None = None
    reads: bool = False

    def can(self, permission: Permission) -> bool:
        """Whether the permission table grants `permission`, and the token in use covers it."""
        if permission not in ROLE_PERMISSIONS[self.role]:
            return False
        return self.scopes is None or is_covered(permission, self.scopes, reads=self.reads)

    def can_open(self, permission: Permission, page: Page) -> bool:
        """Whether the permission table grants `permission`, and `page` is not blocked."""
        return self.can(permission) and page not in self.blocked_pages


def hash_token(token: str) -> str:
    """Return what is stored of a session token: it is random and long, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token(token: str) -> str:
    """Derive the request token of a cookie session; a foreign site can neither read nor compute it."""
    return hmac.new(token.encode(), b"crm-boost csrf", hashlib.sha256).hexdigest()


def session_token(request: Request) -> tuple[str, bool]:
    """Return the token and whether it came in the cookie. Raises 401 when there is none."""
    authorization = request.headers.get("authorization", "")
    scheme, _, bearer = authorization.partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return bearer.strip(), False
    cookie = request.cookies.get(COOKIE)
    if cookie:
        return cookie, True
    raise Unauthenticated("Sign in to use this.")


def _shows_somebody_there(request: Request) -> bool:
    """Open pages read again what changed, and their stream comes back, also when everybody has left the room."""
    headers = request.headers
    return headers.get(AWAY_HEADER) is None and headers.get("accept") != "text/event-stream"


async def authenticate(request: Request) -> Principal:
    """Resolve the request's session. 401 without a valid one, 403 for a cookie write without its request token."""
    token, from_cookie = session_token(request)
    hashed = hash_token(token)
    now = utc_now()
    if not from_cookie and token.startswith(API_TOKEN_PREFIX):
        return await _by_token(request, hashed, now)
    async with request.app.state.database.read() as session:
        row = await find_session_user(session, hashed, now)
    if row is None:
        raise Unauthenticated("Your session has ended. Sign in again.")
    if from_cookie and request.method not in _SAFE_METHODS:
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), csrf_token(token).encode()):
            raise CsrfMissing(f"The {CSRF_HEADER} header is missing or wrong. Reload the page.")
    context = current_context()
    context.actor_id, context.actor_name = row.id, row.name
    if _shows_somebody_there(request):
        request.app.state.activity.seen(row.id, row.last_seen_at, now)
        request.app.state.activity.session_seen(hashed, row.session_seen_at, now)
    return Principal(row.id, row.name, Role(row.role), frozenset(row.blocked_pages), hashed)


async def _by_token(request: Request, hashed: str, now: datetime) -> Principal:
    """Resolve a personal token. Its use does not make its person present."""
    async with request.app.state.database.read() as session:
        row = await find_token_user(session, hashed, now)
    if row is None:
        raise Unauthenticated("This token is not valid, or not any more.")
    await request.app.state.token_pace.use(row.token_id, (row.minute, row.minute_requests), now)
    request.app.state.activity.token_used(row.token_id, row.last_used_at, now)
    context = current_context()
    context.actor_id, context.actor_name, context.token_name = row.id, row.name, row.token_name
    return Principal(
        row.id,
        row.name,
        Role(row.role),
        frozenset(row.blocked_pages),
        hashed,
        frozenset(map(Scope, row.scopes)),
        request.method in _SAFE_METHODS,
    )


Authenticated = Annotated[Principal, Depends(authenticate)]


def ensure_page(principal: Principal, page: str) -> None:
    """Refuse what belongs to a page blocked for this user (spec 1.2: blocked pages are enforced by the server)."""
    if page in principal.blocked_pages:
        raise PageBlocked(f"The page {page!r} is blocked for you.", page=page)


def _within_scopes(principal: Principal, permission: Permission) -> Principal:
    """Refuse what the token does not cover; to put a list into a file is to read it, also by a request that orders it."""
    scopes = principal.scopes or frozenset()
    if not principal.can(permission):
        raise ScopeMissing("This token does not allow it.", permission=permission.value, scopes=sorted(scopes))
    return replace(principal, scopes=scopes | {Scope.READ}, reads=True) if permission in EXPORTING else principal


def allow(permission: Permission, page: Page | None = None) -> Callable[..., Any]:
    """Return a dependency that admits callers who hold `permission` and for whom `page` is not blocked."""

    async def guard(principal: Authenticated) -> Principal:
        if principal.scopes is not None and permission in ROLE_PERMISSIONS[principal.role]:
            principal = _within_scopes(principal, permission)
        if not principal.can(permission):
            raise Forbidden("Your role does not allow this.", permission=permission.value)
        if page is not None:
            ensure_page(principal, page)
        return principal

    guard.__name__ = f"allow_{permission.name.lower()}"
    guard.permission = permission  # type: ignore[attr-defined]
    guard.page = page  # type: ignore[attr-defined]
    return guard
