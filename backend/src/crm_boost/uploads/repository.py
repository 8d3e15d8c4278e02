"""All SQL on imports, and on what an import makes and removes."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import defer

from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.assignments.repositories.purging import forget_texts
from crm_boost.databases.counts_repository import add as add_counts
from crm_boost.databases.counts_repository import counts_by_state, forget
from crm_boost.databases.models import CustomerDatabase, FileOrder, Record, RecordKey
from crm_boost.databases.state_repository import in_states
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import gathered, in_numbers, in_texts
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.paging import Page, page_of
from crm_boost.products.models import Product
from crm_boost.reservations.matching import is_reserved
from crm_boost.reservations.models import ReservationKey
from crm_boost.uploads.bulk_repository import Target
from crm_boost.uploads.models import RUNNING, Import, ImportState

_RUNNING = [state.value for state in RUNNING]
_BY_RESERVATIONS = [RecordState.AVAILABLE, RecordState.RESERVED]
"""States between which reservations move a record: nobody touched it."""
_MOST_RESERVATIONS = 10_000


async def get_import(session: ReadSession, import_id: str, *, lock: bool = False) -> Import | None:
    """Return an import; with `lock`, nobody else can change it in this transaction."""
    return await session.get(Import, import_id, with_for_update=lock, populate_existing=lock)


async def product_names(session: ReadSession, ids: Sequence[str]) -> dict[str, str]:
    """Return product names by id."""
    statement = select(Product.id, Product.name).where(in_texts(Product.id, list(set(ids))))
    return {row[0]: row[1] for row in await session.execute(statement)}


async def list_imports(
    session: ReadSession, modules: Sequence[str], *, after: tuple[datetime, str] | None, limit: int
) -> Page[Import]:
    """Return imports of these modules, newest first, without their previews."""
    where = [Import.module.in_(list(modules))]
    total = await session.scalar(select(func.count()).select_from(Import).where(*where))
    newest_first = select(Import).where(*where).order_by(Import.created_at.desc(), Import.id.desc())
    # A preview is fifty rows of up to two hundred columns; a list of imports shows none.
    statement = newest_first.options(defer(Import.preview_rows, raiseload=True)).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(Import.created_at, Import.id) < tuple_(*after))
    rows = list((await session.scalars(statement)).all())
    return page_of(rows, limit, total, lambda row: (row.created_at.isoformat(), row.id))


async def known_keys(session: ReadSession, product_id: str, keys: list[str]) -> set[str]:
    """Return those of `keys` that a record of the product's visible databases already has. At most two statements.

    Not one join: right after large imports PostgreSQL's statistics know nothing of the new rows, and it would look all
    keys up again for every record (5,000 keys: 37 s instead of 10 ms). Each answer is one text: where all of a file is
    known already, thousands of rows would keep every request waiting for the interpreter.
    """
    of_customers = select(gathered(RecordKey.record_seq)).where(in_texts(RecordKey.customer_key, keys))
    seqs: list[int] = orjson.loads(await session.scalar(of_customers) or "[]")
    if not seqs:
        return set()
    visible = (
        select(gathered(Record.customer_key))
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(
            Record.product_id == product_id,
            in_numbers(Record.seq, seqs),
            Record.state != RecordState.TRASHED,
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
        )
    )
    return set(orjson.loads(await session.scalar(visible) or "[]"))


async def compared_with(session: ReadSession, product_id: str) -> str | None:
    """Return a fingerprint of all that decides which rows are duplicates or reserved: while it stays the same, so do
    they. None where there are too many reservations to look at each. Three statements."""
    visible = select(CustomerDatabase.id).where(
        CustomerDatabase.product_id == product_id,
        CustomerDatabase.state == DatabaseState.READY,
        CustomerDatabase.deleted_at.is_(None),
    )
    # Single records go to the trash and come back by operations.
    parts = [str(await session.scalar(select(func.max(Operation.seq))))]
    parts += (await session.scalars(visible.order_by(CustomerDatabase.id))).all()
    reservations = (
        select(ReservationKey.product_id, ReservationKey.customer_key, ReservationKey.staff_id)
        .where(ReservationKey.approved)
        .order_by(ReservationKey.product_id, ReservationKey.customer_key)
        .limit(_MOST_RESERVATIONS + 1)
    )
    if session.business.reservation_scope == "product":
        reservations = reservations.where(ReservationKey.product_id == product_id)
    rows = (await session.execute(reservations)).all()
    if len(rows) > _MOST_RESERVATIONS:
        return None
    for row in rows:
        parts += row
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def database_of_file(session: ReadSession, file_hash: str) -> CustomerDatabase | None:
    """Return the newest visible database that was made from exactly this file."""
    statement = (
        select(CustomerDatabase)
        .where(
            CustomerDatabase.file_hash == file_hash,
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
        )
        .order_by(CustomerDatabase.uploaded_at.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).first()


async def import_of_file(session: ReadSession, item: Import) -> Import | None:
    """Return the newest other finished import of the same kind that read exactly this file."""
    statement = (
        select(Import)
        .where(
            Import.module == item.module,
            Import.state == ImportState.DONE,
            Import.file_hash == item.file_hash,
            Import.id != item.id,
        )
        .order_by(Import.created_at.desc(), Import.id.desc())
        .limit(1)
    )
    return (await session.scalars(statement.options(defer(Import.preview_rows)))).first()


async def beat(
    session: WriteSession, import_id: str, worker: str, now: datetime, progress: dict[str, Any]
) -> bool | None:
    """Store progress and the sign of life; return whether somebody asked to cancel, None when the work is not this
    worker's any more."""
    statement = (
        update(Import)
        .where(Import.id == import_id, Import.worker == worker, Import.state.in_(_RUNNING))
        .values(heartbeat_at=now, progress=progress)
        .returning(Import.cancel_requested)
    )
    asked: bool | None = (await session.execute(statement)).scalar()
    return asked


