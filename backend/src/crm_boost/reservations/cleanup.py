"""Grace and expiry (spec 3.3): warn owners, end what is over; the preview is the same code without the writing.

Also what a deposit does to a reservation: it moves the clock, or brings an archived one back.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from crm_boost.configuration.service import Stored, write
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.repository import get_user
from crm_boost.kit.clock import business_date
from crm_boost.kit.errors import FieldError, Problem
from crm_boost.reservations import listing_repository as listing
from crm_boost.reservations import repository, service
from crm_boost.reservations.cleanup_config import NAME, grace_on, read_config
from crm_boost.reservations.events import OwnerTold
from crm_boost.reservations.grace import CleanupConfig, Grace, Standing
from crm_boost.reservations.models import Reservation
from crm_boost.reservations.states import ReservationStatus

_AT_ONCE = 500


class BadCleanupConfig(Problem):
    """A kept address: bad values are a 400 (spec 3.3)."""

    code = "bad_cleanup_config"
    title = "These days of grace are not possible"


@dataclass(slots=True)
class Cleanup:
    """What a run does, or would do."""

    config: CleanupConfig
    approved: int = 0
    warned: int = 0
    expiring: list[tuple[Reservation, Grace]] = field(default_factory=list)
    over: list[tuple[Reservation, Grace]] = field(default_factory=list)
    permanent: list[Reservation] = field(default_factory=list)


async def change_config(session: WriteSession, config: CleanupConfig) -> Stored[CleanupConfig]:
    """Store the days of grace and of warning."""
    return await write(session, NAME, config)


def checked_config(values: dict[str, Any]) -> CleanupConfig:
    """Return the configuration of these values, or refuse with 400 naming the field."""
    try:
        return CleanupConfig.model_validate(values)
    except ValidationError as error:
        errors = [
            FieldError(".".join(map(str, item["loc"])) or "warning_days", item["msg"], item["type"])
            for item in error.errors()
        ]
        raise BadCleanupConfig(errors[0].message, errors=errors) from error


async def preview(session: ReadSession) -> Cleanup:
    """Return what a run would do now."""
    return await _sort_out(session)


async def run(session: WriteSession) -> Cleanup:
    """Warn the owners of what expires soon, once a day, and end what is over."""
    found = await _sort_out(session)
    today = business_date(session.business.tz)
    claimed = await repository.claim(session, [row.id for row, _ in (*found.over, *found.expiring)])
    over = []
    for row, _ in found.over:
        now = claimed.get(row.id)
        # A deposit, an extension or an end may have come between: what counts is what holds now, alone.
        if now is not None and _still(session, found.config, now, today, Standing.OVER):
            over.append(now)
    for row, grace in found.expiring:
        now = claimed.get(row.id)
        if now is None or now.warned_on == today or not _still(session, found.config, now, today, Standing.EXPIRING):
            continue
        now.warned_on = today
        found.warned += 1
        data = {
            "reservation_id": now.id,
            "customer_id": now.customer_id,
            "remaining_days": grace.remaining,
            "expires_on": grace.expires_on.isoformat(),
        }
        await session.emit(OwnerTold("reservation_expiring", now.staff_id, data))
    await session.flush()
    await service.expire(session, over)
    return found


def _still(session: ReadSession, config: CleanupConfig, row: Reservation, today: date, standing: Standing) -> bool:
    is_open = row.status == ReservationStatus.APPROVED and not row.is_permanent
    return is_open and grace_on(session, config, row, today).standing is standing


async def _sort_out(session: ReadSession) -> Cleanup:
    found = Cleanup(await read_config(session))
    today, after = business_date(session.business.tz), ""
    while rows := await listing.approved_after(session, after, _AT_ONCE):
        after = rows[-1].id
        found.approved += len(rows)
        for row in rows:
            if row.is_permanent:
                found.permanent.append(row)
                continue
            grace = grace_on(session, found.config, row, today)
            if grace.standing is Standing.OVER:
                found.over.append((row, grace))
            elif grace.standing is Standing.EXPIRING:
                found.expiring.append((row, grace))
    return found


async def deposit_counted(
    session: WriteSession, product_id: str, customer_key: str, staff_id: str, deposited_on: date
) -> str | None:
    """An approved deposit of a customer by a staff: it moves the clock of their reservation, or brings the archived one
    back when nobody else has the customer (spec 3.1). Returns the id of a reservation that came back."""
    active = await repository.active_of(session, product_id, customer_key)
    if active is not None:
        if active.staff_id == staff_id and active.status == ReservationStatus.APPROVED:
            claimed = (await repository.claim(session, [active.id]))[active.id]
            # A real maximum: a deposit booked for an earlier day never shortens the grace.
            claimed.last_omset_date = max(filter(None, (claimed.last_omset_date, deposited_on)))
            claimed.warned_on = None
            await session.flush()
        return None
    archived = await repository.newest_archived(session, product_id, customer_key, staff_id)
    if archived is None or not await _may_come_back(session, archived):
        return None
    await service.restore(session, archived.id, automatic=True)
    back = (await repository.claim(session, [archived.id]))[archived.id]
    back.last_omset_date = max(filter(None, (back.last_omset_date, deposited_on)))
    await session.flush()
    return archived.id


async def deposits_changed(
    session: WriteSession,
    product_id: str,
    customer_key: str,
    staff_id: str,
    last_of: Callable[[Sequence[str]], Awaitable[date | None]],
) -> None:
    """A deposit that counted was changed or taken back: the last deposit of the owner's reservation is what `last_of` the
    reservation's keys says now, earlier than before or none at all (spec 3.3: a real maximum)."""
    active = await repository.active_of(session, product_id, customer_key)
    if active is None or active.staff_id != staff_id or active.status != ReservationStatus.APPROVED:
        return
    claimed = (await repository.claim(session, [active.id]))[active.id]
    claimed.last_omset_date = await last_of(service.keys_of(claimed.customer_id, claimed.aliases))
    await session.flush()


async def _may_come_back(session: WriteSession, archived: Reservation) -> bool:
    """Whether a deposit may bring this reservation back: its owner still works here, and every key of it is free."""
    owner = await get_user(session, archived.staff_id)
    keys = service.keys_of(archived.customer_id, archived.aliases)
    taken = await repository.active_owner(session, archived.product_id, keys)
    return owner is not None and owner.is_active and taken is None
