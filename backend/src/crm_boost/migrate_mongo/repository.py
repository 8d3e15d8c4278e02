"""All SQL of an import: whether the desk is empty, storing rows, how far it is, and adding up what was stored."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Date, Table, delete, func, insert, select, text, update

from crm_boost.assignments.models import Batch
from crm_boost.configuration.models import StoredSetting
from crm_boost.contacts.models import Contact, ContactEvent
from crm_boost.contacts.verdicts import Verdict
from crm_boost.customers.models import GroupView
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.repository import index_records
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import has_parallel_writers
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.types import UtcDateTime
from crm_boost.deposits.models import Deposit, DepositEvent, DepositKey
from crm_boost.deposits.recompute_repository import recomputed
from crm_boost.deposits.repository import set_last_deposits
from crm_boost.deposits.rollup_write_repository import ROLLUPS
from crm_boost.identity.models import User
from crm_boost.migrate_mongo.models import MongoImport
from crm_boost.notifications.models import Notification
from crm_boost.performance.models import StaffTarget
from crm_boost.products.models import Product
from crm_boost.requests.models import RecordRequest, RequestEvent
from crm_boost.reservations.models import ConflictEntry, Reservation, ReservationEvent, ReservationKey

_MODELS = {
    "users": User,
    "products": Product,
    "databases": CustomerDatabase,
    "record_requests": RecordRequest,
    "request_events": RequestEvent,
    "batches": Batch,
    "group_views": GroupView,
    "reserved_members": Reservation,
    "reservation_keys": ReservationKey,
    "reservation_events": ReservationEvent,
    "customer_records": Record,
    "contacts": Contact,
    "contact_events": ContactEvent,
    "conflicts": ConflictEntry,
    "omset_records": Deposit,
    "omset_events": DepositEvent,
    "omset_keys": DepositKey,
    "staff_targets": StaffTarget,
    "notifications": Notification,
    "settings": StoredSetting,
}
TABLES: dict[str, Table] = {step: cast(Table, model.__table__) for step, model in _MODELS.items()}
"""What is filled, in the order in which the tables refer to each other."""

_SEQS = {"customer_records": ("seq",), "databases": ("first_seq", "last_seq")}
_RECORD_SEQ = ("record_seq",)
_LAST_DEPOSITS_AT_ONCE = 2000


async def is_empty(session: ReadSession) -> bool:
    """Whether nobody and nothing is on this desk yet."""
    models = (User, Product, CustomerDatabase, Reservation, Deposit)
    for model in models:
        if await session.scalar(select(model.id).limit(1)) is not None:
            return False
    return True


async def current(session: ReadSession) -> MongoImport | None:
    """Return the import of this desk, if there ever was one."""
    return (await session.scalars(select(MongoImport).execution_options(populate_existing=True))).first()


async def has_moved_on(session: WriteSession, run: MongoImport, step: str, done: int) -> bool:
    """Note how far the import is; False where another process has moved it on meanwhile."""
    moved = await session.execute(
        update(MongoImport)
        .where(MongoImport.id == run.id, MongoImport.step == run.step, MongoImport.done == run.done)
        .values(step=step, done=done)
        .execution_options(synchronize_session=False)
        .returning(MongoImport.id)
    )
    return moved.first() is not None


async def finish(session: WriteSession, run: MongoImport, at: datetime, report: dict[str, Any]) -> None:
    """Note the end of an import, and what it found."""
    await session.execute(update(MongoImport).where(MongoImport.id == run.id).values(finished_at=at, report=report))


async def store(session: WriteSession, step: str, rows: Sequence[dict[str, Any]], before: int) -> None:
    """Store rows of one table. Record keys count from 1 in the rows, and from behind `before` in the table."""
    table = TABLES[step]
    shifted = [name for name in _SEQS.get(step, _RECORD_SEQ) if name in table.c]
    columns = [column for column in table.c if column.name in rows[0] or (column.name != "seq" and column.nullable)]
    parsers = {column.name: _parser(column.type) for column in columns}
    values: list[dict[str, Any]] = [
        {name: parse(row.get(name)) if parse else row.get(name) for name, parse in parsers.items()} for row in rows
    ]
    for row in values:
        for name in shifted:
            row[name] += before
    await (await session.connection()).execute(insert(table), values)
    if table is TABLES["customer_records"]:
        await index_records(session, values[0]["seq"], values[-1]["seq"])


def _parser(kind: Any) -> Any:
    if isinstance(kind, UtcDateTime):
        return lambda value: datetime.fromisoformat(value) if value else None
    if isinstance(kind, Date):
        return lambda value: date.fromisoformat(value) if value else None
    return None


async def fill_rollups(session: WriteSession) -> None:
    """Add all deposits up, one statement for each roll-up: day by day, as a running desk would be put right, an empty one
    takes a hundred times as long. What an import that was broken off has added up already goes first."""
    for rollup in ROLLUPS:
        said = recomputed(rollup, None, None)
        await session.execute(delete(rollup.table))
        names = [column.name for column in said.selected_columns]
        await session.execute(insert(rollup.table).from_select(names, said))


async def set_last_days(session: WriteSession, after: str) -> str | None:
    """Store with some reservations when their owner's last deposit was; return where to go on, None at the end."""
    keys = select(ReservationKey.customer_key).where(ReservationKey.customer_key > after).distinct()
    page = list((await session.scalars(keys.order_by(ReservationKey.customer_key).limit(_LAST_DEPOSITS_AT_ONCE))).all())
    if not page:
        return None
    await set_last_deposits(session, page)
    return page[-1]


async def rejecting_staff(session: ReadSession) -> dict[str, list[str]]:
    """Return by module who holds rejected records."""
    statement = (
        select(CustomerDatabase.module, Record.assigned_to)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(Record.validation_status == str(Verdict.INVALID), Record.state == RecordState.ASSIGNED)
        .where(CustomerDatabase.deleted_at.is_(None))
        .distinct()
        .order_by(CustomerDatabase.module, Record.assigned_to)
    )
    found: dict[str, list[str]] = {}
    for module, staff_id in await session.execute(statement):
        found.setdefault(module, []).append(str(staff_id))
    return found


async def settle_sequences(session: WriteSession) -> None:
    """Let PostgreSQL count on behind the numbers that were stored, and know how large the tables are."""
    if not has_parallel_writers(session):
        return
    numbered = select(func.max(RecordRequest.seq)).scalar_subquery()
    sequence = func.pg_get_serial_sequence("record_requests", "seq")
    await session.execute(select(func.setval(sequence, func.coalesce(numbered, 1), numbered.is_not(None))))
    await session.execute(text("ANALYZE"))


async def totals(session: ReadSession) -> dict[str, int]:
    """Add up what is stored, under the names by which the report says what has to be."""
    found: dict[str, int] = {}
    for step, table in TABLES.items():
        found[f"rows {step}"] = await session.scalar(select(func.count()).select_from(table)) or 0
    for column in (Record.state, Record.validation_status):
        for value, count in await session.execute(select(column, func.count()).group_by(column)):
            if value is not None:
                found[f"records {value}"] = count
    is_trashed = Deposit.deleted_at.is_not(None)
    sums = [func.sum(Deposit.nominal), func.sum(Deposit.total)]
    statement = select(is_trashed, Deposit.status, func.count(), *sums).group_by(is_trashed, Deposit.status)
    for trashed, status, *figures in await session.execute(statement):
        place = "in the trash" if trashed else status
        for name, figure in zip(("", ", nominal", ", total"), figures, strict=True):
            found[f"deposits {place}{name}"] = found.get(f"deposits {place}{name}", 0) + int(figure)
    return found
