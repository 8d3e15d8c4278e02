"""What retention has to store, said once more over the whole ledger: for looking for drift, and for building it anew.

Shares no code with `facts`, which says it of one customer: the tests, and the check in a running system, compare both.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import (
    CTE,
    Date,
    Subquery,
    Table,
    Text,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy import cast as as_type

from crm_boost.db.dialect import days_between, first_of_month, has_parallel_writers
from crm_boost.db.session import WriteSession
from crm_boost.db.types import Question
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS
from crm_boost.retention.models import RetentionCount, RetentionCustomer, returns_table

_customer = cast(Table, RetentionCustomer.__table__)
_count = cast(Table, RetentionCount.__table__)
_UNIT = ("customer_key", "product_id")
_FIRST_TIME = literal(date(1900, 1, 1), Date())
_SCORES = (10, 5, 100)


def _scoped() -> CTE:
    """Every counting deposit twice: among all of its customer, and among those of its staff; numbered from the last one,
    with a mark on the first ordinary one ever."""
    unit = (Deposit.customer_key, Deposit.product_id)
    ordinary_first = func.row_number().over(
        partition_by=unit, order_by=(Deposit.tambahan, Deposit.record_date, Deposit.id)
    )
    marked = (
        select(
            Deposit.customer_key,
            Deposit.product_id,
            Deposit.staff_id,
            Deposit.id,
            Deposit.record_date,
            Deposit.total,
            and_(~Deposit.tambahan, ordinary_first == 1).label("is_ndp"),
        )
        .where(COUNTS)
        .subquery()
    )
    halves = union_all(
        select(literal("").label("scope"), *marked.c), select(marked.c.staff_id.label("scope"), *marked.c)
    ).subquery()
    scope = (halves.c.scope, halves.c.customer_key, halves.c.product_id)
    from_last = func.row_number().over(partition_by=scope, order_by=(halves.c.record_date.desc(), halves.c.id.desc()))
    return select(*halves.c, from_last.label("from_last")).cte()


def _facts(scoped: CTE) -> Question:
    c, (each, day, most) = scoped.c, _SCORES
    deposits, days = func.count(), func.count(c.record_date.distinct())
    score = each * deposits + day * days
    return select(
        c.scope,
        c.customer_key,
        c.product_id,
        func.max(case((c.from_last == 1, c.staff_id))).label("staff_id"),
        func.max(case((c.from_last == 1, c.id))).label("deposit_id"),
        func.min(c.record_date).label("first_date"),
        func.max(c.record_date).label("last_date"),
        func.max(case((c.is_ndp, c.record_date))).label("ndp_date"),
        deposits.label("deposits"),
        days.label("days"),
        func.sum(c.total).label("total"),
        case((score > most, most), else_=score).label("score"),
    ).group_by(c.scope, c.customer_key, c.product_id)


def _counts(scoped: CTE) -> Question:
    facts = _facts(scoped).cte()
    scope = (scoped.c.scope, scoped.c.customer_key, scoped.c.product_id)
    days = select(*scope, scoped.c.record_date.label("day")).distinct().subquery()
    unit = (days.c.scope, days.c.customer_key, days.c.product_id)
    since = func.lag(days.c.day).over(partition_by=unit, order_by=days.c.day)
    first = func.min(days.c.day).over(partition_by=unit)
    visits = select(*days.c, since.label("since"), first.label("first")).cte()
    v, f = visits.c, facts.c
    month_before = case((v.since.is_(None), _FIRST_TIME), else_=first_of_month(v.since))
    months = (
        select(
            v.scope,
            v.customer_key,
            v.product_id,
            first_of_month(v.first).label("cohort"),
            first_of_month(v.day).label("month"),
        )
        .distinct()
        .subquery()
    )

    def count(kind: str, scope: Any, day: Any, other: Any, product: Any) -> Question:
        return select(
            literal(kind).label("kind"),
            scope.label("scope"),
            day.label("day"),
            other.label("other"),
            product.label("product_id"),
            literal(1).label("customers"),
        )

    parts = [
        count("gap", v.scope, v.since, v.day, v.product_id).where(v.since.is_not(None)),
        count("visit", v.scope, v.day, month_before, v.product_id),
        count("month", v.scope, first_of_month(v.day), month_before, v.product_id),
        count("cohort", months.c.scope, months.c.cohort, months.c.month, months.c.product_id),
        count("new", f.scope, f.ndp_date, f.ndp_date, f.product_id).where(f.ndp_date.is_not(None)),
    ]
    for whose in (f.scope, f.staff_id):
        once = count("once", whose, f.last_date, f.last_date, f.product_id).where(f.scope == "", f.deposits == 1)
        again = count("again", whose, f.last_date, f.last_date, f.product_id).where(f.scope == "", f.deposits > 1)
        parts += [once, again]
    each = union_all(*parts).subquery()
    key = (each.c.kind, each.c.scope, each.c.day, each.c.other, each.c.product_id)
    return select(*key, func.sum(each.c.customers).label("customers")).group_by(*key)


def _returns() -> Question:
    """Customers of a day by the days since they came last: four times, of anybody or of each staff, of any product or of
    each. Each is grouped by itself: one sort of all would be longer than four."""
    parts = [
        _waits(scope, product).group_by("scope", "product_id", "day", "wait")
        for scope in (literal(""), Deposit.staff_id)
        for product in (literal(""), Deposit.product_id)
    ]
    each = union_all(*parts).subquery()
    key = (each.c.scope, each.c.product_id, each.c.day)
    names = [column.name for column in returns_table.columns if not column.primary_key]
    longest = len(names)
    sums = [
        func.sum(case((each.c.wait == place, each.c.customers), else_=0)).label(name)
        for place, name in enumerate(names[:-1], 1)
    ]
    more = func.sum(case((each.c.wait == longest, each.c.customers), else_=0)).label(names[-1])
    return select(*key, *sums, more).group_by(*key)


def _waits(scope: Any, product: Any) -> Any:
    unit = (scope.label("scope"), product.label("product_id"), Deposit.customer_key)
    visits = select(*unit, Deposit.record_date.label("day")).where(COUNTS).distinct().subquery()
    since = func.lag(visits.c.day).over(
        partition_by=(visits.c.scope, visits.c.product_id, visits.c.customer_key), order_by=visits.c.day
    )
    waits = select(visits, days_between(since, visits.c.day).label("days")).subquery()
    longest = len(returns_table.columns) - len(returns_table.primary_key.columns)
    known = and_(waits.c.days.is_not(None), waits.c.days < longest)
    return select(
        waits.c.scope,
        waits.c.product_id,
        waits.c.day,
        case((known, waits.c.days), else_=longest).label("wait"),
        func.count().label("customers"),
    )


async def build(session: WriteSession) -> None:
    """Forget everything and store what the ledger says. Whoever changes the ledger meanwhile waits for the end."""
    if has_parallel_writers(session):
        # Everybody takes a row of it before reading what counts.
        await session.execute(text("LOCK TABLE retention_locks IN EXCLUSIVE MODE"))
    stored = ((_customer, _facts(_scoped())), (_count, _counts(_scoped())), (returns_table, _returns()))
    for table, said in stored:
        await session.execute(delete(table))
        names = [column.name for column in said.selected_columns]
        await session.execute(insert(table).from_select(names, said))


def wrong_facts() -> Question:
    """Customers of whom something else is stored than the ledger says."""
    said = _facts(_scoped()).subquery()
    names = [column.name for column in _customer.columns]
    stored = select(*(_customer.c[name] for name in names)).where(_customer.c.deposits > 0)
    return _differing(said, stored, names, ("scope", *_UNIT), "retention_customer")


def wrong_counts() -> Question:
    """Counts of customers that are not what the ledger says."""
    said = _counts(_scoped()).subquery()
    names = [column.name for column in _count.columns]
    stored = select(*(_count.c[name] for name in names)).where(_count.c.customers != 0)
    return _differing(said, stored, names, ("kind", "scope", "day", "other", "product_id"), "retention_count")


def wrong_returns() -> Question:
    """Days whose customers came back after other times than the ledger says."""
    said = _returns().subquery()
    names = [column.name for column in returns_table.columns]
    counts = [column for column in returns_table.columns if not column.primary_key]
    stored = select(*returns_table.columns).where(or_(*(count != 0 for count in counts)))
    return _differing(said, stored, names, ("scope", "product_id", "day"), "retention_return")


def _differing(said: Subquery, stored: Question, names: Sequence[str], key: Sequence[str], kind: str) -> Question:
    """Rows of which there are not exactly two alike: one that is stored, and one that is said."""
    both = union_all(select(*(said.c[name] for name in names)), stored).subquery()
    columns = [both.c[name] for name in names]
    single = select(*(both.c[name] for name in key)).group_by(*columns).having(func.count() != 2).subquery()
    # Days and products say where it is; who the customer is, is nobody's business here.
    place = single.c.product_id if "day" not in key else as_type(single.c.day, Text)
    return select(place.label("key"), place.label("id"), literal(kind).label("kind"))


def wrong_retention() -> Question:
    """Everything stored for retention that is not what the ledger says."""
    return select(union_all(wrong_facts(), wrong_counts(), wrong_returns()).subquery("wrong_retention"))