async def running_imports(session: ReadSession) -> list[str]:
    """Return imports that some process should be working on."""
    statement = select(Import.id).where(Import.state.in_(_RUNNING))
    return list((await session.scalars(statement)).all())


async def forgotten_imports(session: ReadSession, before: datetime) -> list[str]:
    """Return analysed imports that nobody confirmed since `before`."""
    statement = select(Import.id).where(Import.state == ImportState.READY, Import.created_at < before)
    return list((await session.scalars(statement)).all())


async def set_database_state(session: WriteSession, database_id: str, state: DatabaseState) -> None:
    """Move a database between importing, ready and discarded."""
    await session.execute(update(CustomerDatabase).where(CustomerDatabase.id == database_id).values(state=state))


async def claim_database(session: WriteSession, database_id: str) -> CustomerDatabase | None:
    """Return a database, alone until the end of the transaction."""
    return await session.get(CustomerDatabase, database_id, with_for_update=True, populate_existing=True)


async def bulk_target(session: ReadSession, database_id: str) -> Target:
    """Return where the staged rows of a confirmed import go."""
    stored = await session.get_one(CustomerDatabase, database_id)
    return Target(stored.id, stored.product_id, stored.first_seq - 1, stored.last_seq)


async def add_file_order(session: WriteSession, database_id: str, parts: Sequence[tuple[int, bytes]]) -> None:
    """Note where rows of a file went: parts by their numbers, packed. One statement."""
    rows = [{"database_id": database_id, "part": part, "places": places} for part, places in parts]
    await session.execute(insert(FileOrder), rows)


async def complete_database(session: WriteSession, database_id: str, stored: int, reserved: int) -> int:
    """Make an imported database visible, `stored` of whose records were stored, `reserved` of them as reserved; return
    how many are reserved now. What this costs does not follow the number of records.

    Reservations may have begun or ended while it was stored. Who is just beginning one holds a share of its product's
    row (by the foreign key): taking that row alone, all of them are seen here, or see the records themselves.
    """
    database = await session.get_one(CustomerDatabase, database_id, populate_existing=True)
    products = select(Product.id).order_by(Product.id).with_for_update()
    owned = select(ReservationKey.customer_key).where(ReservationKey.approved)
    if session.business.reservation_scope == "product":
        products = products.where(Product.id == database.product_id)
        owned = owned.where(ReservationKey.product_id == database.product_id)
    await session.execute(products)
    theirs = select(RecordKey.record_seq).where(
        RecordKey.customer_key.in_(owned), RecordKey.record_seq.between(database.first_seq, database.last_seq)
    )
    keys = database.first_seq, database.last_seq
    ended = and_(in_states(keys, RecordState.RESERVED), ~is_reserved(session, Record))
    begun = and_(Record.seq.in_(theirs), Record.state == RecordState.AVAILABLE)
    reserved -= await _set_state(session, ended, RecordState.AVAILABLE)
    reserved += await _set_state(session, begun, RecordState.RESERVED)
    database.state = DatabaseState.READY
    # The places have no gaps: no key of the database is unused.
    database.last_seq = database.first_seq - 1 + stored
    await session.flush()
    # Reservations that began or ended meanwhile may have found and counted records already: these are added to.
    counts = {RecordState.AVAILABLE: stored - reserved, RecordState.RESERVED: reserved}
    await add_counts(session, {(database_id, state): records for state, records in counts.items()})
    return (await counts_by_state(session, [database_id]))[database_id].get(RecordState.RESERVED, 0)


