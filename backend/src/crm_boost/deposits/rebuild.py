"""Recalculate NDP/RDP (spec 4.1): rebuild classes, keys and roll-ups from the ledger, and say how many rows differed.

Safe while people work: some keys, then one day at a time, each in a transaction of its own under the locks that every
change of the ledger takes. A broken-off run leaves nothing half done; the next one begins anew.
"""

from datetime import date, timedelta
from typing import Any

from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.deposits import rebuild_repository as rebuilding
from crm_boost.deposits import recompute_repository as recomputing
from crm_boost.deposits import repository
from crm_boost.deposits import rollup_write_repository as writing
from crm_boost.deposits.classification import Key, standing_of
from crm_boost.deposits.events import LastDepositsChanged
from crm_boost.deposits.models import Recalculation
from crm_boost.deposits.rollup_write_repository import MONTHS, ROLLUPS, Rollup
from crm_boost.identity.permissions import Permission, audience_with
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.ids import new_id
from crm_boost.kit.periods import month_of

TOPIC = "recalculation"
_KEYS_AT_ONCE = 400
_DAY = timedelta(days=1)
_ANY_MONTH = timedelta(days=31)
_BROKEN_OFF_AFTER = timedelta(minutes=2)
_COUNTED = ("keys_total", "keys_done", "types_changed", "keys_changed", "days_changed")
_NEVER = {"message": "It was never recalculated.", "updated_count": 0, "running": False, **dict.fromkeys(_COUNTED, 0)}


async def recalculate(database: Database) -> dict[str, Any]:
    """Run to the end and return the report (`report_of`)."""
    async with database.write() as session:
        now = utc_now()
        run = Recalculation(
            id=new_id(),
            started_at=now,
            started_by_name=current_context().actor_name,
            seen_at=now,
            keys_total=await rebuilding.count_keys(session),
            keys_done=0,
            types_changed=0,
            keys_changed=0,
            days_changed=0,
        )
        session.add(run)
        await _made_progress(session, run)
    await _keys(database, run.id)
    await _forgotten_keys(database, run.id)
    await _rollups(database, run.id)
    async with database.write() as session:
        ended = await _run(session, run.id)
        ended.ended_at = utc_now()
        await _made_progress(session, ended)
        await announce(session, "deposits", {})
        report = report_of(ended)
        await record_audit(session, "deposits.recalculate", "ledger", ended.id, updated_count=report["updated_count"])
        return report


async def check(database: Database) -> dict[str, int]:
    """The job of the night: look for drift, and recalculate where there is any, so that what people are paid by is right
    in the morning. The run stays, with what it found."""
    async with database.read() as session:
        found = [
            (await rebuilding.drift_of(session, question())).count
            for question in (rebuilding.wrong_classes, rebuilding.wrong_days)
        ]
    corrected = (await recalculate(database))["updated_count"] if any(found) else 0
    return {"wrong_classes": found[0], "wrong_days": found[1], "corrected": corrected}


async def latest(session: ReadSession) -> dict[str, Any]:
    """Return the report of the last run, or of the one that is running; an empty one before the first."""
    run = await rebuilding.latest_run(session)
    return report_of(run) if run is not None else {**_NEVER}


def report_of(run: Recalculation) -> dict[str, Any]:
    """Shape a run. `updated_count` is all that differed: 0 unless data was damaged."""
    differed = run.types_changed + run.keys_changed + run.days_changed
    running = run.ended_at is None and utc_now() - run.seen_at < _BROKEN_OFF_AFTER
    if run.ended_at is None:
        message = "Recalculating." if running else "The recalculation was broken off."
    else:
        message = f"{differed} rows differed and were corrected." if differed else "Everything was right."
    report = {
        "message": message,
        "updated_count": differed,
        "id": run.id,
        "running": running,
        "keys_total": max(run.keys_total, run.keys_done),
        "keys_done": run.keys_done,
        "types_changed": run.types_changed,
        "keys_changed": run.keys_changed,
        "days_changed": run.days_changed,
        "started_at": run.started_at,
        "started_by_name": run.started_by_name,
    }
    if run.ended_at is not None:
        report["ended_at"] = run.ended_at
    return report


