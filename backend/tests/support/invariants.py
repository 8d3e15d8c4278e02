"""What must hold of any desk at any moment, whatever happened to it: after a crash, and in a copy that was restored."""

from sqlalchemy import func, select, text

from crm_boost.databases.file_order import unpack
from crm_boost.databases.models import CustomerDatabase, FileOrder, Record, RecordKey
from crm_boost.databases.states import DatabaseState
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession
from crm_boost.health.catalog import all_checks
from crm_boost.health.service import ask
from tests.deposits.checks import assert_sound
from tests.support.search_index import unfindable_records

_UNEXPLAINED = """
SELECT count(*) FROM customer_records r
LEFT JOIN record_history h ON h.record_seq = r.seq
 AND h.operation_seq = (SELECT max(o.operation_seq) FROM record_history o WHERE o.record_seq = r.seq)
WHERE COALESCE(h.to_state, 'available') <> r.state
   OR COALESCE(h.to_holder, '') <> COALESCE(r.assigned_to, r.held_for, '')
"""
"""Records whose newest line of history does not say where they are and whose: a record lost, or dealt twice."""

_BROKEN_CHAIN = """
SELECT count(*) FROM (
 SELECT from_state, from_holder, lag(to_state) OVER w AS before_state, lag(to_holder) OVER w AS before_holder
 FROM record_history WINDOW w AS (PARTITION BY record_seq ORDER BY operation_seq)
) steps
WHERE before_state IS NOT NULL
  AND (before_state <> from_state OR COALESCE(before_holder, '') <> COALESCE(from_holder, ''))
"""
"""Steps of a record that do not begin where the one before ended."""

_HALF = """
SELECT count(*) FROM databases d WHERE d.state <> 'ready'
   OR (d.uploaded_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM imports i WHERE i.database_id = d.id AND i.state = 'done'))
"""
"""Databases that are visible without a finished import, or lie about unfinished."""

_NOT_BACK = (
    "SELECT count(*) FROM customer_records WHERE came_back IS NOT NULL AND state NOT IN ('available', 'reserved')"
)


async def broken(session: ReadSession, database: Database) -> list[str]:
    """What does not hold. Every check of Data Sync, those of the roll-ups among them, finds nothing."""
    found = []
    for check in all_checks():
        finding = await ask(session, check)
        if finding.count:
            found.append(f"{check.name}: {finding.count}, {finding.sample}")
    for statement, what in (
        (_UNEXPLAINED, "records are not where their history says"),
        (_BROKEN_CHAIN, "steps of records do not follow from the one before"),
        (_HALF, "databases are there in part"),
        (_NOT_BACK, "records did not come back"),
    ):
        count = await session.scalar(text(statement))
        if count:
            found.append(f"{count} {what}")
    records = await session.scalar(select(func.count()).select_from(Record))
    keys = await session.scalar(select(func.count()).select_from(RecordKey))
    if records != keys:
        found.append(f"{records} records and {keys} customers of records")
    found += await _misplaced(session)
    unfindable = await unfindable_records(session, database)
    if unfindable:
        found.append(f"{unfindable} records of {records} cannot be searched for")
    if database.is_sqlite:
        whole = await session.scalar(text("PRAGMA integrity_check"))
        if whole != "ok":
            found.append(f"the file is damaged: {whole}")
        if (await session.execute(text("PRAGMA foreign_key_check"))).first() is not None:
            found.append("rows point at others that do not exist")
    return found


async def _misplaced(session: ReadSession) -> list[str]:
    """Databases that were stored in random order, and whose file does not lead to their records."""
    found = []
    are_shuffled = (CustomerDatabase.is_shuffled, CustomerDatabase.state == DatabaseState.READY)
    for item in (await session.scalars(select(CustomerDatabase).where(*are_shuffled))).all():
        parts = select(FileOrder.places).where(FileOrder.database_id == item.id).order_by(FileOrder.part)
        places = [place for part in await session.scalars(parts) for place in unpack(part)]
        if sorted(filter(None, places)) != list(range(1, item.last_seq - item.first_seq + 2)):
            found.append(f"the places of {item.name} are not each there once")
        rows = await session.execute(select(Record.seq, Record.row_number).where(Record.database_id == item.id))
        lost = [row for seq, row in rows if [item.first_seq - 1 + place for place in places[row - 1 : row]] != [seq]]
        if lost:
            found.append(f"{len(lost)} records of {item.name} are not where the order of its file says")
    return found


async def unsound_ledger(database: Database) -> list[str]:
    """The ledger against the specification in its own words, all of it: for the end, because it takes a while."""
    try:
        await assert_sound(database)
    except AssertionError as error:
        return [f"the ledger is not sound: {str(error)[:500]}"]
    return []
