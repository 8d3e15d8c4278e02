"""Making the figures of work what marks, hand-outs and deposits say, whatever happened to them (ADR 33).

Safe while people work: one database at a time, in a transaction of its own that nobody else changes figures in. Response
times come last, all together, out of the hand-outs as they are then.
"""

from crm_boost.analytics import rebuild_repository as repository
from crm_boost.analytics import response_write_repository as responses
from crm_boost.analytics import work_write_repository as writing
from crm_boost.analytics.counting import Place, Work, counted, moved
from crm_boost.analytics.following import items_from, note_marks
from crm_boost.db.engine import Database
from crm_boost.db.session import WriteSession
from crm_boost.kit.clock import business_date

_AT_ONCE = 1000


async def rebuild(database: Database) -> dict[str, int]:
    """Compare everything and store what differs; return how many hand-outs and daily figures did."""
    async with database.read() as session:
        database_ids = await repository.all_databases(session)
    changed = {"hand_outs": 0, "figures": 0}
    for database_id in database_ids:
        async with database.write() as session:
            await repository.lock_figures(session)
            changed["hand_outs"] += await repository.drop_foreign_items(session, database_id)
            said = await _items(session, database_id, changed)
            differing: dict[Place, Work] = {}
            moved(differing, await repository.places_of(session, database_id), said)
            changed["figures"] += sum(map(bool, differing.values()))
            await writing.add_to_places(session, differing)
    async with database.write() as session:
        await repository.lock_figures(session)
        changed["figures"] += await responses.mend(session)
    return changed


async def _items(session: WriteSession, database_id: str, changed: dict[str, int]) -> dict[Place, Work]:
    """Put right what is stored of each hand-out; return what they add up to."""
    said: dict[Place, Work] = {}
    for at, staff_id, count in await repository.untouched_in(session, database_id):
        said.setdefault(Place(business_date(session.business.tz, at), staff_id, database_id), Work()).assigned += count
    after = (0, 0)
    while marks := await repository.marks_in(session, database_id, after, _AT_ONCE):
        items = await items_from(session, marks)
        stored = {(row["record_seq"], row["deal_rank"]): writing.stored_in(row) for row in marks}
        differing = [item for key, item in items.items() if stored[key] != item]
        changed["hand_outs"] += len(differing)
        await writing.put_items(session, differing)
        for item in items.values():
            moved(said, {}, counted(item))
            said.setdefault(Place(item["handed_on"], item["staff_id"], database_id), Work()).assigned += 1
        after = max(items)
    return said


async def fill(database: Database) -> dict[str, int]:
    """Store what nothing is stored of, as if it happened now: some contacts at a time, so that nobody waits long, and then
    what was handed out. What was broken off is gone on with. Returns how many hand-outs and daily figures were missing."""
    async with database.read() as session:
        database_ids = await repository.all_databases(session)
    added = {"hand_outs": 0, "figures": 0}
    for database_id in database_ids:
        after = (0, 0)
        while True:
            async with database.write() as session:
                missing = await repository.contacts_without_items(session, database_id, after, _AT_ONCE)
                note_marks(session, {seq for seq, _ in missing})
            if not missing:
                break
            added["hand_outs"] += len(missing)
            after = missing[-1]
        async with database.write() as session:
            await repository.lock_figures(session)
            differing = await _handed_out(session, database_id)
            added["figures"] += sum(map(bool, differing.values()))
            await writing.add_to_places(session, differing)
    return added


async def _handed_out(session: WriteSession, database_id: str) -> dict[Place, Work]:
    """Return what the hand-outs of a database come to, less what is stored of them."""
    differing: dict[Place, Work] = {}
    for at, staff_id, count in await repository.untouched_in(session, database_id):
        place = Place(business_date(session.business.tz, at), staff_id, database_id)
        differing.setdefault(place, Work()).assigned += count
    for place, count in await repository.worked_on_in(session, database_id):
        differing.setdefault(place, Work()).assigned += count
    for place, work in (await repository.places_of(session, database_id)).items():
        differing.setdefault(place, Work()).assigned -= work.assigned
    return differing


async def check(database: Database) -> dict[str, int]:
    """The job: look for drift, fill in what is missing, and rebuild where that is not all. The first run after an update
    from a version without figures of work fills them in."""
    done = {"hand_outs": 0, "figures": 0}
    for step in (fill, rebuild):
        async with database.read() as session:
            if not await repository.drifts(session):
                break
        for name, count in (await step(database)).items():
            done[name] += count
    return done
