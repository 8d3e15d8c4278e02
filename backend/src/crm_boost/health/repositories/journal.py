"""Statements about what was found, which repairs were made, and the activity of this page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, func, insert, select, update

from crm_boost.databases.models import CustomerDatabase
from crm_boost.databases.states import DatabaseState
from crm_boost.db.audit import AuditEntry
from crm_boost.db.dialect import in_numbers, in_texts, inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.types import Question
from crm_boost.health.checks import Entry
from crm_boost.health.models import HealthFinding, HealthRepair, HealthRepairEntry
from crm_boost.kit.paging import Page, page_of
from crm_boost.reservations.models import ConflictEntry, ReservationKey

_finding = cast(Table, HealthFinding.__table__)
_repair = cast(Table, HealthRepair.__table__)
_entry = cast(Table, HealthRepairEntry.__table__)

KIND = "health"
"""What the audit log calls everything that happens here."""


async def look(session: ReadSession, question: Question, limit: int) -> tuple[int, list[dict[str, Any]]]:
    """Return how many rows a check finds, and the first of them; one statement."""
    found = question.subquery()
    statement = select(found, func.count().over().label("total")).order_by(found.c.key).limit(limit)
    rows = (await session.execute(statement)).all()
    sample = [
        {str(name): value for name, value in row._mapping.items() if name not in ("key", "total") and value is not None}
        for row in rows
    ]
    return (rows[0].total if rows else 0), sample


async def keys(session: ReadSession, question: Question, limit: int) -> list[Any]:
    """Return what the repair of a check takes, up to `limit`."""
    found = question.subquery()
    return list((await session.scalars(select(found.c.key).order_by(found.c.key).limit(limit))).all())


async def still_found(session: ReadSession, question: Question, among: Sequence[Any]) -> list[Any]:
    """Return those of these keys that the check still finds. Starts from the keys."""
    found = question.subquery()
    is_text = isinstance(among[0], str)
    chosen = in_texts(found.c.key, among) if is_text else in_numbers(found.c.key, among)
    return list((await session.scalars(select(found.c.key).where(chosen).order_by(found.c.key))).all())


async def keys_in_pool(session: ReadSession) -> int:
    """Return how many record keys the databases in use have: at least as many as there are records."""
    size = func.coalesce(func.sum(CustomerDatabase.last_seq - CustomerDatabase.first_seq + 1), 0)
    statement = select(size).where(CustomerDatabase.state == DatabaseState.READY)
    return int((await session.execute(statement)).scalar_one())


async def sizes(session: ReadSession) -> dict[str, int]:
    """Return what the desk has, by what is stored per database and per reservation: no table of records is counted."""
    statement = select(
        select(func.count())
        .select_from(CustomerDatabase)
        .where(CustomerDatabase.state == DatabaseState.READY, CustomerDatabase.deleted_at.is_(None))
        .scalar_subquery()
        .label("databases"),
        select(func.count()).select_from(ReservationKey).scalar_subquery().label("reserved_customers"),
        select(func.count())
        .select_from(ConflictEntry)
        .where(ConflictEntry.ended_at.is_(None))
        .scalar_subquery()
        .label("open_conflicts"),
    )
    return dict((await session.execute(statement)).one()._mapping)


async def stored_findings(session: ReadSession) -> dict[str, HealthFinding]:
    """Return what was found when everything was last looked at, by check."""
    statement = select(HealthFinding).execution_options(populate_existing=True)
    return {row.name: row for row in await session.scalars(statement)}


async def claim_findings(session: WriteSession, names: Sequence[str]) -> dict[str, HealthFinding]:
    """The same, alone: of two looks at the same time the second sees what the first told. Rows are made as needed."""
    rows = [{"name": name, "count": 0, "sample": []} for name in sorted(names)]
    await session.execute(inserting(session, _finding).on_conflict_do_nothing(), rows)
    statement = select(HealthFinding).order_by(HealthFinding.name).with_for_update()
    found = await session.scalars(statement.execution_options(populate_existing=True))
    return {row.name: row for row in found}


async def add_repair(session: WriteSession, values: dict[str, Any], entries: Sequence[Entry]) -> None:
    """Store a repair with everything that it changed."""
    seq = (await session.execute(insert(_repair).values(values).returning(_repair.c.seq))).scalar_one()
    rows = [
        {"repair_seq": seq, "kind": entry.kind, "key": entry.key, "before": entry.before, "after": entry.after}
        for entry in entries
    ]
    await session.execute(insert(_entry), rows)


async def claim_repair(session: WriteSession, repair_id: str) -> HealthRepair | None:
    """Return a repair, alone: of two requests to undo it, the second waits for the first."""
    statement = select(HealthRepair).where(HealthRepair.id == repair_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).first()


async def entries_of(session: ReadSession, repair_seq: int) -> list[Entry]:
    """Return what a repair changed, the last change first."""
    e = _entry.c
    statement = select(e.kind, e.key, e.before, e.after).where(e.repair_seq == repair_seq).order_by(e.seq.desc())
    return [Entry(row.kind, row.key, row.before, row.after) for row in await session.execute(statement)]


async def mark_undone(session: WriteSession, repair_seq: int, at: datetime, by: str) -> None:
    """Note that a repair was undone."""
    statement = update(_repair).where(_repair.c.seq == repair_seq).values(undone_at=at, undone_by_name=by)
    await session.execute(statement)


async def activity(session: ReadSession, *, after: int | None, limit: int) -> Page[Row[*tuple[Any, ...]]]:
    """Return what happened on this page, the newest first: the entry of the audit log, with the repair if it is one."""
    where = [AuditEntry.object_kind == KIND]
    total = None
    if after is None:
        total = await session.scalar(select(func.count()).select_from(AuditEntry).where(*where))
    statement = (
        select(
            AuditEntry.seq,
            AuditEntry.at,
            AuditEntry.actor_name,
            AuditEntry.action,
            AuditEntry.detail,
            HealthRepair.id.label("repair_id"),
            HealthRepair.undone_at,
        )
        .outerjoin(HealthRepair, HealthRepair.id == AuditEntry.object_id)
        .where(*where)
        .order_by(AuditEntry.seq.desc())
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(AuditEntry.seq < after)
    rows = list((await session.execute(statement)).all())
    return page_of(rows, limit, total, lambda row: (row.seq,))
