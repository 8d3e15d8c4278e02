"""Routes of sign-ins and personal tokens: one's own, and those of people of lower rank. For people only, never with a
token (ADR 41)."""

from typing import Annotated

from fastapi import APIRouter, Depends

from crm_boost.db.session import Reader, Writer
from crm_boost.identity import session_service, token_service
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.identity.schemas import UserSessionOut
from crm_boost.identity.token_schemas import ApiTokenCreate, ApiTokenCreated, ApiTokenOut

router = APIRouter(tags=["account"])

Own = Annotated[Principal, Depends(allow(Permission.ACCOUNT_OWN))]
UserManager = Annotated[Principal, Depends(allow(Permission.USERS_MANAGE, Page.USERS))]


@router.get("/auth/sessions", response_model_exclude_none=True)
async def own_sessions(principal: Own, session: Reader) -> list[UserSessionOut]:
    """Where the caller is signed in; at most the hundred newest."""
    found = await session_service.sessions_of(session, principal, principal.id)
    return [UserSessionOut.model_validate(one) for one in found]


@router.delete("/auth/sessions", status_code=204)
async def end_other_sessions(principal: Own, session: Writer) -> None:
    """Sign the caller out everywhere but here."""
    await session_service.end_sessions(session, principal, principal.id)


@router.delete("/auth/sessions/{session_id}", status_code=204)
async def end_own_session(principal: Own, session: Writer, session_id: str) -> None:
    """End one sign-in of the caller."""
    await session_service.end_session(session, principal, principal.id, session_id)


@router.get("/users/{user_id}/sessions", response_model_exclude_none=True)
async def list_sessions(principal: UserManager, session: Reader, user_id: str) -> list[UserSessionOut]:
    """Where somebody of lower rank, or the caller, is signed in; at most the hundred newest."""
    found = await session_service.sessions_of(session, principal, user_id)
    return [UserSessionOut.model_validate(one) for one in found]


@router.delete("/users/{user_id}/sessions", status_code=204)
async def end_sessions(principal: UserManager, session: Writer, user_id: str) -> None:
    """Sign somebody out everywhere; the session that asks stays."""
    await session_service.end_sessions(session, principal, user_id)


@router.delete("/users/{user_id}/sessions/{session_id}", status_code=204)
async def end_session(principal: UserManager, session: Writer, user_id: str, session_id: str) -> None:
    """End one sign-in of somebody of lower rank."""
    await session_service.end_session(session, principal, user_id, session_id)


@router.get("/tokens", response_model_exclude_none=True)
async def own_tokens(principal: Own, session: Reader) -> list[ApiTokenOut]:
    """The caller's tokens, the newest first; never the tokens themselves."""
    return [ApiTokenOut.model_validate(one) for one in await token_service.own_tokens(session, principal)]


@router.post("/tokens", status_code=201, response_model_exclude_none=True)
async def create_token(principal: Own, session: Writer, body: ApiTokenCreate) -> ApiTokenCreated:
    """Make a token for a script. It is shown in this answer and nowhere else."""
    return ApiTokenCreated.model_validate(await token_service.create(session, principal, body))


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke_own_token(principal: Own, session: Writer, token_id: str) -> None:
    """End a token of the caller; its next request is refused."""
    await token_service.revoke_own(session, principal, token_id)


@router.get("/users/{user_id}/tokens", response_model_exclude_none=True)
async def tokens_of_user(principal: UserManager, session: Reader, user_id: str) -> list[ApiTokenOut]:
    """The tokens of somebody of lower rank."""
    return [ApiTokenOut.model_validate(one) for one in await token_service.tokens_of(session, principal, user_id)]


@router.delete("/users/{user_id}/tokens/{token_id}", status_code=204)
async def revoke_token(principal: UserManager, session: Writer, user_id: str, token_id: str) -> None:
    """End a token of somebody of lower rank."""
    await token_service.revoke(session, principal, user_id, token_id)
