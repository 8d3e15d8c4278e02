"""All SQL that reads follow-ups. Lists are read in the order of an index; what is counted is in the counters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, func, select, true, tuple_
from sqlalchemy import cast as as_type

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.db.dialect import in_texts, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS
from crm_boost.followups.ladder import LADDER, Urgency, span_of
from crm_boost.followups.models import FollowUp, FollowUpDay, FollowUpTotal
from crm_boost.followups.states import COUNTED, FollowUpState, Shown
from crm_boost.identity.models import User
from crm_boost.kit.clock import start_of_day
from crm_boost.pools.rows import dealt_select
from crm_boost.products.models import Product


@dataclass(frozen=True, slots=True)
class FollowUpFilter:
    """Which follow-ups are asked for. `staff_id` is whose: of whoever asks, or of whom an admin names. `modules` are those
    whose page is open to the caller; None is all of them."""

    staff_id: str | None = None
    product_id: str | None = None
    database_id: str | None = None
    modules: Sequence[str] | None = None
    urgency: Urgency | None = None
    shown: Shown = "open"


@dataclass(frozen=True, slots=True)
class FollowUpCounts:
    """How many follow-ups there are. `open` on each rung of the ladder are those that wait now."""

    open: dict[Urgency, int]
    snoozed: int
    deposited: int
    done: int
    lost: int

    @property
    def waiting(self) -> int:
        """All that wait now."""
        return sum(self.open.values())


Place = tuple[datetime | date, str]
"""After which row a page begins: its time of response (in the list of snoozed ones the day until), and its record."""


def _narrowed(table: Any, wanted: FollowUpFilter, *, leads: bool = True) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    for name in ("staff_id", "product_id", "database_id"):
        value = getattr(wanted, name)
        if value is not None:
            # Staff with a database or a product have an index of their own; of a database the product is known.
            column, known = getattr(table, name), name == "product_id" and wanted.database_id is not None
            where.append((column if leads and not known else unindexed(column)) == value)
    if wanted.modules is not None:
        of_modules = select(CustomerDatabase.id).where(in_texts(CustomerDatabase.module, list(wanted.modules)))
        where.append(unindexed(table.database_id).in_(of_modules))
    return where


def _asleep(wanted: FollowUpFilter, today: date) -> list[ColumnElement[bool]]:
    """Snoozed beyond today: through their own index, few people are at a time."""
    one = FollowUp
    asleep = [one.snoozed_until > today, unindexed(one.state) == FollowUpState.OPEN]
    return [*asleep, *_narrowed(one, wanted, leads=False)]


def _keys(
    session: ReadSession, wanted: FollowUpFilter, today: date, after: Place | None, limit: int
) -> Select[*tuple[Any, ...]]:
    place: tuple[Any, Any] = (FollowUp.respond_at, FollowUp.record_id)
    statement = select(FollowUp.record_seq, FollowUp.deal_rank)
    if wanted.shown == "snoozed":
        # In the order in which they come back.
        place = (FollowUp.snoozed_until, FollowUp.record_id)
        statement = statement.where(*_asleep(wanted, today))
    else:
        statement = statement.where(FollowUp.state == wanted.shown, *_narrowed(FollowUp, wanted))
    if wanted.shown == "open":
        statement = statement.where(func.coalesce(FollowUp.snoozed_until, today) <= today)
    if wanted.urgency is not None:
        # As instants, which is how the index is sorted.
        first, end = span_of(wanted.urgency, today)
        if first is not None:
            statement = statement.where(FollowUp.respond_at >= start_of_day(session.business.tz, first))
        if end is not None:
            statement = statement.where(FollowUp.respond_at < start_of_day(session.business.tz, end))
    if after is not None:
        statement = statement.where(tuple_(*place) > tuple_(*after))
    return statement.order_by(*place).limit(limit)


async def page_rows(
    session: ReadSession, wanted: FollowUpFilter, today: date, *, viewer: str | None, after: Place | None, limit: int
) -> Sequence[Any]:
    """Return the rows of a page with everything that is shown of them, the oldest answer first. One statement."""
    keys = _keys(session, wanted, today, after, limit).subquery("page_keys")
    place = (FollowUp.respond_at, FollowUp.record_id)
    if wanted.shown == "snoozed":
        place = (FollowUp.snoozed_until, FollowUp.record_id)  # type: ignore[assignment]
    return (await session.execute(_shown(session, viewer).join(keys, _is(keys.c)).order_by(*place))).all()


async def row_of(session: ReadSession, record_id: str, viewer: str | None) -> Any:
    """Return one follow-up with everything that is shown of it."""
    statement = _shown(session, viewer).where(FollowUp.record_id == record_id, FollowUp.state != FollowUpState.ENDED)
    return (await session.execute(statement)).first()


def _is(keys: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (FollowUp.record_seq == keys.record_seq) & (FollowUp.deal_rank == keys.deal_rank)
    return found


def _shown(session: ReadSession, viewer: str | None) -> Select[*tuple[Any, ...]]:
    return (
        dealt_select(session, staff_id=viewer)
        .add_columns(
            FollowUp.product_id.label("follow_up_product"),
            Product.name.label("product_name"),
            FollowUp.respond_on,
            FollowUp.respond_at.label("responded_at"),
            FollowUp.state.label("follow_up_state"),
            FollowUp.snoozed_until,
        )
        .join(FollowUp, FollowUp.record_seq == Record.seq)
        .join(Product, Product.id == FollowUp.product_id)
    )


async def counts(session: ReadSession, wanted: FollowUpFilter, today: date) -> FollowUpCounts:
    """Count by state, and what waits by urgency, whatever urgency and state the filter names. One statement, so that the
    figures belong together; its cost follows the number of staff and databases, not of people."""
    total, day, one = FollowUpTotal, FollowUpDay, FollowUp

    def total_of(what: Any) -> Any:
        return as_type(func.coalesce(func.sum(what), 0), BigInteger)

    def on_rung(table: Any, urgency: Urgency) -> ColumnElement[bool]:
        first, end = span_of(urgency, today)
        inside: ColumnElement[bool] = table.respond_on >= first if first is not None else table.respond_on < end
        return inside if first is None or end is None else inside & (table.respond_on < end)

    totals = select(
        *(total_of(case((total.state == state, total.people), else_=0)).label(state) for state in COUNTED)
    ).where(*_narrowed(total, wanted))
    young = [rung.urgency for rung in LADDER if rung.urgency is not Urgency.CRITICAL]
    oldest_young = today - timedelta(days=LADDER[0].from_days - 1)
    days = select(*(total_of(case((on_rung(day, rung), day.people), else_=0)).label(rung) for rung in young)).where(
        day.respond_on >= oldest_young, *_narrowed(day, wanted)
    )
    asleep = select(
        *(total_of(case((on_rung(one, rung), 1), else_=0)).label(f"asleep_{rung}") for rung in Urgency)
    ).where(*_asleep(wanted, today))
    first, *others = (totals.subquery("totals"), days.subquery("days"), asleep.subquery("asleep"))
    together: Any = first
    for part in others:
        together = together.join(part, true())
    columns = [column for part in (first, *others) for column in part.c]
    row = (await session.execute(select(*columns).select_from(together))).one()._mapping
    sleeping = {rung: int(row[f"asleep_{rung}"]) for rung in Urgency}
    by_rung: dict[Urgency, int] = {rung: int(row[rung]) for rung in young}
    by_rung[Urgency.CRITICAL] = int(row["open"]) - sum(by_rung.values())
    return FollowUpCounts(
        {rung: by_rung[rung] - sleeping[rung] for rung in Urgency},
        sum(sleeping.values()),
        *(int(row[state]) for state in COUNTED[1:]),
    )


async def choices(session: ReadSession, wanted: FollowUpFilter) -> dict[str, list[dict[str, str]]]:
    """Return the products, databases and people that have follow-ups, by name. Three statements."""
    rows = {}
    for name, table, column in (
        ("products", Product, FollowUpTotal.product_id),
        ("databases", CustomerDatabase, FollowUpTotal.database_id),
        ("staff", User, FollowUpTotal.staff_id),
    ):
        used = select(column).where(*_narrowed(FollowUpTotal, wanted))
        model: Any = table
        statement = select(model.id, model.name).where(model.id.in_(used)).order_by(model.name, model.id)
        rows[name] = [{"id": row.id, "name": row.name} for row in await session.execute(statement)]
    return rows


async def deposit_after(session: ReadSession, staff_id: str, customer_key: str, product_id: str, day: date) -> Any:
    """Return the latest counting deposit of a customer with a staff on or after a day."""
    statement = (
        select(Deposit.id, Deposit.record_date, Deposit.total, Deposit.customer_type)
        .where(
            COUNTS,
            Deposit.staff_id == staff_id,
            Deposit.customer_key == customer_key,
            Deposit.product_id == product_id,
            Deposit.record_date >= day,
        )
        .order_by(Deposit.record_date.desc(), Deposit.id.desc())
        .limit(1)
    )
    return (await session.execute(statement)).first()
