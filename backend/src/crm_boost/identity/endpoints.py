"""Routes of sign-in, first run, profile and users."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.db.session import Reader, Writer
from crm_boost.identity import repository, service
from crm_boost.identity.activity import presence_of, seen_between
from crm_boost.identity.models import User
from crm_boost.identity.permissions import ROLE_PERMISSIONS, Page, Permission, Role, roles_with
from crm_boost.identity.principal import COOKIE, Principal, allow, csrf_token, session_token
from crm_boost.identity.schemas import (
    LoginRequest,
    Me,
    PasswordChange,
    Presence,
    ProfileUpdate,
    SetupRequest,
    SetupState,
    SignedIn,
    StaffName,
    UserCreate,
    UserOut,
    UserRemovedOut,
    UserSelf,
    UserUpdate,
)
from crm_boost.kit.clock import utc_now
from crm_boost.kit.paging import decode_cursor, page_of
from crm_boost.settings import AuthSettings
from crm_boost.web.lists import Listing, list_response

public = APIRouter(tags=["auth"])
router = APIRouter(tags=["users"])

Own = Annotated[Principal, Depends(allow(Permission.PROFILE_OWN))]
Owner = Annotated[Principal, Depends(allow(Permission.ACCOUNT_OWN))]
UserReader = Annotated[Principal, Depends(allow(Permission.USERS_READ, Page.USERS))]
UserManager = Annotated[Principal, Depends(allow(Permission.USERS_MANAGE, Page.USERS))]
StaffLister = Annotated[Principal, Depends(allow(Permission.STAFF_LIST))]


def _settings(request: Request) -> AuthSettings:
    settings: AuthSettings = request.app.state.settings.auth
    return settings


def _client(request: Request) -> service.Client:
    return service.Client(request.client.host if request.client else None, request.headers.get("user-agent"))


def _self(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "blocked_pages": user.blocked_pages,
        "permissions": sorted(ROLE_PERMISSIONS[Role(user.role)]),
        "language": user.language,
        "theme": user.theme,
    }


def _signed_in(request: Request, response: Response, user: User, token: str) -> SignedIn:
    settings = _settings(request)
    over_tls = request.url.scheme == "https"
    response.set_cookie(
        COOKIE,
        token,
        max_age=settings.session_days * 86400,
        httponly=True,
        samesite="lax",
        secure=settings.cookie_secure or over_tls,
        path="/",
    )
    return SignedIn(token=token, csrf_token=csrf_token(token), user=UserSelf.model_validate(_self(user)))


def _user_row(request: Request, user: User) -> dict[str, Any]:
    settings = _settings(request)
    row = {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "is_active": user.is_active,
        "capacity": user.capacity,
        "blocked_pages": user.blocked_pages,
        "language": user.language,
        "presence": presence_of(
            user.last_seen_at,
            utc_now(),
            online_seconds=settings.online_seconds,
            idle_seconds=settings.idle_seconds,
        ),
        "last_seen_at": user.last_seen_at,
        "created_at": user.created_at,
    }
    return {name: value for name, value in row.items() if value is not None}


@public.get("/setup")
async def setup_state(request: Request, session: Reader) -> SetupState:
    """Whether the first administrator is still to be created, and how long new passwords must be."""
    return SetupState(
        needs_setup=await service.needs_set_up(session), password_min_length=_settings(request).password_min_length
    )


@public.post("/setup", status_code=201)
async def set_up(request: Request, response: Response, body: SetupRequest) -> SignedIn:
    """Create the first administrator and sign in; 409 as soon as any user exists."""
    user, token = await service.set_up(request.app.state.database, _settings(request), body, _client(request))
    return _signed_in(request, response, user, token)


@public.post("/auth/login", responses={401: {"description": "The email or the password is wrong."}})
async def login(request: Request, response: Response, body: LoginRequest) -> SignedIn:
    """Sign in: sets the session cookie, and answers the same token for scripts."""
    user, token = await service.sign_in(
        request.app.state.database, _settings(request), body.email, body.password, _client(request)
    )
    return _signed_in(request, response, user, token)


@router.post("/auth/logout", status_code=204, tags=["auth"])
async def logout(principal: Owner, session: Writer, response: Response) -> None:
    """End this session."""
    await service.sign_out(session, principal)
    response.delete_cookie(COOKIE, path="/")


@router.get("/auth/me", tags=["auth"])
async def me(principal: Own, session: Reader, request: Request) -> Me:
    """The signed-in person and the request token for cookie sessions."""
    user = await service.require_user(session, principal.id)
    return Me.model_validate({**_self(user), "csrf_token": csrf_token(session_token(request)[0])})


@router.patch("/auth/me", tags=["auth"])
async def update_me(principal: Owner, session: Writer, body: ProfileUpdate) -> UserSelf:
    """Change own name, language, theme."""
    return UserSelf.model_validate(_self(await service.update_profile(session, principal, body)))


@router.post("/auth/password", status_code=204, tags=["auth"])
async def change_password(principal: Owner, request: Request, body: PasswordChange) -> None:
    """Change own password; every other session of this person ends."""
    await service.change_password(request.app.state.database, _settings(request), principal, body)


@router.get("/users", response_model=list[UserOut])
async def list_users(
    principal: UserReader,
    session: Reader,
    request: Request,
    listing: Listing,
    q: Annotated[str | None, Query(max_length=200)] = None,
    role: Role | None = None,
    presence: Presence | None = None,
) -> Response:
    """Users by name, with their presence."""
    settings = _settings(request)
    seen = (
        seen_between(presence, utc_now(), online_seconds=settings.online_seconds, idle_seconds=settings.idle_seconds)
        if presence
        else (None, None)
    )
    after = decode_cursor(listing.cursor, kinds=(str, str)) if listing.cursor else None
    users, total = await repository.list_users(
        session,
        roles=[role] if role else None,
        q=q,
        after=(after[0], after[1]) if after else None,
        limit=listing.limit,
        seen=seen,
    )
    page = page_of(users, listing.limit, total, lambda user: (user.name, user.id))
    page.rows = [_user_row(request, user) for user in page.rows]
    return list_response(request, page)


@router.post("/users", status_code=201, response_model_exclude_none=True)
async def create_user(principal: UserManager, request: Request, body: UserCreate) -> UserOut:
    """Create a user of a rank below one's own."""
    user = await service.create_user(request.app.state.database, _settings(request), principal, body)
    return UserOut.model_validate(_user_row(request, user))


