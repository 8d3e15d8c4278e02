"""`crm-boost import-mongo`: reads a source, says what it found, fills an empty desk, proves it, and derives the rest."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_boost.analytics import rebuild as work_figures
from crm_boost.databases import counting as record_counts
from crm_boost.databases.repository import allocate_seqs
from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.deposits import rebuild as ledger
from crm_boost.deposits.money import minor_units
from crm_boost.followups import rebuild as follow_ups
from crm_boost.health import proactive
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from crm_boost.migrate_mongo import repository
from crm_boost.migrate_mongo.desk import Desk
from crm_boost.migrate_mongo.directory import Directory
from crm_boost.migrate_mongo.errors import another_source, desk_in_use, moved_on, not_verified
from crm_boost.migrate_mongo.models import MongoImport
from crm_boost.migrate_mongo.reading import read_all
from crm_boost.migrate_mongo.report import Report
from crm_boost.migrate_mongo.sources import Source
from crm_boost.migrate_mongo.staging import Staging
from crm_boost.replacement.alerts import reconcile_alerts
from crm_boost.retention import rebuild as retention
from crm_boost.settings import Settings

Tell = Callable[[str], None]
_AT_ONCE = 2000
_FOLDER = "import-mongo"
_STEPS = tuple(repository.TABLES)


@dataclass(slots=True)
class Outcome:
    """What came of it. `rejected`: the file of documents that are not stored, if there are any."""

    report: dict[str, Any]
    stored: bool = False
    was_there: bool = False
    resumed: bool = False
    rejected: Path | None = None
    health: dict[str, Any] = field(default_factory=dict)


async def import_from(
    database: Database, settings: Settings, source: Source, *, dry_run: bool = False, tell: Tell = lambda _line: None
) -> Outcome:
    """Read `source` and, unless it is a dry run, fill the desk with it. One that was broken off goes on where it was; one
    that is done is left alone. The schema must be migrated."""
    async with database.read() as session:
        run = await repository.current(session)
        if run is None and not dry_run and not await repository.is_empty(session):
            raise desk_in_use()
    folder = settings.data_dir / _FOLDER
    staging = Staging(folder / "staging.sqlite")
    try:
        desk = _desk(settings, staging, run)
        tell(f"Reading {source.name} …")
        digest = await read_all(source, desk)
        for step in _STEPS:
            desk.report.totals[f"rows {step}"] = staging.count(step)
        outcome = Outcome(desk.report.as_json())
        rejected = folder / "rejected.ndjson"
        if staging.write_rejected(rejected):
            outcome.rejected = rejected
        if dry_run:
            return outcome
        fingerprint = _fingerprint(settings, digest)
        if run is not None and run.fingerprint != fingerprint:
            raise another_source(run.source)
        if run is not None and run.finished_at is not None:
            outcome.was_there = True
            return outcome
        outcome.resumed = run is not None
        await _Filling(database, staging, tell).fill(run or await _begin(database, source, desk, fingerprint), outcome)
        return outcome
    finally:
        staging.close()


def _desk(settings: Settings, staging: Staging, run: MongoImport | None) -> Desk:
    report, business = Report(), settings.business
    return Desk(
        staging=staging,
        directory=Directory(report),
        report=report,
        began_at=utc_now() if run is None else run.began_at,
        zone=business.tz,
        country=business.default_country,
        scale=minor_units(business.currency),
        by_product=business.reservation_scope == "product",
    )


def _fingerprint(settings: Settings, digest: str) -> str:
    """Return what tells an import from any other: the source, and the settings that decide what its values mean."""
    business = settings.business
    parts = (digest, business.currency, business.zone, business.default_country, business.reservation_scope)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


async def _begin(database: Database, source: Source, desk: Desk, fingerprint: str) -> MongoImport:
    async with database.write() as session:
        if not await repository.is_empty(session) or await repository.current(session) is not None:
            raise moved_on()
        count = desk.staging.count("customer_records")
        run = MongoImport(
            id=new_id(),
            fingerprint=fingerprint,
            source=source.name,
            began_at=desk.began_at,
            step=_STEPS[0],
            done=0,
            before=await allocate_seqs(session, count) - 1 if count else 0,
            report={},
        )
        session.add(run)
        await session.flush()
    return run


class _Filling:
    """Stores rows table by table, then what follows from them."""

    def __init__(self, database: Database, staging: Staging, tell: Tell) -> None:
        self._database = database
        self._staging = staging
        self._tell = tell

    async def fill(self, run: MongoImport, outcome: Outcome) -> None:
        """Go on with an import to its end."""
        for step in _STEPS[_STEPS.index(run.step) :]:
            await self._table(run, step)
        async with self._database.write() as session:
            await repository.settle_sequences(session)
        await self._verify(outcome)
        await self._derive()
        self._tell("Asking every check of the data's health …")
        outcome.health = await proactive.check_now(self._database)
        async with self._database.write() as session:
            report = {**outcome.report, "health_score": outcome.health["health_score"]}
            await repository.finish(session, run, utc_now(), report)
            await record_audit(session, "import.from_mongo", "import", run.id, count=sum(self._counts().values()))
        outcome.stored = True

    def _counts(self) -> dict[str, int]:
        return {step: self._staging.count(step) for step in _STEPS}

    async def _table(self, run: MongoImport, step: str) -> None:
        """Store the rows of a table, some at a time: each transaction says how far it got."""
        if run.step != step:
            await self._move_on(run, step, 0, [])
        count = self._staging.count(step)
        if run.done < count:
            self._tell(f"Storing {count:,} rows of {step.replace('_', ' ')} …")
        while rows := self._staging.rows(step, run.done, _AT_ONCE):
            await self._move_on(run, step, run.done + len(rows), rows)

    async def _move_on(self, run: MongoImport, step: str, done: int, rows: list[dict[str, Any]]) -> None:
        async with self._database.write() as session:
            if not await repository.has_moved_on(session, run, step, done):
                raise moved_on()
            if rows:
                await repository.store(session, step, rows, run.before)
        run.step, run.done = step, done

    async def _derive(self) -> None:
        """Build what is stored of deposits, customers, follow-ups and work by the services that keep it."""
        await record_counts.check(self._database)
        self._tell("Adding deposits up …")
        async with self._database.write() as session:
            await repository.fill_rollups(session)
        # What was just added up is compared with the ledger once more by the check that looks every night.
        await ledger.check(self._database)
        after: str | None = ""
        while after is not None:
            async with self._database.write() as session:
                after = await repository.set_last_days(session, after)
        self._tell("Building follow-ups, retention and figures of work …")
        await follow_ups.rebuild(self._database)
        await retention.rebuild(self._database)
        await work_figures.rebuild(self._database)
        async with self._database.read() as reading:
            rejecting = await repository.rejecting_staff(reading)
        for module, staff_ids in rejecting.items():
            async with self._database.write() as session:
                await reconcile_alerts(session, module, [], grew=staff_ids)

    async def _verify(self, outcome: Outcome) -> None:
        """Compare what is stored with what was read: rows of every table, states, and money to the last unit."""
        self._tell("Comparing what is stored with what was read …")
        async with self._database.read() as session:
            stored = await repository.totals(session)
        wanted: dict[str, int] = outcome.report["totals"]
        # One that was broken off at its end has told people of alerts already, which are messages too.
        stored["rows notifications"] = min(stored["rows notifications"], wanted["rows notifications"])
        differing = [
            f"{name}: {stored.get(name, 0):,} instead of {wanted.get(name, 0):,}"
            for name in sorted(wanted.keys() | stored.keys())
            if stored.get(name, 0) != wanted.get(name, 0)
        ]
        if differing:
            raise not_verified(differing)
