"""Personal tokens for scripts: made, listed, ended (ADR 41)."""

import secrets
from datetime import timedelta
from typing import Any

from crm_boost.db.audit import record_audit
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity import token_repository as repository
from crm_boost.identity.errors import TooManyTokens
from crm_boost.identity.models import ApiToken
from crm_boost.identity.principal import API_TOKEN_PREFIX, Principal, hash_token
from crm_boost.identity.scopes import scopes_of
from crm_boost.identity.service import lock_managed, lock_user, require_managed
from crm_boost.identity.token_schemas import ApiTokenCreate
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import InvalidInput, NotFound
from crm_boost.kit.ids import new_id

MOST = 20
"""Tokens that one person can have at the same time."""


async def create(session: WriteSession, principal: Principal, wanted: ApiTokenCreate) -> dict[str, Any]:
    """Make a token of one's own; the answer is the only place that ever shows it. 422 for a scope that would not mean
    anything, 409 for one too many."""
    allowed = scopes_of(principal.role)
    beyond = [scope for scope in wanted.scopes if scope not in allowed]
    if beyond:
        raise InvalidInput.of("scopes", f"You may not give away: {', '.join(beyond)}.", "scope_too_wide")
    await lock_user(session, principal.id)
    if await repository.count_of(session, principal.id) >= MOST:
        raise TooManyTokens(f"You have {MOST} tokens. End one that is not used any more.", limit=MOST)
    token, now = API_TOKEN_PREFIX + secrets.token_urlsafe(32), utc_now()
    row = {
        "id": new_id(),
        "user_id": principal.id,
        "name": wanted.name,
        "hint": token[-4:],
        "scopes": [str(scope) for scope in wanted.scopes],
        "created_at": now,
        "expires_at": now + timedelta(days=wanted.expires_in_days),
    }
    await repository.add(session, token_hash=hash_token(token), **row)
    detail = {"scopes": row["scopes"], "days": wanted.expires_in_days}
    await record_audit(session, "token.created", "token", str(row["id"]), name=wanted.name, **detail)
    return {**row, "is_expired": False, "token": token}


async def own_tokens(session: ReadSession, principal: Principal) -> list[dict[str, Any]]:
    """Return one's own tokens, those that have expired not long ago too."""
    return _shaped(await repository.tokens_of(session, principal.id))


async def tokens_of(session: ReadSession, principal: Principal, user_id: str) -> list[dict[str, Any]]:
    """Return the tokens of somebody of lower rank."""
    user = await require_managed(session, principal, user_id)
    return _shaped(await repository.tokens_of(session, user.id))


async def revoke_own(session: WriteSession, principal: Principal, token_id: str) -> None:
    """End a token of one's own."""
    await _revoke(session, principal.id, token_id)


async def revoke(session: WriteSession, principal: Principal, user_id: str, token_id: str) -> None:
    """End a token of somebody of lower rank."""
    user = await lock_managed(session, principal, user_id)
    await _revoke(session, user.id, token_id)


async def _revoke(session: WriteSession, user_id: str, token_id: str) -> None:
    name = await repository.delete_token(session, user_id, token_id)
    if name is None:
        raise NotFound("There is no such token.", id=token_id)
    await record_audit(session, "token.revoked", "token", token_id, name=name, user_id=user_id)


def _shaped(tokens: Any) -> list[dict[str, Any]]:
    now = utc_now()
    return [_row(token) | {"is_expired": token.expires_at <= now} for token in tokens]


def _row(token: ApiToken) -> dict[str, Any]:
    row = {
        name: getattr(token, name)
        for name in ("id", "name", "hint", "scopes", "created_at", "expires_at", "last_used_at")
    }
    return {name: value for name, value in row.items() if value is not None}
