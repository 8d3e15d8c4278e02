"""Removes files that have been kept long enough, and what was asked for long ago (spec 3.6)."""

from datetime import timedelta

from crm_boost.db.engine import Database
from crm_boost.exports import endings, repository
from crm_boost.exports.files import ExportFolder
from crm_boost.exports.transitions import ExportMove
from crm_boost.kit.clock import utc_now
from crm_boost.uploads.threads import in_thread

KEEP_HISTORY = timedelta(days=90)
_AT_ONCE = 200


async def run(database: Database) -> dict[str, int]:
    """Expire what is over and remove its files; return how many files and rows."""
    folder, now, removed, forgotten = ExportFolder(database.data_dir), utc_now(), 0, 0
    while True:
        async with database.read() as session:
            over = await repository.over_since(session, now, _AT_ONCE)
        if not over:
            break
        names: list[str] = []
        async with database.write() as session:
            for export_id in over:
                item = await repository.move(session, export_id, ExportMove.EXPIRE)
                if item is not None:
                    names.append(str(item.file_name))
                    await endings.note(session, item, {})
        for name in names:
            await in_thread(folder.remove, name)
        removed += len(names)
    while True:
        async with database.write() as session:
            some = await repository.forget_some(session, now - KEEP_HISTORY, _AT_ONCE)
        if not some:
            return {"files": removed, "exports": forgotten}
        forgotten += some