async def _keys(database: Database, run_id: str) -> None:
    """Classify every key that has deposits anew."""
    after: Key | None = None
    while True:
        async with database.read() as reading:
            keys = await rebuilding.next_keys(reading, after, _KEYS_AT_ONCE)
        if not keys:
            return
        async with database.write() as session:
            await repository.lock_customers(session, keys)
            entries = await repository.entries_of(session, keys)
            stored = await rebuilding.stored_keys(session, keys)
            standings = {key: standing_of(entries[key].values()) for key in keys}
            types = {
                deposit_id: kind
                for key, standing in standings.items()
                for deposit_id, kind in standing.types.items()
                if entries[key][deposit_id].stored is not kind
            }
            moved = {
                key: standing
                for key, standing in standings.items()
                if stored.get(key, (None, None, 0)) != (standing.first_date, standing.last_date, standing.forms)
            }
            await repository.store_types(session, types)
            await repository.store_keys(session, moved)
            if moved:
                await session.emit(LastDepositsChanged(tuple(moved)))
            run = await _run(session, run_id)
            run.keys_done += sum(standing.forms > 0 for standing in standings.values())
            run.types_changed += len(types)
            run.keys_changed += len(moved)
            await _made_progress(session, run)
        after = keys[-1]


async def _forgotten_keys(database: Database, run_id: str) -> None:
    """Clear what is stored of keys that have no deposit."""
    while True:
        async with database.write() as session:
            keys = await rebuilding.keys_without_deposits(session, _KEYS_AT_ONCE)
            if not keys:
                return
            await repository.lock_customers(session, keys)
            entries = await repository.entries_of(session, keys)
            await repository.store_keys(session, {key: standing_of(entries[key].values()) for key in keys})
            await session.emit(LastDepositsChanged(tuple(keys)))
            run = await _run(session, run_id)
            run.keys_changed += len(keys)
            await _made_progress(session, run)


async def _rollups(database: Database, run_id: str) -> None:
    """Add every roll-up up anew, a day (or a month) of one of them at a time."""
    async with database.read() as reading:
        span = await recomputing.span(reading)
    if span is None:
        return
    start = month_of(span[0])
    while start <= span[1]:
        end = month_of(start + _ANY_MONTH)
        for rollup in ROLLUPS:
            async with database.read() as reading:
                found = await recomputing.rows_to_check(reading, rollup, start, end)
            for first in sorted({key[0] for key in found}):
                await _rows(database, run_id, rollup, first, end if rollup is MONTHS else first + _DAY)
        start = end


async def _rows(database: Database, run_id: str, rollup: Rollup, start: date, end: date) -> None:
    async with database.write() as session:
        # Only what is held alone can be compared: what begins to exist meanwhile is kept right by whoever wrote it.
        held = await recomputing.rows_to_check(session, rollup, start, end)
        await writing.lock(session, rollup, held)
        said, stored = await recomputing.compare(session, rollup, start, end)
        nothing = (0,) * len(rollup.names)
        differing = {key: said.get(key, nothing) for key in held if said.get(key, nothing) != stored.get(key, nothing)}
        if differing:
            await writing.set_to(session, rollup, differing)
        # Locking a row that did not exist has made an empty one.
        if empty := held - said.keys():
            await writing.delete_empty(session, rollup, empty)
        if differing:
            run = await _run(session, run_id)
            run.days_changed += len(differing)
            await _made_progress(session, run)


async def _run(session: WriteSession, run_id: str) -> Recalculation:
    run = await session.get(Recalculation, run_id)
    assert run is not None
    return run


async def _made_progress(session: WriteSession, run: Recalculation) -> None:
    run.seen_at = utc_now()
    await session.flush()
    payload = {"id": run.id, "done": run.keys_done, "total": run.keys_total}
    await announce(session, TOPIC, payload, audience_with(Permission.DEPOSITS_MANAGE))
