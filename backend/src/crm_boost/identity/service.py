"""Use cases: sign in and out, first run, profile, users under the rank rules (spec 1.2).

Password hashing costs ~100 ms, so it always happens before a unit of work is opened: nobody queues behind it.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity import repository
from crm_boost.identity.errors import AlreadySetUp, EmailTaken, RankTooLow, WrongCredentials
from crm_boost.identity.events import UserRemoved
from crm_boost.identity.models import User
from crm_boost.identity.passwords import hash_password, verify_password
from crm_boost.identity.permissions import Permission, Role, roles_with
from crm_boost.identity.principal import Principal, hash_token
from crm_boost.identity.schemas import PasswordChange, ProfileUpdate, SetupRequest, UserCreate, UserUpdate
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import Forbidden, InvalidInput, NotFound, TooManyRequests
from crm_boost.kit.ids import new_id
from crm_boost.settings import AuthSettings


@dataclass(frozen=True, slots=True)
class Client:
    """Where a sign-in comes from."""

    address: str | None
    user_agent: str | None


def email_key(email: str) -> str:
    """Two addresses are the same account when these are equal."""
    return email.strip().casefold()


def check_new_password(password: str, settings: AuthSettings, field: str = "password") -> None:
    """Refuse a password that is too short."""
    if len(password) < settings.password_min_length:
        raise InvalidInput.of(field, f"Use at least {settings.password_min_length} characters.")


async def sign_in(
    database: Database, settings: AuthSettings, email: str, password: str, client: Client
) -> tuple[User, str]:
    """Check credentials and open a session. Returns the user and the new token.

    Throttled per account and per address; a failure is counted in a transaction of its own, so it survives the 401.
    """
    key = email_key(email)
    limits = {f"account:{key}": settings.max_failures}
    if client.address:
        limits[f"address:{client.address}"] = settings.max_failures_per_address
    now = utc_now()
    window = timedelta(seconds=settings.failure_window_seconds)
    async with database.read() as session:
        throttles = await repository.get_throttles(session, list(limits))
        user = await repository.get_user_by_email(session, key)
    for throttle_key, limit in limits.items():
        throttle = throttles.get(throttle_key)
        if throttle and throttle.failures >= limit and throttle.window_started_at > now - window:
            wait = int((throttle.window_started_at + window - now).total_seconds()) + 1
            raise TooManyRequests("Too many failed sign-ins. Try again later.", retry_after=wait)
    if not await verify_password(password, user.password_hash if user and user.is_active else None):
        async with database.write() as session:
            for throttle_key in limits:
                await repository.count_failure(session, throttle_key, now, now - window)
        raise WrongCredentials("The email or the password is wrong.")
    assert user is not None
    _act_as(user)
    async with database.write() as session:
        await repository.clear_failures(session, f"account:{key}")
        await repository.delete_expired_sessions(session, now)
        token = await _open_session(session, user, settings, client)
        await record_audit(session, "auth.sign_in", "user", user.id)
    return user, token


async def set_up(database: Database, settings: AuthSettings, request: SetupRequest, client: Client) -> tuple[User, str]:
    """Create the first user, of the highest rank, and sign in. Refused as soon as any user exists."""
    check_new_password(request.password, settings)
    async with database.read() as reader:
        if await repository.any_user(reader):
            raise AlreadySetUp("This desk already has users. Sign in.")
    password_hash = await hash_password(request.password)
    async with database.write() as session:
        await repository.lock_first_run(session)
        if await repository.any_user(session):
            raise AlreadySetUp("This desk already has users. Sign in.")
        top = max(Role, key=lambda role: role.rank)
        user = await add_user(session, email=request.email, name=request.name, role=top, password_hash=password_hash)
        _act_as(user)
        await record_audit(session, "user.first_run", "user", user.id)
        token = await _open_session(session, user, settings, client)
    return user, token


async def needs_set_up(session: ReadSession) -> bool:
    """Whether nobody was ever created."""
    return not await repository.any_user(session)


async def sign_out(session: WriteSession, principal: Principal) -> None:
    """End the caller's session."""
    await repository.delete_session(session, principal.token_hash)
    await record_audit(session, "auth.sign_out", "user", principal.id)


async def change_password(
    database: Database, settings: AuthSettings, principal: Principal, change: PasswordChange
) -> None:
    """Set a new password and end every other session of the caller. The current password must be right."""
    check_new_password(change.new_password, settings, "new_password")
    async with database.read() as reader:
        user = await require_user(reader, principal.id)
    if not await verify_password(change.current_password, user.password_hash):
        raise InvalidInput.of("current_password", "This is not your current password.")
    password_hash = await hash_password(change.new_password)
    async with database.write() as session:
        user = await require_user(session, principal.id)
        user.password_hash = password_hash
        await repository.delete_sessions_of(session, user.id, keep=principal.token_hash)
        await record_audit(session, "user.password_changed", "user", user.id)


