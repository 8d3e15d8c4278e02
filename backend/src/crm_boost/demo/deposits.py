"""The ledger of the demo desk: what staff booked over the last months. Deterministic by seed, counted back from today."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from crm_boost.db.engine import Database
from crm_boost.demo.acting import acting, principal_of
from crm_boost.demo.customers import Customer
from crm_boost.demo.plan import shared_customers
from crm_boost.deposits import booking, service
from crm_boost.deposits.schemas import DepositForm
from crm_boost.identity.models import User
from crm_boost.kit.clock import business_date

_DAYS = 60
_CUSTOMERS = 30
_AMOUNTS = (50_000, 100_000, 150_000, 200_000, 250_000, 500_000, 1_000_000, 2_500_000)
_OFTEN = (10, 20, 14, 12, 10, 8, 4, 1)
_DECLINED = "The customer is looked after by somebody else."


async def book_months(
    database: Database, seed: int, owner: User, staff: Sequence[User], product_ids: Sequence[str], reserved: int
) -> None:
    """Let every staff book deposits of customers of their own, and some of customers that others have reserved."""
    today = business_date(database.business.tz)
    waiting: list[str] = []
    for place, person in enumerate(staff):
        rng = random.Random(f"{seed}:deposits:{place}")
        own = [
            (product_id, customer.username, customer.name)
            for product, product_id in enumerate(product_ids)
            for customer in _customers_of(seed, product, place, len(staff), reserved)
        ]
        # The better people book nearly twice as much as the others.
        pace = 0.4 + 0.15 * (len(staff) - place)
        with acting(person):
            async with database.write() as session:
                for form in _forms(rng, own, today, pace):
                    await booking.book(session, principal_of(person), form)
                theirs = shared_customers(seed, 0)[(place + 1) % len(staff)]
                form = _form(rng, (product_ids[0], theirs.username, theirs.name), today - timedelta(days=place))
                waiting.append((await booking.book(session, principal_of(person), form)).id)
    with acting(owner):
        async with database.write() as session:
            await service.approve(session, waiting[0])
            await service.decline(session, waiting[1], _DECLINED)


def _customers_of(seed: int, product: int, place: int, staff: int, reserved: int) -> list[Customer]:
    """The customers of a product that a staff has reserved, and as many more that nobody has."""
    everybody = shared_customers(seed, product)
    free = everybody[reserved + 20 :]
    return [*everybody[place:reserved:staff], *free[place::staff]][:_CUSTOMERS]


def _forms(rng: random.Random, own: Sequence[tuple[str, str, str]], today: date, pace: float) -> list[DepositForm]:
    forms = []
    for back in range(_DAYS, -1, -1):
        day = today - timedelta(days=back)
        usual = pace * (0.6 if day.weekday() >= 5 else 1.0)
        # The circle of customers grows over the weeks, so that there are new ones to the end.
        known = own[: max(6, len(own) * (_DAYS - back + 5) // (_DAYS + 5))]
        forms += [_form(rng, rng.choice(known), day) for _ in range(round(rng.uniform(0, 2) * usual))]
    # Entered late now and then: what the ledger says does not depend on the order.
    for _ in range(len(forms) // 20):
        forms.append(forms.pop(rng.randrange(len(forms))))
    return forms


def _form(rng: random.Random, customer: tuple[str, str, str], day: date) -> DepositForm:
    product_id, username, name = customer
    (amount,) = rng.choices(_AMOUNTS, _OFTEN)
    (times,) = rng.choices((1, 2, 3), (90, 8, 2))
    return DepositForm(
        product_id=product_id,
        record_date=day,
        customer_id=username,
        customer_name=name,
        nominal=Decimal(amount + 1000 * rng.randrange(10)),
        depo_kelipatan=Decimal(times),
        keterangan="depo tambahan" if rng.random() < 0.08 else None,
    )
