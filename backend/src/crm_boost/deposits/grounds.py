"""What an entry is decided by: the books, whom it is for, and who has reserved the customer (spec 4.2)."""

from datetime import timedelta

from crm_boost.db.session import ReadSession
from crm_boost.deposits.classification import Key
from crm_boost.deposits.entry import Books
from crm_boost.deposits.errors import PeriodClosed
from crm_boost.deposits.ledger_config import closed_until
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.money import minor_units
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date
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


async def reserved_by_other(session: ReadSession, key: Key) -> str | None:
    """Return the id of somebody else who has reserved this customer for this product."""
    owners = [owner.staff_id for owner in await owners_of_customer(session, key.customer_key, [key.product_id])]
    return owners[0] if owners and key.staff_id not in owners else None


def ensure_open(books: Books, deposit: Deposit) -> None:
    """Refuse to change what counts in a closed period."""
    if books.is_closed(deposit.record_date):
        raise PeriodClosed(f"The books are closed up to {books.closed_until}.", closed_until=str(books.closed_until))
