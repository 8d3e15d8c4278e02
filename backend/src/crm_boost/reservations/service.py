"""Use cases of reservations: begin and end them (spec 3.1). Each is one transaction with its routine (spec 3.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_boost.databases.customer_key import customer_key, tidy
from crm_boost.db.audit import record_audit
from crm_boost.db.session import WriteSession
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date, utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.ids import new_id
from crm_boost.products.service import require_active_product
from crm_boost.reservations import repository
from crm_boost.reservations.cleanup_config import grace_on, read_config
from crm_boost.reservations.errors import moved_on, taken, unknown
from crm_boost.reservations.events import OwnerTold, ReservationAsked, ReservationsBegan
from crm_boost.reservations.models import Reservation
from crm_boost.reservations.people import require_owner
from crm_boost.reservations.routine import Effects, claiming
from crm_boost.reservations.schemas import BulkReserve, Reserve
from crm_boost.reservations.states import ReservationStatus
from crm_boost.reservations.transitions import TABLE, ReservationCommand

MANUAL_DELETE = "admin_manual_delete"


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command: the reservations it concerned, and what it did to records."""

    ids: list[str]
    effects: Effects


async def reserve(session: WriteSession, principal: Principal, wanted: Reserve) -> Done:
    """Reserve a customer: at once by whoever may manage reservations, for any active user; else as a request of one's
    own that waits for a decision. 409 while somebody has an active reservation of them."""
    manages = principal.can(Permission.RESERVATIONS_MANAGE)
    owner_id = wanted.staff_id if manages and wanted.staff_id else principal.id
    if not manages and wanted.staff_id not in (None, principal.id):
        raise InvalidInput.of("staff_id", "You can only ask for yourself.", "only_for_yourself")
    product = await require_active_product(session, wanted.product_id)
    owner = await require_owner(session, owner_id)
    keys = keys_of(wanted.customer_id, wanted.aliases)
    row = _new_row(wanted.customer_id, keys[0], product.id, owner.id, approved=manages)
    row.customer_name, row.phone_number = tidy(wanted.customer_name or ""), tidy(wanted.phone_number or "")
    row.aliases = [tidy(alias) for alias in wanted.aliases]
    async with claiming(session, keys if manages else []) as effects:
        session.add(row)
        await session.flush()
        won = await repository.insert_keys(session, [_key_row(row, key) for key in keys])
        if len(won) < len(keys):
            holder = await repository.active_owner(session, product.id, keys)
            shown = holder if manages and holder is not None else None
            raise taken(shown.id if shown else None, shown.name if shown else None)
        command = ReservationCommand.CREATE if manages else ReservationCommand.ASK
        await _note(session, command, [(row, None)])
    if manages:
        await _tell_owner(session, row, "reservation_approved")
    else:
        await session.emit(ReservationAsked(row.id, owner.name, row.customer_id, product.name))
    return Done([row.id], effects)


async def reserve_many(session: WriteSession, wanted: BulkReserve) -> tuple[Done, list[str], list[dict[str, str]]]:
    """Reserve many customers for one person. Returns what was added, and what was skipped and why."""
    product = await require_active_product(session, wanted.product_id)
    owner = await require_owner(session, wanted.staff_id)
    rows: dict[str, Reservation] = {}
    skipped: list[dict[str, str]] = []
    for text in wanted.customer_ids:
        key = customer_key(text)
        if not key or key in rows:
            skipped.append({"customer_id": text, "reason": "listed_twice" if key else "no_identity"})
            continue
        rows[key] = _new_row(text, key, product.id, owner.id, approved=True)
    async with claiming(session, list(rows)) as effects:
        session.add_all(rows.values())
        await session.flush()
        won = await repository.insert_keys(session, [_key_row(row, key) for key, row in rows.items()])
        for key, row in rows.items():
            if (product.id, key) not in won:
                skipped.append({"customer_id": row.customer_id, "reason": "taken"})
                await session.delete(row)
        await session.flush()
        added = [row for key, row in rows.items() if (product.id, key) in won]
        await _note(session, ReservationCommand.CREATE, [(row, None) for row in added])
    if added:
        data = {"count": len(added), "product_name": product.name, "by": current_context().actor_name}
        await session.emit(OwnerTold("reservations_added", owner.id, data))
    return Done([row.id for row in added], effects), [row.customer_id for row in added], skipped


async def approve(session: WriteSession, reservation_id: str) -> Done:
    """Let a request protect its customer from now on."""
    row = await _claimed(session, reservation_id, ReservationCommand.APPROVE, reviewed=True)
    keys = await repository.keys_of(session, [row.id])
    async with claiming(session, keys) as effects:
        _approve(row, utc_now())
        await session.flush()
        await repository.update_keys(session, [row.id], approved=True)
        await _note(session, ReservationCommand.APPROVE, [(row, ReservationStatus.PENDING)])
    await _tell_owner(session, row, "reservation_approved")
    return Done([row.id], effects)


