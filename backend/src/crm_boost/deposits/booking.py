"""Entering deposits, one or several at once (spec 4.2): in one transaction, by the rules of each. Several take one statement
more than one, and a look at the ledger for each whose customer is reserved or was booked a moment ago."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crm_boost.databases.customer_key import customer_key, tidy
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.deposits import repository
from crm_boost.deposits.classification import Key
from crm_boost.deposits.entry import is_tambahan
from crm_boost.deposits.events import DepositBegan, DepositWaits
from crm_boost.deposits.grounds import TWICE_WITHIN, Admission, Admitted, errors_of, reserved_by_other
from crm_boost.deposits.ledger import touching
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import NO_GROUNDS, Grounds, key_of, same_form
from crm_boost.deposits.schemas import DepositForm
from crm_boost.deposits.states import DepositStatus
from crm_boost.deposits.transitions import DepositCommand
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import Problem
from crm_boost.kit.ids import new_id
from crm_boost.products.service import UsableProduct
from crm_boost.reservations import cleanup


@dataclass(slots=True)
class _New:
    """A deposit on its way into the ledger."""

    deposit: Deposit
    key: Key
    product: UsableProduct
    grounds: Grounds = NO_GROUNDS


async def book(session: WriteSession, principal: Principal, form: DepositForm) -> Deposit:
    """Enter a deposit for oneself, or as an admin for somebody else. It counts at once, unless somebody else has
    reserved the customer: then it waits, and admins are told."""
    new = _deposit_of(form, await (await Admission.open(session, principal)).admit(form))
    await _enter(session, [new])
    return new.deposit


async def book_rows(
    session: WriteSession, principal: Principal, forms: Sequence[DepositForm]
) -> list[Deposit | list[dict[str, Any]]]:
    """Enter several deposits, each as if it came alone and in this order. Answers for each what it became, or what is
    wrong with it; those at fault keep nothing from being booked."""
    admission = await Admission.open(session, principal)
    found: list[_New | list[dict[str, Any]]] = []
    for form in forms:
        try:
            found.append(_deposit_of(form, await admission.admit(form)))
        except Problem as refusal:
            found.append(errors_of(refusal))
    await _enter(session, [one for one in found if isinstance(one, _New)])
    return [one.deposit if isinstance(one, _New) else one for one in found]


async def decide_by_reservation(session: WriteSession, deposit: Deposit) -> None:
    """Let a deposit wait if somebody else has reserved its customer, otherwise let it count."""
    deposit.reserved_by = await reserved_by_other(session, key_of(deposit))
    deposit.status = DepositStatus.APPROVED if deposit.reserved_by is None else DepositStatus.PENDING


async def follow_up(session: WriteSession, deposit: Deposit, product_name: str, *, tell: bool = True) -> None:
    """Move the clock of a reservation, or tell admins what waits (`tell`: if they do not know yet)."""
    if deposit.status == DepositStatus.APPROVED:
        await moves_clock(session, deposit)
    elif tell:
        owner = await repository.name_of(session, deposit.staff_id)
        await session.emit(DepositWaits(deposit.id, owner, deposit.customer_id, product_name))


async def moves_clock(session: WriteSession, deposit: Deposit) -> None:
    """A deposit that counts moves the clock of the owner's reservation, or brings the archived one back."""
    key = key_of(deposit)
    await cleanup.deposit_counted(session, key.product_id, key.customer_key, key.staff_id, deposit.record_date)


async def tell_pages(session: WriteSession) -> None:
    """Let open pages read the ledger again."""
    await announce(session, "deposits", {})


def began(deposit: Deposit) -> DepositBegan:
    """Return the news that a deposit counts."""
    return DepositBegan(deposit.id, deposit.staff_id, deposit.product_id, deposit.record_date, deposit.customer_type)


def _deposit_of(form: DepositForm, admitted: Admitted) -> _New:
    context, note = current_context(), form.keterangan or ""
    money, product = admitted.money, admitted.product
    deposit = Deposit(
        id=new_id(),
        staff_id=admitted.owner_id,
        product_id=product.id,
        record_date=form.record_date,
        customer_id=form.customer_id,
        customer_key=customer_key(form.customer_id),
        customer_name=tidy(form.customer_name or ""),
        nominal=money.nominal,
        multiplier=money.multiplier,
        total=money.total,
        note=note,
        tambahan=is_tambahan(note, form.tambahan),
        created_at=utc_now(),
        created_by=context.actor_id,
        created_by_name=context.actor_name,
        version=1,
    )
    return _New(deposit, key_of(deposit), product)


async def _enter(session: WriteSession, entered: Sequence[_New]) -> None:
    if not entered:
        return
    async with touching(session, [new.key for new in entered]) as touched:
        await _look(session, entered)
        seen: set[tuple[Any, ...]] = set()
        for new in entered:
            deposit, form = new.deposit, same_form(new.deposit)
            deposit.possible_duplicate, deposit.status = new.grounds.twin or form in seen, DepositStatus.APPROVED
            seen.add(form)
            if new.grounds.is_taken:
                await decide_by_reservation(session, deposit)
            touched.enters(deposit)
            if deposit.status == DepositStatus.APPROVED:
                touched.begins(deposit)
    await repository.add_events(
        session, DepositCommand.BOOK, [(new.deposit, None) for new in entered], entered[0].deposit.created_at
    )
    await _tell(session, entered)


async def _look(session: WriteSession, entered: Sequence[_New]) -> None:
    """Find what each is decided by. Of most customers in a list there is nothing: those are asked for together."""
    since = entered[0].deposit.created_at - TWICE_WITHIN
    looked_at = list(entered)
    if len(entered) > 1:
        found = await repository.customers_with_grounds(session, [new.deposit for new in entered], since)
        looked_at = [new for new in entered if new.key.customer_key in found]
    for new in looked_at:
        new.grounds = await repository.grounds_of(session, new.deposit, since)


async def _tell(session: WriteSession, entered: Iterable[_New]) -> None:
    # Reservations in one order for everybody.
    for new in sorted(entered, key=lambda one: (one.key, one.deposit.id)):
        is_approved = new.deposit.status == DepositStatus.APPROVED
        if is_approved:
            await session.emit(began(new.deposit))
        if not is_approved or new.grounds.has_reservation:
            await follow_up(session, new.deposit, new.product.name)
    await tell_pages(session)