async def _set_state(session: WriteSession, condition: ColumnElement[bool], state: RecordState) -> int:
    statement = update(Record).where(condition).values(state=state).execution_options(synchronize_session=False)
    done = await session.execute(statement)
    return int(done.rowcount)  # type: ignore[attr-defined]


async def discarded_databases(session: ReadSession) -> list[str]:
    """Return databases whose records are to be removed: discarded ones, and those no import works on. Of one that came
    from the trash the row stays; it is done when it has no record and no order left."""
    has_records = exists().where(Record.seq.between(CustomerDatabase.first_seq, CustomerDatabase.last_seq))
    has_order = exists().where(FileOrder.database_id == CustomerDatabase.id)
    orphaned = and_(
        CustomerDatabase.state == DatabaseState.IMPORTING,
        ~exists().where(Import.database_id == CustomerDatabase.id, Import.state == ImportState.IMPORTING),
    )
    discarded = and_(
        CustomerDatabase.state == DatabaseState.DISCARDED,
        or_(CustomerDatabase.deleted_at.is_(None), has_records, has_order),
    )
    statement = select(CustomerDatabase.id).where(or_(discarded, orphaned))
    return list((await session.scalars(statement)).all())


async def remove_some_records(session: WriteSession, database_id: str, limit: int) -> bool:
    """Remove up to `limit` records of a discarded database, with their keys; after the last ones their order, and the
    database itself unless it came from the trash: others refer to that. Return whether there is more to do. The number
    of statements does not depend on that of the records."""
    database = await session.get(CustomerDatabase, database_id)
    if database is None:
        return False
    place = Record.seq.between(database.first_seq, database.last_seq)
    some = select(Record.seq).where(place).order_by(Record.seq).limit(limit).subquery()
    first, last = (await session.execute(select(func.min(some.c.seq), func.max(some.c.seq)))).one()
    unsynchronised = {"synchronize_session": False}
    purged = database.deleted_at is not None
    if first is None:
        await forget(session, database_id)
        await session.execute(delete(FileOrder).where(FileOrder.database_id == database_id))
        if not purged:
            await session.execute(delete(CustomerDatabase).where(CustomerDatabase.id == database_id))
        return False
    chosen = Record.seq.between(first, last)
    if purged:
        await forget_texts(session, list((await session.scalars(select(Record.seq).where(chosen))).all()))
        await session.execute(update(Import).where(Import.database_id == database_id).values(preview_rows=[]))
    await session.execute(
        delete(RecordKey)
        .where(
            tuple_(RecordKey.customer_key, RecordKey.record_seq).in_(
                select(Record.customer_key, Record.seq).where(chosen)
            )
        )
        .execution_options(**unsynchronised)
    )
    await session.execute(delete(Record).where(chosen).execution_options(**unsynchronised))
    return True


async def untouched_databases(session: ReadSession, database_ids: Sequence[str]) -> set[str]:
    """Return those of these databases, visible and not in the trash, whose records are as the import left them: none
    was ever dealt, marked or moved by anybody (what reservations do by themselves does not count). One statement."""
    touched = exists().where(
        RecordHistory.record_seq.between(CustomerDatabase.first_seq, CustomerDatabase.last_seq),
        ~and_(
            RecordHistory.from_state.in_(_BY_RESERVATIONS),
            RecordHistory.to_state.in_(_BY_RESERVATIONS),
        ),
    )
    statement = select(CustomerDatabase.id).where(
        in_texts(CustomerDatabase.id, database_ids),
        CustomerDatabase.state == DatabaseState.READY,
        CustomerDatabase.deleted_at.is_(None),
        ~touched,
    )
    return set((await session.scalars(statement)).all())


async def states_of(session: ReadSession, ids: Sequence[str]) -> dict[str, tuple[str, datetime]]:
    """Return state and time of the end (or of the upload) of imports."""
    columns = (Import.id, Import.state, func.coalesce(Import.undone_at, Import.finished_at, Import.created_at))
    rows = await session.execute(select(*columns).where(in_texts(Import.id, ids)))
    return {row[0]: (row[1], row[2]) for row in rows}
