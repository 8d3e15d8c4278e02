"""All SQL of targets, progress and ranking. Figures come from the roll-ups of the ledger; deposits are not read."""

from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    and_,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy import cast as as_type

from crm_boost.db.dialect import in_texts, inserting, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import rows_of
from crm_boost.deposits.models import DepositMonth, DepositStaffDay
from crm_boost.deposits.rollups import parts_of
from crm_boost.identity.models import User
from crm_boost.identity.permissions import Permission, roles_with
from crm_boost.performance.judging import Counts
from crm_boost.performance.models import OF_EVERYBODY, OF_ONE, StaffTarget

_targets = cast(Table, StaffTarget.__table__)
FIGURES = ("monthly_omset", "daily_ndp", "daily_rdp", "required_success_days")
_ON_TARGETS = [role.value for role in roles_with(Permission.RECORDS_WORK)]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with figures or targets. `started` is when the account was made, `first_day` the first deposit."""

    id: str
    name: str
    has_targets: bool
    is_active: bool
    created_at: datetime
    first_day: date | None


@dataclass(frozen=True, slots=True)
class Total:
    """What one staff has in a range, and on one day of it. Turnover is in minor units."""

    omset: int = 0
    ndp: int = 0
    rdp: int = 0
    days: int = 0
    today_ndp: int = 0
    today_rdp: int = 0

    def plus(self, *figures: int) -> "Total":
        """Return these figures and others, in the order of the fields."""
        return Total(*(own + other for own, other in zip(astuple(self), figures, strict=True)))


def _sum(what: Any) -> ColumnElement[int]:
    return as_type(func.coalesce(func.sum(what), 0), BigInteger)


async def totals(
    session: ReadSession, start: date | None, end: date, today: date, staff_id: str | None = None
) -> dict[str, Total]:
    """Return the figures of each staff, or of one, from `start` (None: from the beginning) up to, not including, `end`. One
    statement, so that they belong together."""
    day = DepositStaffDay
    days = [day.record_date < end, *([] if start is None else [day.record_date >= start])]
    nothing = literal(0)
    groups: list[tuple[Any, list[ColumnElement[bool]], tuple[Any, ...]]] = [
        (day, days, (nothing, nothing, nothing, func.count(), nothing, nothing)),
        (day, [*days, day.record_date == today], (nothing,) * 4 + (_sum(day.ndp), _sum(day.rdp))),
    ]
    for part in parts_of(start, end):
        table: Any = DepositMonth if part.by_month else day
        on = table.month if part.by_month else table.record_date
        where = [] if part.start is None else [on >= part.start]
        where += [] if part.end is None else [on < part.end]
        figures = (table.ndp_total + table.rdp_total, table.ndp, table.rdp)
        groups.append((table, where, tuple(_sum(part.sign * what) for what in figures) + (nothing,) * 3))
    statements: list[Select[*tuple[Any, ...]]] = []
    for table, where, columns in groups:
        if staff_id is not None:
            where = [*where, table.staff_id == staff_id]
        statements.append(select(table.staff_id, *columns).where(*where).group_by(unindexed(table.staff_id)))
    found: dict[str, Total] = {}
    for staff, *added in await session.execute(union_all(*statements)):
        found[staff] = found.get(staff, Total()).plus(*added)
    return {staff: total for staff, total in found.items() if total.days}


async def daily_counts(
    session: ReadSession, start: date | None, end: date, staff_id: str | None = None
) -> dict[str, dict[date, Counts]]:
    """Return NDP and RDP of each staff on each day that has deposits. One statement."""
    day = DepositStaffDay
    statement = select(day.record_date, day.staff_id, day.ndp, day.rdp).where(day.record_date < end)
    if start is not None:
        statement = statement.where(day.record_date >= start)
    if staff_id is not None:
        statement = statement.where(day.staff_id == staff_id)
    found: dict[str, dict[date, Counts]] = {}
    # A team's three months are some thousand rows, past the mapper in half the time.
    for on, staff, ndp, rdp in await rows_of(session, statement):
        found.setdefault(staff, {})[on] = (ndp, rdp)
    return found


async def people(session: ReadSession, ids: Collection[str]) -> list[Person]:
    """Return everybody who is on the desk and works records, and these people whatever became of them, by name."""
    is_active = and_(User.is_active, User.deleted_at.is_(None))
    has_targets = User.role.in_(_ON_TARGETS)
    day = DepositStaffDay
    first_day = select(func.min(day.record_date)).where(day.staff_id == User.id).scalar_subquery()
    statement = (
        select(User.id, User.name, has_targets, is_active, User.created_at, first_day)
        .where(or_(and_(has_targets, is_active), in_texts(User.id, sorted(ids))))
        .order_by(User.name, User.id)
    )
    return [
        Person(row[0], row[1], bool(row[2]), bool(row[3]), row[4], row[5]) for row in await session.execute(statement)
    ]


async def person_with_targets(session: ReadSession, staff_id: str) -> tuple[str, str] | None:
    """Return id and name of somebody who works records and was not removed."""
    statement = select(User.id, User.name).where(
        User.id == staff_id, User.role.in_(_ON_TARGETS), User.deleted_at.is_(None)
    )
    row = (await session.execute(statement)).first()
    return (row[0], row[1]) if row is not None else None


async def target_rows(session: ReadSession, staff_id: str | None = None) -> list[StaffTarget]:
    """Return what was set for everybody and, of one staff or of all, for themselves, the earliest first."""
    statement = select(StaffTarget).order_by(StaffTarget.effective_from)
    if staff_id is not None:
        statement = statement.where(or_(StaffTarget.staff_id.is_(None), StaffTarget.staff_id == staff_id))
    return list((await session.scalars(statement)).all())


async def put_targets(
    session: WriteSession, staff_id: str | None, values: Mapping[str, Any], *, replaced_until: date
) -> None:
    """Store what holds from `values["effective_from"]` on. What began later, but no later than `replaced_until`, goes;
    what is planned for after that stays."""
    whose = StaffTarget.staff_id.is_(None) if staff_id is None else StaffTarget.staff_id == staff_id
    start = values["effective_from"]
    await session.execute(
        delete(StaffTarget).where(
            whose, StaffTarget.effective_from > start, StaffTarget.effective_from <= replaced_until
        )
    )
    statement = inserting(session, _targets).values(staff_id=staff_id, **values)
    columns = ["effective_from"] if staff_id is None else ["staff_id", "effective_from"]
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=columns,
            index_where=text(OF_EVERYBODY if staff_id is None else OF_ONE),
            set_={name: statement.excluded[name] for name in values if name != "effective_from"},
        )
    )
