"""Where the rows of each kind come from: the read functions of the lists, page after page (spec 5.5)."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query

from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.pool_service import require_database
from crm_boost.customers.dependencies import open_modules
from crm_boost.customers.repositories.dealt import DealtFilter, list_dealt
from crm_boost.db.session import ReadSession
from crm_boost.deposits import figures, reading
from crm_boost.deposits.endpoints import DepositQuery, TextId, ToDay
from crm_boost.deposits.states import DepositStatus
from crm_boost.exports.columns import Column
from crm_boost.health import conflict_log
from crm_boost.identity.principal import Principal
from crm_boost.kit.paging import Page, decode_cursor, encode_cursor
from crm_boost.performance import report
from crm_boost.performance.endpoints import MonthNumber, Year
from crm_boost.performance.progress import month_named
from crm_boost.pools import repository as pools
from crm_boost.pools.places import place_of
from crm_boost.requests import service as requests
from crm_boost.reservations import reading as reservations
from crm_boost.reservations.listing_repository import ARCHIVE
from crm_boost.reservations.states import ACTIVE

Rows = Page[dict[str, Any]]
_DAYS = 14
"""So many days of figures are read at once."""


class PoolQuery:
    """Which databases: one, or all of the module that are not in the trash."""

    def __init__(self, database_id: TextId = None, product_id: TextId = None) -> None:
        self.database_id = database_id
        self.product_id = product_id


class HolderQuery:
    """Whose dealt records, and of which module."""

    def __init__(self, staff_id: TextId = None, module: TextId = None) -> None:
        self.staff_id = staff_id
        self.module = module


class ArchiveQuery:
    """Whether the archive of reservations is meant."""

    def __init__(self, archived: bool = False) -> None:
        self.archived = archived


class FigureQuery:
    """A range of days, a product and a staff."""

    def __init__(
        self,
        product_id: TextId = None,
        staff_id: TextId = None,
        start_date: ToDay = None,
        end_date: ToDay = None,
    ) -> None:
        self.product_id = product_id
        self.staff_id = staff_id
        self.start_date = start_date
        self.end_date = end_date


class ReportQuery:
    """The year of a report, by month; with `by=day` one of its months, by day."""

    def __init__(
        self,
        product_id: TextId = None,
        staff_id: TextId = None,
        year: Year = None,
        month: MonthNumber = None,
        by: Annotated[str, Query(pattern="^(month|day)$")] = "month",
    ) -> None:
        self.product_id = product_id
        self.staff_id = staff_id
        self.year = year
        self.month = month
        self.by = by


class RecordsOf:
    """The records of a module: of one database with the columns of its file, or of all its databases."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def columns(self, session: ReadSession, wanted: tuple[Any, ...]) -> list[Column]:
        """Return the columns of the file that the database was made of; where it is one."""
        pool: PoolQuery = wanted[0]
        if pool.database_id is None:
            return []
        database = await require_database(session, self._policy, pool.database_id, deleted=None)
        return [Column(name, name, name, inside="row_data") for name in database.columns]

    async def fetch(
        self, session: ReadSession, _: Principal, wanted: tuple[Any, ...], cursor: str | None, limit: int
    ) -> Rows:
        """Return a page of records, database after database, the newest first."""
        pool: PoolQuery = wanted[0]
        if pool.database_id is not None:
            database_id, inner = pool.database_id, cursor
        elif cursor is not None:
            database_id, inner = decode_cursor(cursor, kinds=(str, (str, type(None))))
        else:
            first = await self._next(session, pool, None)
            if first is None:
                return Page([], 0, None)
            database_id, inner = first, None
        database = await require_database(session, self._policy, database_id, deleted=None)
        after = place_of(database, wanted[1].filter, inner)
        page = await pools.list_records(session, database, wanted[1].filter, after=after, limit=limit)
        page.rows = [{**row, "database_name": database.name} for row in page.rows]
        if pool.database_id is not None:
            return page
        if page.next_cursor is not None:
            following: str | None = encode_cursor((database.id, page.next_cursor))
        else:
            other = await self._next(session, pool, (database.uploaded_at, database.id))
            following = None if other is None else encode_cursor((other, None))
        return Page(page.rows, None, following)

    async def _next(self, session: ReadSession, pool: PoolQuery, after: Any) -> str | None:
        """Return the database that comes after this place of the list of databases."""
        return await pools.next_database(session, self._policy.module, product_id=pool.product_id, after=after)

    async def count(self, session: ReadSession, wanted: tuple[Any, ...]) -> int | None:
        """Return how many records of all databases there are, where the counts of states answer that; nobody waits for
        more. Apart from the pages: a stream does not wait for it either."""
        pool, filters = wanted[0], wanted[1].filter
        narrowed = (pool.database_id, filters.q, filters.assigned_to, filters.validation)
        if filters.is_conflict or any(value is not None for value in narrowed):
            return None
        module = self._policy.module
        return await pools.count_records(session, module, product_id=pool.product_id, state=filters.state)


