"""All SQL on imports, and on what an import makes and removes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, update

from crm_boost.assignments.models import RecordHistory
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_numbers, in_texts
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.paging import Page, page_of
from crm_boost.products.models import Product
from crm_boost.reservations.models import ReservationKey
from crm_boost.uploads.models import RUNNING, Import, ImportState


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
    """Return imports of these modules, newest first."""
    where = [Import.module.in_(list(modules))]
    total = await session.scalar(select(func.count()).select_from(Import).where(*where))
    statement = select(Import).where(*where).order_by(Import.created_at.desc(), Import.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(Import.created_at, Import.id) < tuple_(*after))
    rows = list((await session.scalars(statement)).all())
    return page_of(rows, limit, total, lambda row: (row.created_at.isoformat(), row.id))


async def known_keys(session: ReadSession, product_id: str, keys: list[str]) -> set[str]:
    """Return those of `keys` that a record of the product's visible databases already has. One statement."""
    statement = (
        select(RecordKey.customer_key)
        .join(Record, Record.seq == RecordKey.record_seq)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(
            Record.product_id == product_id,
            in_texts(RecordKey.customer_key, keys),
            Record.state != RecordState.TRASHED,
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
        )
        .distinct()
    )
    return set((await session.scalars(statement)).all())


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


async def beat(session: WriteSession, import_id: str, worker: str, now: datetime, progress: dict[str, Any]) -> bool:
    """Store progress and the sign of life; return whether somebody asked to cancel."""
    statement = (
        update(Import)
        .where(Import.id == import_id, Import.worker == worker)
        .values(heartbeat_at=now, progress=progress)
        .returning(Import.cancel_requested)
    )
    return bool((await session.execute(statement)).scalar())


async def running_imports(session: ReadSession) -> list[Import]:
    """Return imports that some process should be working on."""
    statement = select(Import).where(Import.state.in_([state.value for state in RUNNING]))
    return list((await session.scalars(statement)).all())


async def forgotten_imports(session: ReadSession, before: datetime) -> list[Import]:
    """Return analysed imports that nobody confirmed since `before`."""
    statement = select(Import).where(Import.state == ImportState.READY, Import.created_at < before)
    return list((await session.scalars(statement)).all())


async def set_database_state(session: WriteSession, database_id: str, state: DatabaseState) -> None:
    """Move a database between importing, ready and discarded."""
    await session.execute(update(CustomerDatabase).where(CustomerDatabase.id == database_id).values(state=state))


async def complete_database(session: WriteSession, database_id: str, product_id: str) -> None:
    """Make an imported database visible, and reserve what became reserved while it was stored."""
    reserved = select(ReservationKey.customer_key).where(ReservationKey.approved)
    if session.business.reservation_scope == "product":
        reserved = reserved.where(ReservationKey.product_id == product_id)
    database = await session.get_one(CustomerDatabase, database_id, populate_existing=True)
    theirs = select(RecordKey.record_seq).where(
        RecordKey.customer_key.in_(reserved), RecordKey.record_seq.between(database.first_seq, database.last_seq)
    )
    await session.execute(
        update(Record)
        .where(Record.seq.in_(theirs), Record.state == RecordState.AVAILABLE)
        .values(state=RecordState.RESERVED)
        .execution_options(synchronize_session=False)
    )
    database.state = DatabaseState.READY


async def discarded_databases(session: ReadSession) -> list[str]:
    """Return databases whose records are to be removed: discarded ones, and those no import works on."""
    orphaned = and_(
        CustomerDatabase.state == DatabaseState.IMPORTING,
        ~exists().where(Import.database_id == CustomerDatabase.id, Import.state == ImportState.IMPORTING),
    )
    statement = select(CustomerDatabase.id).where(or_(CustomerDatabase.state == DatabaseState.DISCARDED, orphaned))
    return list((await session.scalars(statement)).all())


async def remove_some_records(session: WriteSession, database_id: str, limit: int) -> int:
    """Remove up to `limit` records of a discarded database, with their keys; return how many were removed."""
    database = await session.get_one(CustomerDatabase, database_id)
    some = list(
        await session.execute(
            select(Record.seq, Record.customer_key)
            .where(Record.seq.between(database.first_seq, database.last_seq))
            .order_by(Record.seq)
            .limit(limit)
        )
    )
    unsynchronised = {"synchronize_session": False}
    await session.execute(
        delete(RecordKey)
        .where(
            in_texts(RecordKey.customer_key, [key for _, key in some]),
            in_numbers(RecordKey.record_seq, [seq for seq, _ in some]),
        )
        .execution_options(**unsynchronised)
    )
    await session.execute(
        delete(Record).where(in_numbers(Record.seq, [seq for seq, _ in some])).execution_options(**unsynchronised)
    )
    return len(some)


async def remove_database_row(session: WriteSession, database_id: str) -> None:
    """Remove a discarded database after its records."""
    await session.execute(delete(CustomerDatabase).where(CustomerDatabase.id == database_id))


async def is_untouched(session: ReadSession, database: CustomerDatabase) -> bool:
    """Whether every record is as the import left it: none was ever dealt, marked or moved."""
    touched = exists().where(RecordHistory.record_seq.between(database.first_seq, database.last_seq))
    return not await session.scalar(select(touched))