async def reject(session: WriteSession, reservation_id: str, reason: str | None) -> Done:
    """Refuse a request; the customer is free again."""
    row = await _claimed(session, reservation_id, ReservationCommand.REJECT, reviewed=True)
    await _end(session, ReservationCommand.REJECT, [row], reason)
    await _tell_owner(session, row, "reservation_rejected", reason=reason)
    return Done([row.id], Effects())


async def cancel(session: WriteSession, principal: Principal, reservation_id: str) -> Done:
    """Take one's own request back; anybody else's does not exist for the caller."""
    row = await _claimed(session, reservation_id, ReservationCommand.CANCEL, own=principal.id)
    await _end(session, ReservationCommand.CANCEL, [row], None)
    return Done([row.id], Effects())


async def move(session: WriteSession, reservation_id: str, new_staff_id: str) -> Done:
    """Give a reservation to somebody else; both are told."""
    owner = await require_owner(session, new_staff_id, field="new_staff_id")
    row = await _claimed(session, reservation_id, ReservationCommand.MOVE)
    if row.staff_id == owner.id:
        raise InvalidInput.of("new_staff_id", "The reservation is theirs already.", "theirs_already")
    former, status = row.staff_id, ReservationStatus(row.status)
    async with claiming(session, await repository.keys_of(session, [row.id])) as effects:
        row.staff_id = owner.id
        await session.flush()
        await repository.update_keys(session, [row.id], staff_id=owner.id)
        detail = {"from_staff_id": former, "to_staff_id": owner.id}
        await _note(session, ReservationCommand.MOVE, [(row, status)], detail=detail)
    data = {"customer_id": row.customer_id, "by": current_context().actor_name}
    await session.emit(OwnerTold("reservation_moved_away", former, data))
    await _tell_owner(session, row, "reservation_moved_to_you")
    return Done([row.id], effects)


async def extend(session: WriteSession, reservation_id: str) -> Done:
    """Let the grace begin anew today."""
    row = await _claimed(session, reservation_id, ReservationCommand.EXTEND)
    row.claimed_at, row.warned_on = utc_now(), None
    await session.flush()
    await _note(session, ReservationCommand.EXTEND, [(row, ReservationStatus.APPROVED)])
    return Done([row.id], Effects())


async def set_permanent(session: WriteSession, reservation_id: str, is_permanent: bool | None) -> Reservation:
    """Keep a reservation without deposits for ever, or no longer; None turns it over (kept, spec 7.9)."""
    row = await _claimed(session, reservation_id, ReservationCommand.PERMANENT)
    wanted = not row.is_permanent if is_permanent is None else is_permanent
    if wanted != row.is_permanent:
        row.is_permanent = wanted
        await session.flush()
        detail = {"is_permanent": wanted}
        status = ReservationStatus(row.status)
        await _note(session, ReservationCommand.PERMANENT, [(row, status)], detail=detail)
    return row


async def release(session: WriteSession, reservation_id: str, reason: str = MANUAL_DELETE) -> Done:
    """End a reservation; it goes to the archive and can be restored from there."""
    row = await _claimed(session, reservation_id, ReservationCommand.RELEASE)
    effects = await _end(session, ReservationCommand.RELEASE, [row], reason)
    await _tell_owner(session, row, "reservation_released", reason=reason)
    return Done([row.id], effects)


async def release_all_of(session: WriteSession, user_id: str, *, reason: str) -> int:
    """End every reservation of a person; returns how many there were."""
    ids = await repository.active_ids_of_user(session, user_id)
    rows = list((await repository.claim(session, ids)).values())
    active = [row for row in rows if row.staff_id == user_id and ReservationStatus(row.status).is_active]
    if active:
        await _end(session, ReservationCommand.RELEASE, active, reason)
    return len(active)


async def expire(session: WriteSession, rows: Sequence[Reservation]) -> None:
    """End reservations whose grace is over; their owners are told (spec 3.3)."""
    for row in rows:
        reason = "no_deposit" if row.last_omset_date is None else "no_omset_grace_period"
        await _end(session, ReservationCommand.EXPIRE, [row], reason)
        await _tell_owner(session, row, "reservation_expired", reason=reason)


async def restore(session: WriteSession, reservation_id: str, *, automatic: bool = False) -> Done:
    """Bring a reservation back from the archive: approved anew, with a fresh grace, if nobody else has the customer."""
    row = await _claimed(session, reservation_id, ReservationCommand.RESTORE)
    await require_owner(session, row.staff_id)
    former = ReservationStatus(row.status)
    keys = keys_of(row.customer_id, row.aliases)
    async with claiming(session, keys) as effects:
        row.ended_at = row.ended_by = row.ended_by_name = row.ended_reason = row.grace_days_used = None
        _approve(row, utc_now())
        if automatic:
            row.auto_reassigned = True
            row.created_by = row.approved_by = "system"
            row.created_by_name, row.approved_by_name = "system", "Auto-Reassignment"
        await session.flush()
        won = await repository.insert_keys(session, [_key_row(row, key) for key in keys])
        if len(won) < len(keys):
            holder = await repository.active_owner(session, row.product_id, keys)
            raise taken(holder.id if holder else None, holder.name if holder else None)
        await _note(session, ReservationCommand.RESTORE, [(row, former)], detail={"automatic": automatic})
    await _tell_owner(session, row, "reservation_auto_restored" if automatic else "reservation_restored")
    return Done([row.id], effects)


