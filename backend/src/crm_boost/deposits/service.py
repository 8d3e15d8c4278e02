"""What becomes of deposits: edit, decide, trash, restore, purge (spec 4.2). Each is one transaction."""

from datetime import datetime
from typing import Any

from crm_boost.configuration.service import Stored, write
from crm_boost.databases.customer_key import customer_key, tidy
from crm_boost.db.audit import record_audit
from crm_boost.db.session import WriteSession
from crm_boost.deposits import repository
from crm_boost.deposits.booking import began, decide_by_reservation, follow_up, moves_clock, tell_pages
from crm_boost.deposits.changes import allowed_change, changed_fields, overlaid
from crm_boost.deposits.classification import Key
from crm_boost.deposits.entry import checked, money_of, tambahan_after_edit
from crm_boost.deposits.errors import changed_meanwhile, moved_on, unknown
from crm_boost.deposits.events import DepositReviewed
from crm_boost.deposits.grounds import books_of, ensure_open
from crm_boost.deposits.ledger import touching
from crm_boost.deposits.ledger_config import NAME, LedgerConfig
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import key_of
from crm_boost.deposits.schemas import DepositChange
from crm_boost.deposits.states import DepositStatus
from crm_boost.deposits.transitions import TABLE, DepositCommand
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date, utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import InvalidInput
from crm_boost.products.service import UsableProduct, require_active_product, require_product
from crm_boost.reservations import cleanup
from crm_boost.reservations.people import require_owner

_AT_ONCE = 500


async def edit(session: WriteSession, principal: Principal, deposit_id: str, change: DepositChange) -> Deposit:
    """Correct a deposit. Who the customer is, the class and the roll-ups are worked out anew; so is the reservation,
    when customer, product or person change. A version that is no longer true is refused with 409."""
    seen = await _visible(session, principal, deposit_id)
    old_key = key_of(seen)
    change = allowed_change(principal, seen, change)
    books = await books_of(session)
    form = overlaid(seen, change, books.scale)
    money = checked(form.record_date, form.customer_id, money_of(form.nominal, form.depo_kelipatan, books), books)
    product = await _product_after(session, seen, form.product_id)
    owner_id = seen.staff_id
    if form.staff_id and form.staff_id != owner_id:
        owner_id = (await require_owner(session, form.staff_id)).id
    new_key = Key(owner_id, customer_key(form.customer_id), product.id)
    async with touching(session, {old_key, new_key}) as touched:
        deposit = await _current(session, deposit_id, DepositCommand.EDIT, key=old_key)
        if change.version is not None and change.version != deposit.version:
            raise changed_meanwhile(deposit_id, deposit.version)
        before, status, did_count = overlaid(deposit, DepositChange(), books.scale), deposit.status, _counts(deposit)
        if did_count:
            ensure_open(books, deposit)
        note = form.keterangan or ""
        deposit.tambahan = tambahan_after_edit(
            now=deposit.tambahan, old_note=deposit.note, new_note=note, switch=change.tambahan
        )
        form.tambahan = deposit.tambahan
        deposit.record_date, deposit.note = form.record_date, note
        deposit.customer_id, deposit.customer_name = form.customer_id, tidy(form.customer_name or "")
        deposit.nominal, deposit.multiplier, deposit.total = money.nominal, money.multiplier, money.total
        deposit.staff_id, deposit.customer_key, deposit.product_id = new_key
        deposit.version += 1
        touched.does_not_count(deposit)
        if new_key != old_key:
            with session.no_autoflush:
                await decide_by_reservation(session, deposit)
        if deposit.status == DepositStatus.APPROVED:
            touched.counts(deposit)
    detail = changed_fields(before, form)
    await repository.add_event(session, DepositCommand.EDIT, deposit, utc_now(), before=status, detail=detail)
    if did_count:
        await _recount(session, old_key)
    waits_now = deposit.status == DepositStatus.PENDING and (status != deposit.status or new_key != old_key)
    await follow_up(session, deposit, product.name, tell=waits_now)
    await tell_pages(session)
    return deposit


async def approve(session: WriteSession, deposit_id: str) -> Deposit:
    """Let a waiting deposit count; 400 when it waits no longer."""
    deposit = await _review(session, deposit_id, DepositCommand.APPROVE, None)
    await session.emit(began(deposit))
    await moves_clock(session, deposit)
    return deposit


async def decline(session: WriteSession, deposit_id: str, reason: str | None) -> Deposit:
    """Refuse a waiting deposit; it stays as declined, with the reason, and counts nowhere."""
    return await _review(session, deposit_id, DepositCommand.DECLINE, reason)


async def delete(session: WriteSession, principal: Principal, deposit_id: str) -> Deposit:
    """Put a deposit into the trash."""
    seen = await _visible(session, principal, deposit_id)
    key = key_of(seen)
    books = await books_of(session)
    async with touching(session, [key]) as touched:
        deposit = await _current(session, deposit_id, DepositCommand.DELETE, key=key)
        did_count = _counts(deposit)
        if did_count:
            ensure_open(books, deposit)
        deposit.deleted_at, deposit.deleted_by_name = utc_now(), current_context().actor_name
        deposit.version += 1
        touched.does_not_count(deposit)
    await _note_trash(session, DepositCommand.DELETE, deposit)
    if did_count:
        await _recount(session, key)
    await tell_pages(session)
    return deposit