@router.patch("/users/{user_id}", response_model_exclude_none=True)
async def update_user(principal: UserManager, request: Request, user_id: str, body: UserUpdate) -> UserOut:
    """Change a user of lower rank."""
    user = await service.update_user(request.app.state.database, _settings(request), principal, user_id, body)
    return UserOut.model_validate(_user_row(request, user))


@router.delete("/users/{user_id}")
async def remove_user(principal: UserManager, session: Writer, user_id: str) -> UserRemovedOut:
    """Remove a user of lower rank; what they held goes back to the pool."""
    return UserRemovedOut.model_validate(await service.remove_user(session, principal, user_id))


@router.get("/staff-users", response_model=list[StaffName])
async def list_staff(principal: StaffLister, session: Reader, request: Request, listing: Listing) -> Response:
    """Active people who may receive records."""
    after = decode_cursor(listing.cursor, kinds=(str, str)) if listing.cursor else None
    users, total = await repository.list_users(
        session,
        roles=roles_with(Permission.RECEIVE_RECORDS),
        q=None,
        after=(after[0], after[1]) if after else None,
        limit=listing.limit,
        active_only=True,
    )
    page = page_of(users, listing.limit, total, lambda user: (user.name, user.id))
    page.rows = [{"id": user.id, "name": user.name} for user in page.rows]
    return list_response(request, page)