async def update_profile(session: WriteSession, principal: Principal, update: ProfileUpdate) -> User:
    """Change one's own name, language or theme."""
    user = await require_user(session, principal.id)
    for name, value in update.model_dump(exclude_none=True).items():
        setattr(user, name, value)
    return user


async def require_user(session: ReadSession, user_id: str) -> User:
    """Return a user or refuse with 404."""
    user = await repository.get_user(session, user_id)
    if user is None:
        raise NotFound("There is no such user.", id=user_id)
    return user


async def create_user(database: Database, settings: AuthSettings, principal: Principal, request: UserCreate) -> User:
    """Create a user of a rank below the caller's own."""
    _ensure_may_grant(principal, request.role)
    check_new_password(request.password, settings)
    password_hash = await hash_password(request.password)
    async with database.write() as session:
        user = await add_user(
            session,
            email=request.email,
            name=request.name,
            role=request.role,
            password_hash=password_hash,
            capacity=request.capacity,
            blocked_pages=[str(page) for page in request.blocked_pages],
            language=request.language,
        )
        await record_audit(session, "user.created", "user", user.id, role=user.role)
    return user


async def add_user(
    session: WriteSession,
    *,
    email: str,
    name: str,
    role: Role,
    password_hash: str,
    capacity: int | None = None,
    blocked_pages: list[str] | None = None,
    language: str | None = None,
) -> User:
    """Store a new user; 409 when the email is in use. Staff start in Indonesian (spec 6)."""
    if await repository.get_user_by_email(session, email_key(email)) is not None:
        raise EmailTaken("Somebody already uses this email address.", field="email")
    starts_in_indonesian = role in roles_with(Permission.RECORDS_WORK)
    user = User(
        id=new_id(),
        email=email.strip(),
        email_key=email_key(email),
        name=name,
        role=role.value,
        password_hash=password_hash,
        capacity=capacity,
        blocked_pages=blocked_pages or [],
        language=language or ("id" if starts_in_indonesian else "en"),
        created_at=utc_now(),
    )
    session.add(user)
    await session.flush()
    return user


async def update_user(
    database: Database, settings: AuthSettings, principal: Principal, user_id: str, update: UserUpdate
) -> User:
    """Change a user of lower rank. A new role, password or a deactivation ends that user's sessions at once."""
    changes = update.model_dump(exclude_unset=True)
    password_hash = None
    if update.password is not None:
        check_new_password(update.password, settings)
        password_hash = await hash_password(update.password)
    async with database.write() as session:
        user = await require_user(session, user_id)
        _ensure_may_manage(principal, user)
        if update.role is not None:
            _ensure_may_grant(principal, update.role)
        changes.pop("password", None)
        for name, value in changes.items():
            if value is None and name != "capacity":
                raise InvalidInput.of(name, "This field cannot be empty.")
            setattr(user, name, value)
        if password_hash is not None:
            user.password_hash = password_hash
        if password_hash is not None or "role" in changes or changes.get("is_active") is False:
            await repository.delete_sessions_of(session, user.id)
        await session.flush()
        await record_audit(session, "user.updated", "user", user.id, fields=sorted(update.model_fields_set))
    return user


async def remove_user(session: WriteSession, principal: Principal, user_id: str) -> dict[str, int]:
    """Remove a user of lower rank: sessions end, held and assigned records go back to the pool (spec 2.1)."""
    user = await require_user(session, user_id)
    _ensure_may_manage(principal, user)
    user.deleted_at = utc_now()
    user.is_active = False
    await session.flush()
    await repository.delete_sessions_of(session, user.id)
    event = UserRemoved(user.id)
    await session.emit(event)
    await record_audit(session, "user.removed", "user", user.id, **event.effects)
    return {"recalled_count": event.effects.get("recalled", 0), "released_count": event.effects.get("released", 0)}


def _ensure_may_manage(principal: Principal, user: User) -> None:
    if user.id == principal.id:
        raise RankTooLow("You cannot change your own account here; use your profile.")
    target = Role(user.role)
    if target.rank >= principal.role.rank:
        raise RankTooLow("You may manage only users of a lower rank than your own.")
    if target not in roles_with(Permission.RECORDS_WORK) and not principal.can(Permission.ADMINS_MANAGE):
        raise Forbidden("Your role does not manage administrators.")


def _ensure_may_grant(principal: Principal, role: Role) -> None:
    if role.rank >= principal.role.rank:
        raise RankTooLow("You may grant only a rank below your own.", field="role")


def _act_as(user: User) -> None:
    context = current_context()
    context.actor_id, context.actor_name = user.id, user.name


async def _open_session(session: WriteSession, user: User, settings: AuthSettings, client: Client) -> str:
    token = secrets.token_urlsafe(32)
    now = utc_now()
    await repository.insert_session(
        session,
        token_hash=hash_token(token),
        user_id=user.id,
        created_at=now,
        expires_at=now + timedelta(days=settings.session_days),
        user_agent=(client.user_agent or "")[:300] or None,
        address=client.address,
    )
    return token