async def restore(session: WriteSession, deposit_id: str) -> Deposit:
    """Bring a deposit back from the trash, with the status it had."""
    seen = await _found(session, deposit_id)
    key = key_of(seen)
    books = await books_of(session)
    async with touching(session, [key]) as touched:
        deposit = await _current(session, deposit_id, DepositCommand.RESTORE, key=key)
        if deposit.status == DepositStatus.APPROVED:
            ensure_open(books, deposit)
        deposit.deleted_at = deposit.deleted_by_name = None
        deposit.version += 1
        if deposit.status == DepositStatus.APPROVED:
            touched.counts(deposit)
    await _note_trash(session, DepositCommand.RESTORE, deposit)
    if _counts(deposit):
        await moves_clock(session, deposit)
    await tell_pages(session)
    return deposit


async def purge(session: WriteSession, deposit_id: str) -> None:
    """Take a deposit out of the trash for good. Its row and its history stay, in no list (spec 1.5)."""
    seen = await _found(session, deposit_id)
    if not await _purge(session, [seen.id]):
        raise moved_on(deposit_id, seen.status)


async def empty_trash(session: WriteSession) -> int:
    """Purge everything in the trash; returns how many."""
    purged = 0
    while some := await purge_some(session):
        purged += some
    return purged


async def purge_some(session: WriteSession, before: datetime | None = None) -> int:
    """Purge a part of the trash, or of what went there before an instant (the job); returns how many, 0 at the end."""
    return await _purge(session, await repository.in_trash(session, _AT_ONCE, before))


async def close_books(session: WriteSession, config: LedgerConfig) -> Stored[LedgerConfig]:
    """Set the last closed day, or open all; a day to come is refused."""
    today = business_date(session.business.tz)
    if config.ledger_closed_until is not None and config.ledger_closed_until > today:
        raise InvalidInput.of("ledger_closed_until", "This day is in the future.", "future_day")
    stored = await write(session, NAME, config)
    await tell_pages(session)
    return stored


async def _review(session: WriteSession, deposit_id: str, command: DepositCommand, reason: str | None) -> Deposit:
    key = key_of(await _found(session, deposit_id))
    target = TABLE[command].target
    assert target is not None
    books, now = await books_of(session), utc_now()
    async with touching(session, [key]) as touched:
        deposit = await _current(session, deposit_id, command, key=key, reviewed=True)
        before = deposit.status
        if target is DepositStatus.APPROVED:
            ensure_open(books, deposit)
        deposit.status, deposit.decline_reason = target, reason
        deposit.reviewed_at, deposit.reviewed_by_name = now, current_context().actor_name
        deposit.version += 1
        if target is DepositStatus.APPROVED:
            touched.counts(deposit)
    await repository.add_event(session, command, deposit, now, before=before, reason=reason)
    await session.emit(DepositReviewed(deposit.id, deposit.staff_id, deposit.customer_id, deposit.status, reason))
    await tell_pages(session)
    return deposit


async def _purge(session: WriteSession, deposit_ids: list[str]) -> int:
    rows, now = await repository.claim_trash(session, deposit_ids), utc_now()
    for row in rows:
        row.purged_at = now
    await session.flush()
    for row in rows:
        await _note_trash(session, DepositCommand.PURGE, row)
        await record_audit(session, "deposit.purge", "deposit", row.id)
    if rows:
        await tell_pages(session)
    return len(rows)


async def _found(session: WriteSession, deposit_id: str) -> Deposit:
    deposit = await repository.find(session, deposit_id)
    if deposit is None:
        raise unknown(deposit_id)
    return deposit


async def _visible(session: WriteSession, principal: Principal, deposit_id: str) -> Deposit:
    deposit = await _found(session, deposit_id)
    if deposit.staff_id != principal.id and not principal.can(Permission.DEPOSITS_MANAGE):
        raise unknown(deposit_id)
    return deposit


async def _current(
    session: WriteSession, deposit_id: str, command: DepositCommand, *, key: Key, reviewed: bool = False
) -> Deposit:
    """Return a deposit under the lock of its key, if `command` may start from what it is now."""
    deposit = await _found(session, deposit_id)
    in_trash = deposit.deleted_at is not None
    if not TABLE[command].allows(DepositStatus(deposit.status), in_trash=in_trash):
        raise moved_on(deposit_id, "trash" if in_trash else deposit.status, reviewed=reviewed)
    if key_of(deposit) != key:
        # Somebody moved it to another key between the look and the lock.
        raise changed_meanwhile(deposit_id, deposit.version)
    return deposit


async def _product_after(session: WriteSession, deposit: Deposit, product_id: str) -> UsableProduct:
    if product_id != deposit.product_id:
        return await require_active_product(session, product_id)
    product = await require_product(session, product_id)
    return UsableProduct(product.id, product.name)


async def _recount(session: WriteSession, key: Key) -> None:
    """What counted counts otherwise, or no longer: the clock of the owner's reservation is set anew."""

    async def last_of(customer_keys: Any) -> Any:
        return await repository.last_date(session, key.staff_id, key.product_id, customer_keys)

    await cleanup.deposits_changed(session, key.product_id, key.customer_key, key.staff_id, last_of)


async def _note_trash(session: WriteSession, command: DepositCommand, deposit: Deposit) -> None:
    await repository.add_event(session, command, deposit, utc_now(), before=deposit.status)


def _counts(deposit: Deposit) -> bool:
    return deposit.customer_type is not None
