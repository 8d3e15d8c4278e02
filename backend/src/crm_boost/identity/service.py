"""Use cases: sign in and out, first run, profile, users under the rank rules (spec 1.2).

Password hashing costs ~100 ms, so it always happens before a unit of work is opened: nobody queues behind it.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity import repository, token_repository
from crm_boost.identity.errors import AlreadySetUp, EmailTaken, RankTooLow, WrongCredentials
from crm_boost.identity.events import UserRemoved
from crm_boost.identity.models import User
from crm_boost.identity.passwords import hash_password, is_outdated, verify_password
from crm_boost.identity.permissions import Permission, Role, roles_with
from crm_boost.identity.principal import Principal, hash_token
from crm_boost.identity.schemas import PasswordChange, ProfileUpdate, SetupRequest, UserCreate, UserUpdate
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound, TooManyRequests
from crm_boost.kit.ids import new_id
from crm_boost.settings import AuthSettings


@dataclass(frozen=True, slots=True)
class Client:
    """Where a sign-in comes from."""

    address: str | None
    user_agent: str | None


def email_key(email: str) -> str:
    """Two addresses are the same account when these are equal."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def check_new_password(password: str, settings: AuthSettings, field: str = "password") -> None:
    """Refuse a password that is too short."""
    if len(password) < settings.password_min_length:
        least = settings.password_min_length
        raise InvalidInput.of(field, f"Use at least {least} characters.", "string_too_short", {"min_length": least})


async def sign_in(
    database: Database, settings: AuthSettings, email: str, password: str, client: Client
) -> tuple[User, str]:
    """Check credentials and open a session. Returns the user and the new token.

    Throttled per account and per address. The limit is looked at again after the password was checked: of many guesses
    sent at the same moment only as many count as could have been sent one after the other.
    """
    key = email_key(email)
    limits = {f"account:{key}": settings.max_failures}
    if client.address:
        limits[f"address:{client.address}"] = settings.max_failures_per_address
    async with database.read() as reader:
        await _ensure_not_throttled(reader, settings, limits)
        user = await repository.get_user_by_email(reader, key)
    if not await verify_password(password, user.password_hash if user and user.is_active else None):
        await _count_failures(database, settings, limits)
        raise WrongCredentials("The email or the password is wrong.")
    assert user is not None
    _act_as(user)
    upgraded = await hash_password(password) if is_outdated(user.password_hash) else None
    now = utc_now()
    async with database.write() as session:
        await _ensure_not_throttled(session, settings, limits)
        current = await repository.lock_user(session, user.id)
        if current is None or not current.is_active or current.password_hash != user.password_hash:
            # Removed, deactivated or given another password while this one was being checked.
            raise WrongCredentials("The email or the password is wrong.")
        current.password_hash = upgraded or current.password_hash
        await repository.clear_failures(session, f"account:{key}", now - _window(settings))
        await repository.delete_expired_sessions(session, now)
        token = await _open_session(session, current, settings, client)
        await record_audit(session, "auth.sign_in", "user", current.id)
    return current, token


def _window(settings: AuthSettings) -> timedelta:
    return timedelta(seconds=settings.failure_window_seconds)


async def _ensure_not_throttled(session: ReadSession, settings: AuthSettings, limits: dict[str, int]) -> None:
    now, window = utc_now(), _window(settings)
    throttles = await repository.get_throttles(session, list(limits))
    for key, limit in limits.items():
        throttle = throttles.get(key)
        if throttle and throttle.failures >= limit and throttle.window_started_at > now - window:
            raise _throttled(throttle.window_started_at + window - now)


def _throttled(wait: timedelta) -> TooManyRequests:
    return TooManyRequests("Too many failed attempts. Try again later.", retry_after=int(wait.total_seconds()) + 1)


async def _count_failures(database: Database, settings: AuthSettings, limits: dict[str, int]) -> None:
    """Count in a transaction of its own: it survives the refusal. A failure beyond the limit is told so instead."""
    async with database.write() as session:
        now, window = utc_now(), _window(settings)
        for key, limit in limits.items():
            failures, since = await repository.count_failure(session, key, now, now - window)
            if failures > limit:
                raise _throttled(since + window - now)


async def set_up(database: Database, settings: AuthSettings, request: SetupRequest, client: Client) -> tuple[User, str]:
    """Create the first user, of the highest rank, and sign in. Refused as soon as any user exists."""
    async with database.read() as reader:
        await _ensure_first_run(reader)
    check_new_password(request.password, settings)
    password_hash = await hash_password(request.password)
    async with database.write() as session:
        await repository.lock_first_run(session)
        await _ensure_first_run(session)
        top = max(Role, key=lambda role: role.rank)
        user = await add_user(session, email=request.email, name=request.name, role=top, password_hash=password_hash)
        _act_as(user)
        await record_audit(session, "user.first_run", "user", user.id)
        token = await _open_session(session, user, settings, client)
    return user, token


