"""All SQL that reads how many different customers came on days, in weeks and months (spec 5.3)."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from crm_boost.db.session import ReadSession
from crm_boost.db.statements import rows_of
from crm_boost.retention.models import returns_table
from crm_boost.retention.returns import RETURNS, different

_COUNTS = [returns_table.c[name] for name in RETURNS]


async def different_customers(
    session: ReadSession, scope: str, product_id: str, ranges: Sequence[tuple[date, date]]
) -> list[int]:
    """Return how many different customers came in each of these ranges of days `[start, end)`, which follow one another and
    have 31 days at most: of a staff or `facts.COMPANY`, of a product or `returns.ANY_PRODUCT`. One statement, one row a day.
    """
    found = [0] * len(ranges)
    if not ranges:
        return found
    c = returns_table.c
    of_scope = select(c.day, *_COUNTS).where(c.scope == scope, c.product_id == product_id)
    days = of_scope.where(c.day >= ranges[0][0], c.day < ranges[-1][1]).order_by(c.day)
    place = 0
    for day, *counts in await rows_of(session, days):
        while day >= ranges[place][1]:
            place += 1
        found[place] += different(counts, (day - ranges[place][0]).days)
    return found
