"""All SQL on exports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, tuple_, update

from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.exports.models import Export
from crm_boost.exports.states import OPEN, ExportState
from crm_boost.exports.transitions import TABLE, ExportMove
from crm_boost.identity.models import User
from crm_boost.identity.permissions import Role
from crm_boost.kit.paging import Page, page_of

_OPEN = [str(state) for state in OPEN]


def seen_by(user_id: str, roles: Sequence[Role]) -> ColumnElement[bool]:
    """Return the condition: one's own exports, and those of people with one of these roles."""
    own = Export.created_by == user_id
    return or_(own, User.role.in_([str(role) for role in roles])) if roles else own


def _shown() -> Select[*tuple[Any, ...]]:
    return select(Export, User.name.label("owner_name")).join(User, User.id == Export.created_by)


async def list_exports(
    session: ReadSession, seen: ColumnElement[bool], *, after: tuple[datetime, str] | None, limit: int
) -> Page[Any]:
    """Return rows (Export, owner_name), the newest first."""
    total = None
    if after is None:
        counted = select(func.count()).select_from(Export).join(User, User.id == Export.created_by)
        total = await session.scalar(counted.where(seen))
    statement = _shown().where(seen).order_by(Export.created_at.desc(), Export.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(Export.created_at, Export.id) < tuple_(*after))
    rows = list((await session.execute(statement)).all())
    return page_of(rows, limit, total, lambda row: (row[0].created_at.isoformat(), row[0].id))


async def find(session: ReadSession, export_id: str, seen: ColumnElement[bool] | None = None) -> Any:
    """Return the row (Export, owner_name) of an export that is seen, or None."""
    statement = _shown().where(Export.id == export_id)
    if seen is not None:
        statement = statement.where(seen)
    return (await session.execute(statement.execution_options(populate_existing=True))).first()


async def owner_name(session: ReadSession, item: Export) -> str:
    """Return the name of whoever asked for an export."""
    name: str = (await session.execute(select(User.name).where(User.id == item.created_by))).scalar_one()
    return name


async def count_open(session: ReadSession, user_id: str) -> int:
    """Return how many exports of somebody are waiting or being written."""
    statement = select(func.count()).select_from(Export)
    return await session.scalar(statement.where(Export.created_by == user_id, Export.state.in_(_OPEN))) or 0


async def move(
    session: WriteSession,
    export_id: str,
    name: ExportMove,
    *,
    of_worker: str | None = None,
    only_from: ExportState | None = None,
    **values: Any,
) -> Export | None:
    """Make a move of the table; None where the export is not in a state for it, or not this worker's."""
    before, after = TABLE[name]
    states = [str(state) for state in before if only_from in (None, state)]
    statement = (
        update(Export)
        .where(Export.id == export_id, Export.state.in_(states))
        .values(state=str(after), **values)
        .returning(Export)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if of_worker is not None:
        statement = statement.where(Export.worker == of_worker)
    return (await session.scalars(statement)).first()


async def ask_to_cancel(session: WriteSession, export_id: str) -> bool:
    """Let whoever is writing an export know that nobody wants it any more; whether somebody is."""
    statement = (
        update(Export)
        .where(Export.id == export_id, Export.state == str(ExportState.RUNNING))
        .values(cancel_requested=True)
        .returning(Export.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).first() is not None


async def beat(
    session: WriteSession, export_id: str, worker: str, now: datetime, rows: int, total: int | None
) -> bool | None:
    """Store progress and the sign of life; return whether somebody asked to cancel, None when it is not this worker's
    any more."""
    statement = (
        update(Export)
        .where(Export.id == export_id, Export.worker == worker, Export.state == str(ExportState.RUNNING))
        .values(heartbeat_at=now, rows_done=rows, rows_total=total)
        .returning(Export.cancel_requested)
        .execution_options(synchronize_session=False)
    )
    asked: bool | None = (await session.execute(statement)).scalar()
    return asked


async def next_waiting(session: ReadSession) -> str | None:
    """Return the export that has waited longest."""
    waiting = select(Export.id).where(Export.state == str(ExportState.QUEUED))
    return await session.scalar(waiting.order_by(Export.created_at, Export.id).limit(1))


async def running(session: ReadSession) -> list[Any]:
    """Return id, worker and last sign of life of the exports that some process should be writing."""
    statement = select(Export.id, Export.worker, Export.heartbeat_at).where(Export.state == str(ExportState.RUNNING))
    return list((await session.execute(statement)).all())


async def files_in_use(session: ReadSession) -> set[str]:
    """Return the names of the files that are being written or can be fetched."""
    states = [str(ExportState.RUNNING), str(ExportState.DONE)]
    statement = select(Export.file_name).where(Export.state.in_(states), Export.file_name.is_not(None))
    return {name for name in await session.scalars(statement) if name is not None}


async def over_since(session: ReadSession, now: datetime, limit: int) -> list[str]:
    """Return some exports whose file has been kept long enough."""
    statement = select(Export.id).where(Export.state == str(ExportState.DONE), Export.expires_at <= now)
    return list((await session.scalars(statement.order_by(Export.id).limit(limit))).all())


async def forget_some(session: WriteSession, before: datetime, limit: int) -> int:
    """Drop some of what was asked for before an instant and has no file; return how many."""
    over = (
        select(Export.id)
        .where(Export.created_at < before, Export.state.not_in([*_OPEN, str(ExportState.DONE)]))
        .limit(limit)
    )
    statement = delete(Export).where(Export.id.in_(over)).returning(Export.id)
    return len((await session.execute(statement.execution_options(synchronize_session=False))).all())