async def purge(session: WriteSession, reservation_id: str) -> None:
    """Take an archived reservation out of every list. Its rows stay: nothing a person does is lost (spec 1.5)."""
    row = await _claimed(session, reservation_id, ReservationCommand.PURGE)
    status = ReservationStatus(row.status)
    row.purged_at = utc_now()
    await session.flush()
    await _note(session, ReservationCommand.PURGE, [(row, status)])
    await record_audit(session, "reservation.purge", "reservation", row.id)


async def _claimed(
    session: WriteSession,
    reservation_id: str,
    command: ReservationCommand,
    *,
    own: str | None = None,
    reviewed: bool = False,
) -> Reservation:
    """Return a reservation, alone, that `command` may start from."""
    row = (await repository.claim(session, [reservation_id])).get(reservation_id)
    if row is None or (own is not None and row.staff_id != own):
        raise unknown(reservation_id)
    if not TABLE[command].allows(ReservationStatus(row.status)):
        raise moved_on(reservation_id, row.status, reviewed=reviewed)
    return row


async def _end(
    session: WriteSession, command: ReservationCommand, rows: Sequence[Reservation], reason: str | None
) -> Effects:
    target = TABLE[command].target
    assert target is not None
    context, now, ids = current_context(), utc_now(), [row.id for row in rows]
    today = business_date(session.business.tz, now)
    config = await read_config(session)
    async with claiming(session, await repository.keys_of(session, ids)) as effects:
        await repository.delete_keys(session, ids)
        changes = []
        for row in rows:
            changes.append((row, ReservationStatus(row.status)))
            if row.claimed_at is not None:
                row.grace_days_used = grace_on(session, config, row, today).used
            row.status, row.ended_at, row.ended_reason = target, now, reason
            row.ended_by, row.ended_by_name = context.actor_id, context.actor_name
        await session.flush()
        await _note(session, command, changes, reason=reason)
    return effects


async def _note(
    session: WriteSession,
    command: ReservationCommand,
    changes: Sequence[tuple[Reservation, ReservationStatus | None]],
    *,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    events = [
        {
            "reservation_id": row.id,
            "from_status": before,
            "to_status": row.status,
            "reason": reason,
            "detail": detail or {},
        }
        for row, before in changes
    ]
    await repository.add_events(session, command, utc_now(), events)
    protecting = ReservationStatus.APPROVED
    began = [row for row, before in changes if row.status == protecting and before != protecting]
    if began:
        await session.emit(ReservationsBegan(tuple((row.id, row.staff_id, row.product_id) for row in began)))


async def _tell_owner(session: WriteSession, row: Reservation, kind: str, *, reason: str | None = None) -> None:
    data = {"reservation_id": row.id, "customer_id": row.customer_id, "by": current_context().actor_name}
    if reason is not None:
        data["reason"] = reason
    await session.emit(OwnerTold(kind, row.staff_id, data))


def _approve(row: Reservation, now: datetime) -> None:
    context = current_context()
    row.status, row.approved_at, row.claimed_at, row.warned_on = ReservationStatus.APPROVED, now, now, None
    row.approved_by, row.approved_by_name = context.actor_id, context.actor_name


def _new_row(customer_id: str, key: str, product_id: str, staff_id: str, *, approved: bool) -> Reservation:
    context, now = current_context(), utc_now()
    row = Reservation(
        id=new_id(),
        customer_id=customer_id,
        customer_key=key,
        customer_name="",
        phone_number="",
        aliases=[],
        product_id=product_id,
        staff_id=staff_id,
        status=ReservationStatus.PENDING,
        created_at=now,
        created_by=context.actor_id,
        created_by_name=context.actor_name,
        is_permanent=False,
        auto_reassigned=False,
    )
    if approved:
        _approve(row, now)
    return row


def _key_row(row: Reservation, key: str) -> dict[str, Any]:
    return {
        "product_id": row.product_id,
        "customer_key": key,
        "reservation_id": row.id,
        "staff_id": row.staff_id,
        "approved": row.status == ReservationStatus.APPROVED,
    }


def keys_of(customer_id: str, aliases: Sequence[str]) -> list[str]:
    """Return the keys a reservation protects, that of the identity first; refuses texts without an identity."""
    keys = [customer_key(customer_id)]
    if not keys[0]:
        raise InvalidInput.of("customer_id", "Name the customer.", "missing")
    keys += [key for key in map(customer_key, aliases) if key]
    return list(dict.fromkeys(keys))
