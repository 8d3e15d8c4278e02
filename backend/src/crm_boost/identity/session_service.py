"""Where people are signed in, and ending it: one's own sign-ins, and those of people of lower rank."""

import hashlib
from typing import Any

from crm_boost.db.audit import record_audit
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity import repository
from crm_boost.identity.models import UserSession
from crm_boost.identity.principal import Principal
from crm_boost.identity.service import lock_managed, require_managed
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import NotFound


def session_id(token_hash: str) -> str:
    """Return the name of a sign-in in answers and addresses: nothing that is stored leads out of it."""
    return hashlib.sha256(f"session {token_hash}".encode()).hexdigest()[:32]


async def sessions_of(session: ReadSession, principal: Principal, user_id: str) -> list[dict[str, Any]]:
    """Return where somebody is signed in: oneself, or somebody of lower rank."""
    if user_id != principal.id:
        await require_managed(session, principal, user_id)
    return [_shaped(one, principal) for one in await repository.sessions_of(session, user_id, utc_now())]


async def end_sessions(session: WriteSession, principal: Principal, user_id: str) -> None:
    """Sign somebody of lower rank out everywhere; of oneself, everywhere but here."""
    if user_id != principal.id:
        await lock_managed(session, principal, user_id)
    await repository.delete_sessions_of(session, user_id, keep=principal.token_hash)
    await record_audit(session, "user.signed_out", "user", user_id)


async def end_session(session: WriteSession, principal: Principal, user_id: str, wanted: str) -> None:
    """End one sign-in of oneself or of somebody of lower rank; 404 when it is over already."""
    if user_id != principal.id:
        await lock_managed(session, principal, user_id)
    for token_hash in await repository.session_hashes_of(session, user_id):
        if session_id(token_hash) == wanted:
            await repository.delete_session(session, token_hash)
            await record_audit(session, "user.session_ended", "user", user_id)
            return
    raise NotFound("This sign-in is over already.", id=wanted)


def _shaped(one: UserSession, principal: Principal) -> dict[str, Any]:
    row = {
        "id": session_id(one.token_hash),
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "last_seen_at": one.last_seen_at or one.created_at,
        "user_agent": one.user_agent,
        "address": one.address,
        "is_current": one.token_hash == principal.token_hash,
    }
    return {name: value for name, value in row.items() if value is not None}
