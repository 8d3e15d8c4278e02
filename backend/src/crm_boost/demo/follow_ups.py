"""What the demo staff did about those who answered yes: some have deposited, some wait until a day, some are closed."""

import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm_boost.db.engine import Database
from crm_boost.db.session import WriteSession
from crm_boost.demo.acting import acting, principal_of
from crm_boost.deposits.booking import book
from crm_boost.deposits.schemas import DepositForm
from crm_boost.followups import service
from crm_boost.identity.models import User
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date

_LOOKED_AT = 200
_DAY = timedelta(days=1)
_DEALT_WITH = (("deposit", 8), ("snooze", 3), ("done", 2), ("lost", 2), ("wait", 15))


async def follow_up(database: Database, seed: int, staff: Sequence[User]) -> None:
    """Let every staff deal with some of their follow-ups; most go on waiting."""
    for place, person in enumerate(staff):
        rng = random.Random(f"{seed}:follow-ups:{place}")
        principal = principal_of(person)
        with acting(person):
            async with database.write() as session:
                for row in await service.most_urgent(session, principal, _LOOKED_AT):
                    (what,) = rng.choices([name for name, _ in _DEALT_WITH], [weight for _, weight in _DEALT_WITH])
                    await _deal_with(session, principal, rng, row, what)


async def _deal_with(
    session: WriteSession, principal: Principal, rng: random.Random, row: dict[str, Any], what: str
) -> None:
    today, answered = business_date(session.business.tz), row["respond_date"]
    if what == "deposit":
        form = DepositForm(
            product_id=row["product_id"],
            record_date=rng.choice([answered, answered + rng.randrange((today - answered).days + 1) * _DAY]),
            customer_id=row["customer_id"],
            customer_name=row["customer_display"],
            nominal=Decimal(rng.choice([50_000, 100_000, 250_000])),
        )
        await book(session, principal, form)
    elif what == "snooze":
        until = today + timedelta(days=rng.choice([1, 2, 5]))
        await service.snooze(session, principal, row["record_id"], until, None)
    elif what == "done":
        await service.close(session, principal, row["record_id"], "done", None)
    elif what == "lost":
        await service.close(session, principal, row["record_id"], "lost", "Went to somebody else.")
