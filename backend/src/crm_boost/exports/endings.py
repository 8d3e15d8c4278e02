"""How the writing of an export begins and ends: each is one move in one small transaction, announced to its owner."""

from datetime import timedelta
from typing import Any

from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.exports import repository
from crm_boost.exports.models import Export
from crm_boost.exports.transitions import ExportMove
from crm_boost.kit.clock import utc_now

KEEP_FILES = timedelta(hours=48)


async def start(database: Database, export_id: str, worker: str, file_name: str) -> Export | None:
    """Let `worker` write an export; None when somebody else was first."""
    now = utc_now()
    values: dict[str, Any] = {"worker": worker, "file_name": file_name, "started_at": now, "heartbeat_at": now}
    async with database.write() as session:
        item = await repository.move(session, export_id, ExportMove.START, **values)
        if item is not None:
            await tell(session, item)
        return item


async def finish(database: Database, export_id: str, worker: str, rows: int, size: int) -> bool:
    """The file is complete; whether it still was this worker's."""
    now = utc_now()
    values = {"rows_done": rows, "rows_total": rows, "size_bytes": size, "expires_at": now + KEEP_FILES}
    return await end(database, export_id, ExportMove.FINISH, worker, **values)


async def end(database: Database, export_id: str, name: ExportMove, worker: str | None, **values: Any) -> bool:
    """End what `worker` was writing; whether it still was its."""
    async with database.write() as session:
        item = await repository.move(session, export_id, name, of_worker=worker, ended_at=utc_now(), **values)
        if item is None:
            return False
        await note(session, item, {"rows": item.rows_done, **({"code": item.error_code} if item.error_code else {})})
        return True


async def note(session: WriteSession, item: Export, detail: dict[str, Any]) -> None:
    """Write what happened to an export into the audit log, and tell its owner."""
    of_list = {"list": item.kind, "format": item.format, "filters": item.filters}
    await record_audit(session, f"export.{item.state}", "export", item.id, **of_list, **detail)
    await tell(session, item)


async def tell(session: WriteSession, item: Export) -> None:
    """Announce that an export has changed, to its owner."""
    await announce(session, "exports", {"id": item.id}, item.created_by)