async def dealt(
    session: ReadSession, principal: Principal, wanted: tuple[Any, ...], cursor: str | None, limit: int
) -> Rows:
    """Everybody's dealt records, the newest hand-out first."""
    holder, marks = wanted
    modules = [seen for seen in open_modules(principal) if holder.module is None or seen == holder.module]
    chosen = DealtFilter(staff_id=holder.staff_id, modules=modules, **vars(marks))
    after = decode_cursor(cursor, kinds=(int, str)) if cursor else None
    return await list_dealt(session, chosen, after=None if after is None else (after[0], after[1]), limit=limit)


async def deposits(
    session: ReadSession, principal: Principal, wanted: tuple[Any, ...], cursor: str | None, limit: int
) -> Rows:
    """Deposits, the latest day first; staff get their own. Without a status what counts, and nothing else (spec 4.2)."""
    query: DepositQuery = wanted[0]
    chosen = query.filter if query.names_status else replace(query.filter, statuses=(DepositStatus.APPROVED,))
    return await reading.list_deposits(session, principal, chosen, cursor=cursor, limit=limit)


async def deposit_figures(
    session: ReadSession, principal: Principal, wanted: tuple[Any, ...], cursor: str | None, _limit: int
) -> Rows:
    """The figures of a range by day, staff and product; staff get their own."""
    chosen = figures.range_of(principal, **vars(wanted[0]))
    (after,) = decode_cursor(cursor, kinds=(str,)) if cursor else ("",)
    with_deposits = sorted(row["date"] for row in await figures.days_with_deposits(session, chosen))
    days = [day for day in with_deposits if day.isoformat() > after]
    some, rest = days[:_DAYS], days[_DAYS:]
    if not some:
        return Page([], None, None)
    of_days = replace(chosen, start=some[0], end=some[-1] + timedelta(days=1))
    rows = await figures.by_day_staff_and_product(session, of_days)
    return Page(rows, None, encode_cursor((some[-1].isoformat(),)) if rest else None)


async def staff_report(
    session: ReadSession, principal: Principal, wanted: tuple[Any, ...], _cursor: str | None, _limit: int
) -> Rows:
    """The report by month or day and staff; staff get their own."""
    query: ReportQuery = wanted[0]
    month = month_named(session, query.year, query.month)
    found = await report.data(session, report.wanted_by(principal, month, query.product_id, query.staff_id))
    if query.by == "day":
        parts = [(part["date"].isoformat(), part["staff"]) for part in found["daily_by_staff"]]
    else:
        parts = [(f"{month.year}-{part['month']:02d}", part["staff"]) for part in found["monthly_by_staff"]]
    rows = [{"period": period, **row} for period, staff in parts for row in staff]
    return Page(rows, len(rows), None)


async def reserved_members(
    session: ReadSession, principal: Principal, wanted: tuple[Any, ...], cursor: str | None, limit: int
) -> Rows:
    """Reservations, the newest first; staff get their own."""
    archive, query = wanted
    chosen = query.filter(ARCHIVE if archive.archived else tuple(sorted(ACTIVE)))
    return await reservations.list_reservations(session, principal, chosen, cursor=cursor, limit=limit)


async def record_requests(
    session: ReadSession, principal: Principal, wanted: tuple[Any, ...], cursor: str | None, limit: int
) -> Rows:
    """Requests, the newest first; staff get their own."""
    return await requests.list_requests(session, principal, wanted[0].filter, cursor=cursor, limit=limit)


async def conflicts(
    session: ReadSession, _: Principal, wanted: tuple[Any, ...], cursor: str | None, limit: int
) -> Rows:
    """The log of conflicts, the newest first."""
    page, _answer = await conflict_log.log(session, wanted[0].filter(session), cursor=cursor, limit=limit)
    return page
