"""The two long steps of an import: analysing a file and storing its rows."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm_boost.databases.file_order import pack
from crm_boost.databases.imports.child import stage_in_child
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.limits import ImportLimits
from crm_boost.databases.imports.request import Mapping, StageProgress, StageRequest, StageResult
from crm_boost.db.engine import Database
from crm_boost.reservations.matching import Owner, owners_of
from crm_boost.settings import Settings
from crm_boost.uploads import endings, repository, service, staged_rows
from crm_boost.uploads.bulk_repository import Target, open_store
from crm_boost.uploads.files import ImportFolder
from crm_boost.uploads.limits import limits_of
from crm_boost.uploads.models import Import
from crm_boost.uploads.progress import Progress
from crm_boost.uploads.staged_rows import Decided
from crm_boost.uploads.threads import in_thread, together

_KEYS_AT_ONCE = 5000
_PARTS_AT_ONCE = 32
_COMPARED_WITH = "compared_with"


@dataclass(slots=True)
class Work:
    """One import being worked on by this process.

    `ending`: the last step, in which the row's lock decides whether the import is done or cancelled, is not
    interrupted. `lost`: another process took the import over, or ended it. `rng`: decides in which order records are
    stored, where that has to come out the same again.
    """

    database: Database
    settings: Settings
    import_id: str
    worker: str
    rng: random.Random | None = None
    progress: Progress = field(default_factory=Progress)
    cancelled: bool = False
    lost: bool = False
    ending: bool = False
    look_now: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def folder(self) -> ImportFolder:
        return ImportFolder.of(self.settings.data_dir, self.import_id)

    def advance(self, rows: int) -> None:
        """Note that so many rows more are done."""
        self.progress.rows_done += rows

    async def load(self) -> Import:
        """Return the import as stored now."""
        async with self.database.read() as session:
            return await service.require_import(session, self.import_id)


@dataclass(slots=True)
class Taken:
    """What the comparison with the stored records found. `duplicates` are rows that are no duplicates in the file,
    `reserved_only` those reserved rows that are no duplicates at all."""

    duplicates: int = 0
    reserved: int = 0
    reserved_only: int = 0
    by_owner: Counter[str] = field(default_factory=Counter)
    owner_names: dict[str, str] = field(default_factory=dict)


async def staged(
    work: Work, item: Import, mapping: Mapping | None, limits: ImportLimits | None = None
) -> StageResult | None:
    """Parse the file into its staging file. A file that cannot be imported ends the import with the reason: None."""
    request = StageRequest(
        path=str(work.folder.upload),
        filename=item.filename,
        staging_path=str(work.folder.staging),
        sheet=item.sheet,
        header_row=item.header_row,
        mapping=mapping,
        default_country=work.settings.business.default_country,
        limits=limits or limits_of(work.settings.imports),
    )

    def on_progress(progress: StageProgress) -> None:
        if work.progress.phase != progress.phase:
            work.progress.enter(progress.phase, progress.rows_total, time.monotonic())
        work.progress.rows_done, work.progress.rows_total = progress.rows_done, progress.rows_total

    work.progress.enter("reading", None, time.monotonic())
    try:
        return await stage_in_child(request, on_progress)
    except ImportRefused as refused:
        work.ending = True
        await endings.fail(work.database, work.import_id, work.worker, refused.code, refused.message, refused.field)
        return None


async def analyse(work: Work) -> None:
    """Parse the file into its staging file, compare it with what is stored, and write the report.

    Nothing is written but the report; a file that cannot be imported ends the import with the reason.
    """
    item = await work.load()
    result = await staged(work, item, Mapping(**item.mapping) if item.mapping is not None else None)
    if result is None:
        return
    # Looked at before the comparison: what changes while it runs must count as changed.
    compared_with = await _compared_with(work, item)
    taken = await _mark_taken(work, item)
    report = {**await _report(work, item, result, taken), _COMPARED_WITH: compared_with}
    work.ending = True
    await endings.finish_analysis(work.database, work.import_id, work.worker, result, report)


def _product(item: Import) -> str:
    """Return the product that all records of a file are of."""
    assert item.product_id is not None
    return item.product_id


async def _compared_with(work: Work, item: Import) -> str | None:
    async with work.database.read() as session:
        return await repository.compared_with(session, _product(item))


async def _mark_taken(work: Work, item: Import) -> Taken:
    """Find which rows exist in the product already and which belong to reserved customers, chunk by chunk."""
    staging, taken = work.folder.staging, Taken()
    work.progress.enter("checking", await in_thread(staged_rows.sort_keys, staging), time.monotonic())
    keys = await in_thread(staged_rows.customers, staging, "", _KEYS_AT_ONCE)
    while keys:
        # The next ones are read while these are looked up.
        (duplicates, owners), following = await together(
            _known(work, item, keys), in_thread(staged_rows.customers, staging, keys[-1], _KEYS_AT_ONCE)
        )
        if duplicates or owners:
            marked = await in_thread(staged_rows.mark, staging, duplicates, owners.keys())
            taken.duplicates += marked.duplicates
            for customer in marked.reserved:
                taken.reserved += customer.rows
                taken.reserved_only += customer.fresh if customer.customer_key not in duplicates else 0
                taken.by_owner[owners[customer.customer_key].staff_id] += customer.rows
        taken.owner_names.update({owner.staff_id: owner.staff_name for owner in owners.values()})
        work.progress.rows_done += len(keys)
        keys = following
    return taken


async def _known(work: Work, item: Import, keys: list[str]) -> tuple[set[str], dict[str, Owner]]:
    """Return which of these customers the product has already, and who owns which of them."""
    async with work.database.read() as session:
        duplicates = await repository.known_keys(session, _product(item), keys)
        return duplicates, await owners_of(session, _product(item), keys)


async def _report(work: Work, item: Import, result: StageResult, taken: Taken) -> dict[str, object]:
    counts = result.counts
    report: dict[str, object] = {
        "rows_total": counts.rows_total,
        "blank": counts.blank,
        "rejected": counts.rejected,
        "rejected_reasons": [
            {"reason": reason, "count": count} for reason, count in sorted(counts.rejected_reasons.items())
        ],
        "duplicates_in_file": counts.duplicates_in_file,
        "duplicates_in_product": taken.duplicates,
        "reserved": taken.reserved,
        "reserved_not_duplicate": taken.reserved_only,
        "reserved_by": [
            {"staff_id": staff_id, "staff_name": taken.owner_names[staff_id], "count": count}
            for staff_id, count in taken.by_owner.most_common()
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
    # What counts is what is stored and reserved now, which may have changed since the report.
    before, now = (item.report or {}).get(_COMPARED_WITH), await _compared_with(work, item)
    if now is None or now != before:
        await _mark_taken(work, item)
    async with work.database.read() as session:
        target = await repository.bulk_target(session, item.database_id or "")
    decided = await in_thread(_decide, staging, item.duplicates == "skip", item.reserved == "skip", work.rng)
    work.progress.enter("storing", decided.counts["stored"], time.monotonic())
    await _store_rows(work, target, decided)
    await _store_order(work, target, decided.places)
    work.progress.enter("finishing", None, time.monotonic())
    work.ending = True
    if await endings.finish_storing(work.database, work.import_id, work.worker, decided.counts):
        await in_thread(work.folder.keep_rejected)


def _decide(staging: Path, skip_duplicates: bool, skip_reserved: bool, rng: random.Random | None) -> Decided:
    return staged_rows.decide(staging, skip_duplicates=skip_duplicates, skip_reserved=skip_reserved, rng=rng)


async def _store_rows(work: Work, target: Target, decided: Decided) -> None:
    def tell(rows: int) -> None:
        work.progress.rows_done = rows

    most = work.settings.imports.chunk_rows
    async with open_store(work.database, work.folder.staging, target, decided, most) as bulk:
        stored = await bulk.store(tell)
    if stored != decided.counts["stored"]:
        raise RuntimeError(f"{stored} rows were stored where {decided.counts['stored']} should have been")


async def _store_order(work: Work, target: Target, places: Sequence[int]) -> None:
    """Note where each row of the file went, in a few short transactions."""
    parts = list(enumerate(pack(places)))
    for first in range(0, len(parts), _PARTS_AT_ONCE):
        async with work.database.write() as session:
            await repository.add_file_order(session, target.database_id, parts[first : first + _PARTS_AT_ONCE])
