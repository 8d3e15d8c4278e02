"""Making stored follow-ups and their counters what the definition says, whatever happened to them (spec 5.1).

Safe while people work: some records, then the counters of one person at a time, each in a transaction of its own under the
locks that every change of follow-ups takes.
"""

from crm_boost.db.engine import Database
from crm_boost.followups import rebuild_repository as rebuilding
from crm_boost.followups import repository
from crm_boost.followups.settling import announce, settle, touch

_AT_ONCE = 500


async def rebuild(database: Database) -> dict[str, int]:
    """Compare everything and store what differs; return how many follow-ups and counters did."""
    changed, after = 0, 0
    while True:
        async with database.read() as reading:
            seqs = await rebuilding.next_records(reading, after, _AT_ONCE)
            staff = await rebuilding.holders_of(reading, seqs)
        if not seqs:
            break
        async with database.write() as session:
            touch(session, records=seqs, staff=staff)
            changed += await settle(session)
        after = seqs[-1]
    async with database.read() as reading:
        people = await rebuilding.people(reading)
    counters = 0
    for staff_id in people:
        async with database.write() as session:
            await repository.lock_staff(session, [staff_id])
            if differing := await rebuilding.right_counters(session, staff_id):
                counters += differing
                await announce(session, [staff_id])
    return {"follow_ups": changed, "counters": counters}


async def check(database: Database) -> dict[str, int]:
    """The job: look for drift, and rebuild where there is any. The first run after an update from a version without
    follow-ups fills them in."""
    async with database.read() as session:
        drifts = await rebuilding.drifts(session)
    return await rebuild(database) if drifts else {"follow_ups": 0, "counters": 0}
