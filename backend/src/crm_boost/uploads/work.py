"""The two long steps of an import: analysing a file and storing its rows."""

import asyncio
import time
from dataclasses import dataclass, field

from crm_boost.databases.imports.child import stage_in_child
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.request import Mapping, StageProgress, StageRequest, StageResult
from crm_boost.db.engine import Database
from crm_boost.reservations.matching import owners_of
from crm_boost.settings import Settings
from crm_boost.uploads import repository, service, staged_rows
from crm_boost.uploads.bulk_repository import open_store
from crm_boost.uploads.files import ImportFolder
from crm_boost.uploads.limits import limits_of
from crm_boost.uploads.models import Import
from crm_boost.uploads.progress import Progress

_KEYS_AT_ONCE = 10_000


@dataclass(slots=True)
class Work:
    """One import being worked on by this process."""

    database: Database
    settings: Settings
    import_id: str
    worker: str
    progress: Progress = field(default_factory=Progress)
    cancelled: bool = False

    @property
    def folder(self) -> ImportFolder:
        return ImportFolder.of(self.settings.data_dir, self.import_id)

    async def load(self) -> Import:
        """Return the import as stored now."""
        async with self.database.read() as session:
            return await service.require_import(session, self.import_id)

    async def state(self) -> str:
        """Return the import's state as stored now."""
        return (await self.load()).state


async def analyse(work: Work) -> None:
    """Parse the file into its staging file, compare it with what is stored, and write the report.

    Nothing is written but the report; a file that cannot be imported ends the import with the reason.
    """
    item = await work.load()
    request = StageRequest(
        path=str(work.folder.upload),
        filename=item.filename,
        staging_path=str(work.folder.staging),
        sheet=item.sheet,
        header_row=item.header_row,
        mapping=Mapping(**item.mapping) if item.mapping is not None else None,
        default_country=work.settings.business.default_country,
        limits=limits_of(work.settings.imports),
    )

    def on_progress(progress: StageProgress) -> None:
        if work.progress.phase != progress.phase:
            work.progress.enter(progress.phase, progress.rows_total, time.monotonic())
        work.progress.rows_done, work.progress.rows_total = progress.rows_done, progress.rows_total

    work.progress.enter("reading", None, time.monotonic())
    try:
        result = await stage_in_child(request, on_progress)
    except ImportRefused as refused:
        await service.fail(work.database, item.id, refused.code, refused.message, field=refused.field)
        return
    report = await _compare(work, item, result)
    await service.finish_analysis(work.database, item.id, result, report)


async def _compare(work: Work, item: Import, result: StageResult) -> dict[str, object]:
    """Find which rows exist in the product already and which belong to reserved customers; return the report."""
    staging = work.folder.staging
    chunks = await asyncio.to_thread(staged_rows.key_chunks, staging, _KEYS_AT_ONCE)
    work.progress.enter("checking", sum(len(chunk) for chunk in chunks), time.monotonic())
    duplicates: set[str] = set()
    owner_of: dict[str, str] = {}
    names: dict[str, str] = {}
    for keys in chunks:
        async with work.database.read() as session:
            duplicates |= await repository.known_keys(session, item.product_id, keys)
            for key, owner in (await owners_of(session, item.product_id, keys)).items():
                owner_of[key] = owner.staff_id
                names[owner.staff_id] = owner.staff_name
        work.progress.rows_done += len(keys)
    taken = await asyncio.to_thread(staged_rows.mark_taken, staging, duplicates, set(owner_of))
    by_owner = await asyncio.to_thread(staged_rows.reserved_counts, staging, owner_of) if owner_of else {}
    counts = result.counts
    report: dict[str, object] = {
        "rows_total": counts.rows_total,
        "blank": counts.blank,
        "rejected": counts.rejected,
        "rejected_reasons": [
            {"reason": reason, "count": count} for reason, count in sorted(counts.rejected_reasons.items())
        ],
        "duplicates_in_file": counts.duplicates_in_file,
        "duplicates_in_product": taken["duplicates_in_product"],
        "reserved": taken["reserved"],
        "reserved_by": [
            {"staff_id": staff_id, "staff_name": names[staff_id], "count": count}
            for staff_id, count in sorted(by_owner.items(), key=lambda entry: -entry[1])
        ],
        "bad_phones": counts.bad_phones,
    }
    async with work.database.read() as session:
        twin = await repository.database_of_file(session, item.file_hash)
    if twin is not None:
        report["same_file"] = {
            "database_id": twin.id,
            "name": twin.name,
            "module": twin.module,
            "uploaded_at": twin.uploaded_at.isoformat(),
        }
    return report


async def store(work: Work) -> None:
    """Store the staged rows under their still invisible database, then make it visible in one step."""
    item = await work.load()
    staging = work.folder.staging
    assert item.database_id is not None
    # Things may have changed since the report: what counts is what is stored and reserved now.
    chunks = await asyncio.to_thread(staged_rows.key_chunks, staging, _KEYS_AT_ONCE)
    work.progress.enter("checking", sum(len(chunk) for chunk in chunks), time.monotonic())
    duplicates: set[str] = set()
    reserved: set[str] = set()
    for keys in chunks:
        async with work.database.read() as session:
            duplicates |= await repository.known_keys(session, item.product_id, keys)
            reserved |= (await owners_of(session, item.product_id, keys)).keys()
        work.progress.rows_done += len(keys)
    await asyncio.to_thread(staged_rows.mark_taken, staging, duplicates, reserved)
    result = await asyncio.to_thread(
        staged_rows.decide, staging, skip_duplicates=item.duplicates == "skip", skip_reserved=item.reserved == "skip"
    )
    bounds = await asyncio.to_thread(staged_rows.chunk_bounds, staging, work.settings.imports.chunk_rows)
    work.progress.enter("storing", result["stored"], time.monotonic())
    async with open_store(work.database, staging, await service.bulk_target(work.database, item)) as bulk:
        for first, last, count in bounds:
            await bulk.store(first, last)
            work.progress.rows_done += count
        await bulk.store_keys(result["rows_total"])
    work.progress.enter("finishing", None, time.monotonic())
    await asyncio.to_thread(staged_rows.drop_stored, staging)
    await service.finish_storing(work.database, item.id, result)
    await asyncio.to_thread(work.folder.remove_upload)