async def _ensure_first_run(session: ReadSession) -> None:
    if await repository.any_user(session):
        raise AlreadySetUp("This desk already has users. Sign in.")


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
    """Set a new password and end every other session of the caller. The current password must be right.

    Throttled like a sign-in: who found an open browser must not be able to guess the password here.
    """
    check_new_password(change.new_password, settings, "new_password")
    limits = {f"password:{principal.id}": settings.max_failures}
    async with database.read() as reader:
        await _ensure_not_throttled(reader, settings, limits)
        user = await require_user(reader, principal.id)
    if not await verify_password(change.current_password, user.password_hash):
        await _count_failures(database, settings, limits)
        raise InvalidInput.of("current_password", "This is not your current password.", "wrong_password")
    password_hash = await hash_password(change.new_password)
    async with database.write() as session:
        await _ensure_not_throttled(session, settings, limits)
        current = await lock_user(session, principal.id)
        if current.password_hash != user.password_hash:
            raise Conflict("Your password was changed by somebody else just now.")
        current.password_hash = password_hash
        await repository.clear_failures(session, f"password:{user.id}", utc_now() - _window(settings))
        await _end_access(session, user.id, keep=principal.token_hash)
        await record_audit(session, "user.password_changed", "user", user.id)


async def update_profile(session: WriteSession, principal: Principal, update: ProfileUpdate) -> User:
    """Change one's own name, language or theme."""
    user = await lock_user(session, principal.id)
    changes = update.model_dump(exclude_unset=True)
    _refuse_nulls(changes)
    for name, value in changes.items():
        setattr(user, name, value)
    await record_audit(session, "user.profile_changed", "user", user.id, fields=sorted(changes))
    return user


async def require_user(session: ReadSession, user_id: str) -> User:
    """Return a user or refuse with 404."""
    user = await repository.get_user(session, user_id)
    if user is None:
        raise NotFound("There is no such user.", id=user_id)
    return user


async def lock_user(session: WriteSession, user_id: str) -> User:
    """Return a user as of now, whom nobody else changes until this transaction ends; 404 for nobody."""
    user = await repository.lock_user(session, user_id)
    if user is None:
        raise NotFound("There is no such user.", id=user_id)
    return user


def _refuse_nulls(changes: dict[str, Any], *, nullable: frozenset[str] = frozenset()) -> None:
    empty = [
        FieldError(name, "This field cannot be empty.", "missing") for name, value in changes.items() if value is None
    ]
    errors = [error for error in empty if error.field not in nullable]
    if errors:
        raise InvalidInput("A field that cannot be empty is empty.", errors=errors)


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
    try:
        await session.flush()
    except IntegrityError as error:
        # Somebody else took it between the question and now.
        raise EmailTaken("Somebody already uses this email address.", field="email") from error
    return user


async def update_user(
    database: Database, settings: AuthSettings, principal: Principal, user_id: str, update: UserUpdate
) -> User:
    """Change a user of lower rank. A new role, a new password or a deactivation ends that user's sessions at once."""
    changes = update.model_dump(exclude_unset=True)
    _refuse_nulls(changes, nullable=frozenset({"capacity"}))
    password = changes.pop("password", None)
    password_hash = None
    if password is not None:
        check_new_password(password, settings)
        async with database.read() as reader:
            _ensure_may_manage(principal, await require_user(reader, user_id))
        password_hash = await hash_password(password)
    async with database.write() as session:
        user = await lock_user(session, user_id)
        _ensure_may_manage(principal, user)
        if update.role is not None:
            _ensure_may_grant(principal, update.role)
        before = (user.role, user.is_active)
        for name, value in changes.items():
            setattr(user, name, value)
        if password_hash is not None:
            user.password_hash = password_hash
        await session.flush()
        if password_hash is not None or (user.role, user.is_active) != before:
            await _end_access(session, user.id)
        await record_audit(session, "user.updated", "user", user.id, fields=sorted(update.model_fields_set))
    return user


async def remove_user(session: WriteSession, principal: Principal, user_id: str) -> dict[str, int]:
    """Remove a user of lower rank: sessions end, held and assigned records go back to the pool (spec 2.1)."""
    user = await lock_user(session, user_id)
    _ensure_may_manage(principal, user)
    user.deleted_at = utc_now()
    user.is_active = False
    await session.flush()
    await _end_access(session, user.id)
    event = UserRemoved(user.id)
    await session.emit(event)
    await record_audit(session, "user.removed", "user", user.id, **event.effects)
    return {"recalled_count": event.effects.get("recalled", 0), "released_count": event.effects.get("released", 0)}


async def _end_access(session: WriteSession, user_id: str, *, keep: str | None = None) -> None:
    """End what opens an account: every sign-in except the one whose token hash is `keep`, and every token of a script."""
    await repository.delete_sessions_of(session, user_id, keep=keep)
    await token_repository.delete_tokens_of(session, user_id)


async def require_managed(session: ReadSession, principal: Principal, user_id: str) -> User:
    """Return somebody of lower rank; 404 for nobody, 403 for anybody else."""
    user = await require_user(session, user_id)
    _ensure_may_manage(principal, user)
    return user


async def lock_managed(session: WriteSession, principal: Principal, user_id: str) -> User:
    """The same, and nobody else changes them until this transaction ends."""
    user = await lock_user(session, user_id)
    _ensure_may_manage(principal, user)
    return user


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
        last_seen_at=now,
        user_agent=(client.user_agent or "")[:300] or None,
        address=client.address,
    )
    return token
