"""What an entry is decided by: the books, whom it is for, and who has reserved the customer (spec 4.2)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from crm_boost.db.session import ReadSession
from crm_boost.deposits.classification import Key
from crm_boost.deposits.entry import Books, Money, checked, money_of
from crm_boost.deposits.errors import PeriodClosed
from crm_boost.deposits.ledger_config import closed_until
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.money import minor_units
from crm_boost.deposits.schemas import DepositForm
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date
from crm_boost.kit.errors import FieldError, Problem
from crm_boost.products.service import UsableProduct, require_active_product
from crm_boost.reservations.matching import owners_of_customer
from crm_boost.reservations.people import require_owner

TWICE_WITHIN = timedelta(minutes=1)
"""The same form again within this time may be a slip."""


async def books_of(session: ReadSession) -> Books:
    """Return what entries are checked against."""
    business = session.business
    return Books(business_date(business.tz), await closed_until(session), minor_units(business.currency))


async def owner_of(session: ReadSession, principal: Principal, staff_id: str | None) -> str:
    """Return whom a new deposit belongs to: the caller, or whom an admin names."""
    if staff_id is None or staff_id == principal.id or not principal.can(Permission.DEPOSITS_MANAGE):
        return principal.id
    return (await require_owner(session, staff_id)).id


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a form that may be booked stands for."""

    money: Money
    product: UsableProduct
    owner_id: str


class Admission:
    """Checks forms that are entered together; products and people are asked for once each."""

    def __init__(self, session: ReadSession, principal: Principal, books: Books) -> None:
        self._session, self._principal, self._books = session, principal, books
        self._products: dict[str, UsableProduct] = {}
        self._owners: dict[str | None, str] = {}

    @classmethod
    async def open(cls, session: ReadSession, principal: Principal) -> Self:
        """Return the admission to the books as they are now."""
        return cls(session, principal, await books_of(session))

    async def admit(self, form: DepositForm) -> Admitted:
        """Return what a form stands for; refuse one that cannot be booked (`Problem`)."""
        money = money_of(form.nominal, form.depo_kelipatan, self._books)
        money = checked(form.record_date, form.customer_id, money, self._books)
        product = self._products.get(form.product_id)
        if product is None:
            product = self._products[form.product_id] = await require_active_product(self._session, form.product_id)
        owner_id = self._owners.get(form.staff_id)
        if owner_id is None:
            owner_id = self._owners[form.staff_id] = await owner_of(self._session, self._principal, form.staff_id)
        return Admitted(money, product, owner_id)


def errors_of(refusal: Problem) -> list[dict[str, Any]]:
    """Return what is wrong with a form, field by field, as clients get it."""
    field = str(refusal.extras.get("field", ""))
    errors = refusal.errors or (FieldError(field, refusal.detail, refusal.code),)
    return [{"params": {}, **error.document(refusal.code)} for error in errors]


async def reserved_by_other(session: ReadSession, key: Key) -> str | None:
    """Return the id of somebody else who has reserved this customer for this product."""
    owners = [owner.staff_id for owner in await owners_of_customer(session, key.customer_key, [key.product_id])]
    return owners[0] if owners and key.staff_id not in owners else None


def ensure_open(books: Books, deposit: Deposit) -> None:
    """Refuse to change what counts in a closed period."""
    if books.is_closed(deposit.record_date):
        raise PeriodClosed(f"The books are closed up to {books.closed_until}.", closed_until=str(books.closed_until))
