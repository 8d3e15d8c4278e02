"""The only answer to "is this customer reserved?" (spec 1.3, 3.2).

A record matches a reservation when its customer key equals one of the reservation's keys and the product is the same;
with the setting `reservation_scope = everywhere` the product does not matter. Only approved reservations protect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, exists, select, true

from crm_boost.db.dialect import in_texts, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.reservations.models import ReservationKey

_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns a customer."""

    staff_id: str
    staff_name: str


def _matches(session: ReadSession, product_id: Any, customer_key: Any) -> ColumnElement[bool]:
    matches: ColumnElement[bool] = (ReservationKey.customer_key == customer_key) & ReservationKey.approved
    if session.business.reservation_scope == "product":
        matches &= ReservationKey.product_id == product_id
    return matches


def leads_to(customer_key: Any) -> ColumnElement[bool]:
    """Return the condition of a join that starts from `reservation_keys`, of which there are few: this row protects
    that customer, of the products for which `is_of_product` holds."""
    matches: ColumnElement[bool] = customer_key == unindexed(ReservationKey.customer_key)
    return matches & ReservationKey.approved


def is_of_product(session: ReadSession, product_id: Any) -> ColumnElement[bool]:
    """Return the condition: this row of `reservation_keys` protects customers of that product."""
    if session.business.reservation_scope == "product":
        matches: ColumnElement[bool] = unindexed(ReservationKey.product_id) == product_id
        return matches
    return true()


def is_reserved(session: ReadSession, record: Any) -> ColumnElement[bool]:
    """Return the condition: the customer of `record` (a table with product_id, customer_key) has an owner."""
    return exists().where(_matches(session, record.product_id, record.customer_key))


def is_taken_by_other(session: ReadSession, record: Any, staff_id: Any) -> ColumnElement[bool]:
    """Return the condition: the customer of `record` is owned by somebody other than `staff_id` (value or column)."""
    return exists().where(
        _matches(session, record.product_id, record.customer_key), ReservationKey.staff_id != staff_id
    )


def owner_name(session: ReadSession, record: Any) -> ScalarSelect[Any]:
    """Return the expression: the current name of the owner of the customer of `record`, or NULL."""
    return (
        select(User.name)
        .join(ReservationKey, ReservationKey.staff_id == User.id)
        .where(_matches(session, record.product_id, record.customer_key))
        .limit(1)
        .scalar_subquery()
    )


async def owners_of_customer(session: ReadSession, customer_key: str, product_ids: Sequence[str]) -> list[Owner]:
    """Return everybody who owns this customer for one of these products."""
    statement = (
        select(User.id, User.name)
        .join(ReservationKey, ReservationKey.staff_id == User.id)
        .where(ReservationKey.customer_key == customer_key, ReservationKey.approved)
        .distinct()
        .order_by(User.name, User.id)
    )
    if session.business.reservation_scope == "product":
        statement = statement.where(in_texts(ReservationKey.product_id, product_ids))
    return [Owner(row.id, row.name) for row in await session.execute(statement)]


async def owners_of(session: ReadSession, product_id: str, customer_keys: Sequence[str]) -> dict[str, Owner]:
    """Return the owners of those of `customer_keys` that have one, in statements of 10,000 keys each."""
    owners: dict[str, Owner] = {}
    for start in range(0, len(customer_keys), _CHUNK):
        chunk = customer_keys[start : start + _CHUNK]
        statement = (
            select(ReservationKey.customer_key, User.id, User.name)
            .join(User, User.id == ReservationKey.staff_id)
            .where(in_texts(ReservationKey.customer_key, chunk), ReservationKey.approved)
        )
        if session.business.reservation_scope == "product":
            statement = statement.where(ReservationKey.product_id == product_id)
        for key, staff_id, name in await session.execute(statement):
            owners[key] = Owner(staff_id, name)
    return owners


async def owners_of_each(
    session: ReadSession, customers: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[Owner]]:
    """Return everybody who owns one of these customers for its product, (customer key, product id) each, as
    `owners_of_customer` does for one. One statement."""
    statement = (
        select(ReservationKey.customer_key, ReservationKey.product_id, User.id, User.name)
        .join(User, User.id == ReservationKey.staff_id)
        .where(in_texts(ReservationKey.customer_key, sorted({key for key, _ in customers})), ReservationKey.approved)
        .order_by(User.name, User.id)
    )
    everywhere = session.business.reservation_scope == "everywhere"
    found: dict[tuple[str, str], list[Owner]] = {}
    for key, product_id, staff_id, name in await session.execute(statement):
        found.setdefault((key, "" if everywhere else product_id), []).append(Owner(staff_id, name))
    return {
        customer: owners
        for customer in customers
        if (owners := found.get((customer[0], "" if everywhere else customer[1])))
    }
