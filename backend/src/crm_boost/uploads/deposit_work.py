"""The two long steps of an import of deposits: reading a file, and booking its rows in one transaction (spec 2.2, 4.2).

Until that transaction is committed nothing of the file is in the ledger; a process that dies in it leaves nothing.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from crm_boost.databases.imports.request import Mapping
from crm_boost.db.session import ReadSession
from crm_boost.deposits import importing
from crm_boost.deposits.entry import Books
from crm_boost.deposits.grounds import books_of
from crm_boost.deposits.importing import Judged
from crm_boost.deposits.importing_columns import DepositColumns, detect_columns, proposed
from crm_boost.deposits.importing_rows import FAULTS, Booking, Names, Row, read_row
from crm_boost.uploads import endings, repository
from crm_boost.uploads.limits import limits_of
from crm_boost.uploads.models import Import
from crm_boost.uploads.staged_deposits_repository import read_rows, write_verdicts
from crm_boost.uploads.threads import in_thread
from crm_boost.uploads.work import Work, staged

MOST_ROWS = 10_000
"""How many deposits one file may hold: they are booked in one transaction, and on SQLite everybody waits for it."""

Cells = list[tuple[int, list[str]]]


class _Overtaken(Exception):
    """The import was cancelled, or taken over by another process, before its rows were committed."""


async def analyse(work: Work) -> None:
    """Read the file and write the report of what would become of each row; nothing is booked."""
    item = await work.load()
    limits = limits_of(work.settings.imports)
    limits = replace(limits, max_rows=min(limits.max_rows, MOST_ROWS))
    result = await staged(work, item, Mapping(), limits)
    if result is None:
        return
    guesses = detect_columns(result.columns, result.preview_rows)
    columns = proposed(guesses, result.preview_rows) if item.mapping is None else DepositColumns.of(item.mapping)
    cells = await in_thread(read_rows, work.folder.staging)
    work.progress.enter("checking", len(cells), time.monotonic())
    async with work.database.read() as session:
        names, books = await _grounds(session)
        rows = await in_thread(_read, cells, len(result.columns), columns, names, books)
        judged = await importing.judge(session, _bookings(rows), work.advance)
        twin = await repository.import_of_file(session, item)
    await in_thread(write_verdicts, work.folder.staging, rows, [one.booking.row for one in judged if one.is_twin])
    report = {**_report(rows, judged), "same_file": None if twin is None else _same_file(twin)}
    detected = {role: asdict(guess) for role, guess in guesses.items()}
    work.ending = True
    await endings.finish_reading(
        work.database, work.import_id, work.worker, result, columns.stored(), detected, report
    )  # fmt: skip


async def store(work: Work) -> None:
    """Book the rows, all of them or none."""
    item = await work.load()
    columns, width = DepositColumns.of(item.mapping or {}), len(item.columns)
    cells = await in_thread(read_rows, work.folder.staging)
    async with work.database.read() as session:
        names, books = await _grounds(session)
    rows = await in_thread(_read, cells, width, columns, names, books)
    work.progress.enter("storing", len(cells), time.monotonic())
    try:
        await _book(work, item, cells, rows, (columns, names, books))
    except _Overtaken:
        await endings.cancel(work.database, work.import_id, work.worker)
        return
    await in_thread(work.folder.keep_rejected)


async def _book(
    work: Work, item: Import, cells: Cells, rows: list[Row], read_with: tuple[DepositColumns, Names, Books]
) -> None:
    columns, *before = read_with
    async with work.database.write() as session:
        names, books = await _grounds(session)
        if [names, books] != before:
            # Somebody has switched off a person, retired a product or closed the books meanwhile.
            rows = await in_thread(_read, cells, len(item.columns), columns, names, books)
        work.advance(sum(row.booking is None for row in rows))
        booked = await importing.book_all(
            session, item.id, item.filename, _bookings(rows), skip_twins=item.duplicates != "import", tell=work.advance
        )
        await in_thread(write_verdicts, work.folder.staging, rows, booked.duplicates)
        result = {
            **_counted(rows),
            "approved": booked.approved,
            "pending": booked.pending,
            "duplicates": len(booked.duplicates),
        }
        # From here on only the row's lock decides whether this is done or was cancelled.
        work.ending = True
        if not await endings.finish_booking(session, work.import_id, work.worker, result):
            raise _Overtaken


async def _grounds(session: ReadSession) -> tuple[Names, Books]:
    return await importing.names(session), await books_of(session)


def _read(cells: Cells, width: int, columns: DepositColumns, names: Names, books: Books) -> list[Row]:
    return [read_row(number, row, width, columns, names, books) for number, row in cells]


def _bookings(rows: Sequence[Row]) -> list[Booking]:
    return [row.booking for row in rows if row.booking is not None]


def _counted(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "rows_total": len(rows),
        "rejected": sum(bool(row.faults) for row in rows),
        "blank": sum(row.is_blank for row in rows),
    }


def _report(rows: Sequence[Row], judged: Sequence[Judged]) -> dict[str, Any]:
    fresh = [one for one in judged if not one.is_twin]
    waiting = [one.reserved_by for one in fresh if one.reserved_by is not None]
    owners = Counter((owner.staff_id, owner.staff_name) for owner in waiting)
    faults = Counter(row.faults[0] for row in rows if row.faults)
    return {
        **_counted(rows),
        "approved": len(fresh) - len(waiting),
        "pending": len(waiting),
        "duplicates": len(judged) - len(fresh),
        "duplicates_pending": sum(one.is_twin and one.reserved_by is not None for one in judged),
        "rejected_reasons": [
            {"reason": code, "field": FAULTS[code].field, "count": count} for code, count in faults.most_common()
        ],
        "reserved_by": [
            {"staff_id": staff_id, "staff_name": name, "count": count}
            for (staff_id, name), count in owners.most_common()
        ],
    }


def _same_file(twin: Import) -> dict[str, Any]:
    at = twin.finished_at or twin.created_at
    return {"import_id": twin.id, "imported_at": at.isoformat(), "imported_by_name": twin.created_by_name}
