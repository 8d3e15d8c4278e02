"""Sends a list as a file while it is read, for scripts: nothing is stored, memory does not grow (spec 5.5)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from crm_boost.access.limits import Kind
from crm_boost.access.meter import Meter
from crm_boost.databases.table_file import FileFormat, table_file
from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.exports.columns import Column
from crm_boost.exports.reading import Batch, Wanted, columns_of, pages_of
from crm_boost.uploads.threads import in_thread

_ending: set[asyncio.Task[None]] = set()


async def open_stream(
    database: Database, meter: Meter, wanted: Wanted, file_format: FileFormat
) -> AsyncIterator[bytes]:
    """Return the pieces of the file. What is refused is refused here, before the first of them. Audited when it begins
    and when it ends, however it ends; rows of customers are counted as they go out."""
    if wanted.kind.counts:
        await meter.ensure_some_left(wanted.principal.id, Kind.ROWS)
    columns = await columns_of(database, wanted)
    pages = pages_of(database, wanted, columns)
    first = await anext(pages)
    await _audited(database, "export.stream_started", wanted, file_format)
    return _pieces(database, meter, wanted, file_format, columns, first, pages)


async def _pieces(
    database: Database,
    meter: Meter,
    wanted: Wanted,
    file_format: FileFormat,
    columns: list[Column],
    first: Batch,
    pages: AsyncIterator[Batch],
) -> AsyncIterator[bytes]:
    file, sent, complete = table_file(file_format), 0, False
    batch: Batch | None = first
    money = {number for number, column in enumerate(columns) if column.money}
    try:
        header = [column.heading(wanted.language) for column in columns]
        yield file.begin(wanted.kind.title_in(wanted.language), header, money)
        while batch is not None:
            sent += len(batch.rows)
            if wanted.kind.counts:
                await meter.add(wanted.principal.id, Kind.ROWS, len(batch.rows))
            yield await in_thread(file.add, batch.rows)
            batch = await anext(pages, None)
        yield file.close()
        complete = True
    finally:
        # Whoever goes away in the middle has what was sent until then; that is written down nevertheless.
        end = asyncio.create_task(
            _audited(database, "export.stream_ended", wanted, file_format, rows=sent, complete=complete)
        )
        _ending.add(end)
        end.add_done_callback(_ending.discard)
        await asyncio.shield(end)


async def _audited(database: Database, action: str, wanted: Wanted, file_format: FileFormat, **detail: Any) -> None:
    of_list = {"list": wanted.kind.key, "format": file_format, "filters": dict(wanted.given)}
    async with database.write() as session:
        await record_audit(session, action, "export", wanted.kind.key, **of_list, **detail)
