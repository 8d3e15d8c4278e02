"""Statements by which repairs change what no other module has a verb for, and put it back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, and_, bindparam, delete, select, update

from crm_boost.assignments.repositories.batches import NewBatch, add_batches
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.db.dialect import in_numbers, in_rows, in_texts, inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.notifications.models import Notification
from crm_boost.reservations.models import ConflictEntry, Reservation, ReservationKey
from crm_boost.reservations.states import ACTIVE

_record = cast(Table, Record.__table__)
_record_key = cast(Table, RecordKey.__table__)
_reservation_key = cast(Table, ReservationKey.__table__)
_conflict = cast(Table, ConflictEntry.__table__)
_notification = cast(Table, Notification.__table__)
_r, _k, _c = _record.c, _reservation_key.c, _conflict.c

Rows = list[Row[*tuple[Any, ...]]]


async def lock_records(session: WriteSession, seqs: Sequence[int]) -> None:
    """Wait for whoever works on these records, and keep others waiting."""
    statement = select(_r.seq).where(in_numbers(_r.seq, seqs)).order_by(_r.seq)
    await session.execute(statement.with_for_update(key_share=True, of=_record))


async def lock_reservations(session: WriteSession, ids: Sequence[str]) -> None:
    """The same for reservations."""
    statement = select(Reservation.id).where(in_texts(Reservation.id, ids)).order_by(Reservation.id)
    await session.execute(statement.with_for_update(key_share=True))


async def lock_conflicts(session: WriteSession, seqs: Sequence[int]) -> None:
    """The same for entries of the log of conflicts, by their records first, as whoever moves these does."""
    await lock_records(
        session, list((await session.scalars(select(_c.record_seq).where(in_numbers(_c.seq, seqs)))).all())
    )
    statement = select(_c.seq).where(in_numbers(_c.seq, seqs)).order_by(_c.seq)
    await session.execute(statement.with_for_update(key_share=True))


async def lock_notifications(session: WriteSession, seqs: Sequence[int]) -> None:
    """The same for messages."""
    statement = select(_notification.c.seq).where(in_numbers(_notification.c.seq, seqs))
    await session.execute(statement.order_by(_notification.c.seq).with_for_update(key_share=True))


async def identities(session: ReadSession, seqs: Sequence[int]) -> Rows:
    """Return these records with their row, the mapping of their database, and both products."""
    statement = (
        select(
            _r.seq,
            _r.row_data,
            _r.customer_key,
            _r.product_id,
            _r.assigned_to,
            _r.batch_id,
            _r.database_id,
            CustomerDatabase.module,
            CustomerDatabase.mapping,
            CustomerDatabase.product_id.label("database_product_id"),
        )
        .join(CustomerDatabase, CustomerDatabase.id == _r.database_id)
        .where(in_numbers(_r.seq, seqs))
        .order_by(_r.seq)
    )
    return list((await session.execute(statement)).all())


async def update_records(session: WriteSession, column: str, values: dict[int, Any], expected: dict[int, Any]) -> int:
    """Set one column of records, where it still is what is expected. Returns how many were changed."""
    changed = 0
    by_change: dict[tuple[Any, Any], list[int]] = {}
    for seq, value in values.items():
        by_change.setdefault((expected[seq], value), []).append(seq)
    for (before, after), seqs in by_change.items():
        target = _r[column]
        same = target.is_(None) if before is None else target == before
        done = await session.execute(update(_record).where(in_numbers(_r.seq, seqs), same).values({column: after}))
        changed += done.rowcount  # type: ignore[attr-defined]
    return changed


async def found_by(session: ReadSession, seqs: Sequence[int]) -> set[tuple[str, int]]:
    """Return (customer, record) pairs by which these records are found. Reads the whole table: it is ordered the other
    way round, and this is asked by repairs only."""
    pairs = select(RecordKey.customer_key, RecordKey.record_seq).where(in_numbers(RecordKey.record_seq, seqs))
    return {(row[0], row[1]) for row in await session.execute(pairs)}


async def change_found_by(
    session: WriteSession, gone: Sequence[tuple[str, int]], new: Sequence[tuple[str, int]]
) -> None:
    """Take (customer, record) pairs out of the table by which records are found, and add others."""
    if gone:
        pair = and_(_record_key.c.customer_key == bindparam("p_key"), _record_key.c.record_seq == bindparam("p_seq"))
        await session.execute(delete(_record_key).where(pair), [{"p_key": key, "p_seq": seq} for key, seq in gone])
    if new:
        rows = [{"customer_key": key, "record_seq": seq} for key, seq in sorted(new)]
        await session.execute(inserting(session, _record_key).on_conflict_do_nothing(), rows)


async def new_batches(session: WriteSession, wanted: Sequence[tuple[str, str, str]]) -> list[str]:
    """Make a batch for each (module, database, staff); return their ids."""
    batches = [NewBatch.of(module, database_id, staff_id, None) for module, database_id, staff_id in wanted]
    await add_batches(session, batches)
    return [batch.id for batch in batches]


async def protecting(session: ReadSession, reservation_ids: Sequence[str]) -> Rows:
    """Return what is kept for these reservations: whole rows."""
    statement = select(_reservation_key).where(in_texts(_k.reservation_id, reservation_ids))
    return list((await session.execute(statement.order_by(_k.product_id, _k.customer_key))).all())


async def active_reservations(session: ReadSession, reservation_ids: Sequence[str]) -> list[Reservation]:
    """Return those of these reservations that are active."""
    statement = select(Reservation).where(
        in_texts(Reservation.id, reservation_ids), Reservation.status.in_(sorted(ACTIVE))
    )
    return list((await session.scalars(statement.order_by(Reservation.id))).all())


async def delete_protection(session: WriteSession, pairs: Sequence[tuple[str, str]]) -> int:
    """Stop keeping these (product, customer) pairs."""
    statement = delete(_reservation_key).where(in_rows((_k.product_id, _k.customer_key), pairs))
    done = await session.execute(statement)
    return int(done.rowcount)  # type: ignore[attr-defined]


async def put_protection(session: WriteSession, row: dict[str, Any]) -> bool:
    """Keep a (product, customer) pair as this row says, unless it is kept by now. Returns whether it is."""
    statement = inserting(session, _reservation_key).values(row).on_conflict_do_nothing()
    return (await session.execute(statement.returning(_k.customer_key))).first() is not None


async def conflict_entries(session: ReadSession, record_seqs: Sequence[int]) -> list[int]:
    """Return the open entries of the log about these records."""
    statement = select(_c.seq).where(in_numbers(_c.record_seq, record_seqs), _c.ended_at.is_(None))
    return list((await session.scalars(statement.order_by(_c.seq))).all())


async def end_entries(session: WriteSession, seqs: Sequence[int], at: datetime) -> list[int]:
    """End open entries of the log; return which."""
    statement = update(_conflict).where(in_numbers(_c.seq, seqs), _c.ended_at.is_(None)).values(ended_at=at)
    return sorted((await session.scalars(statement.returning(_c.seq))).all())


async def reopen_entries(session: WriteSession, seqs: Sequence[int], ended_at: datetime) -> list[int]:
    """Open entries again that ended at this instant, unless their record has a newer open one; return which."""
    newer = _conflict.alias("newer")
    taken = select(newer.c.record_seq).where(newer.c.record_seq == _c.record_seq, newer.c.ended_at.is_(None)).exists()
    statement = update(_conflict).where(in_numbers(_c.seq, seqs), _c.ended_at == ended_at, ~taken)
    return sorted((await session.scalars(statement.values(ended_at=None).returning(_c.seq))).all())


async def mark_read(session: WriteSession, seqs: Sequence[int], at: datetime) -> list[int]:
    """Mark unread messages as read; return which."""
    n = _notification.c
    statement = update(_notification).where(in_numbers(n.seq, seqs), n.read_at.is_(None)).values(read_at=at)
    return sorted((await session.scalars(statement.returning(n.seq))).all())


async def mark_unread(session: WriteSession, seqs: Sequence[int], at: datetime) -> list[int]:
    """Mark messages as unread that were read at this instant; return which."""
    n = _notification.c
    statement = update(_notification).where(in_numbers(n.seq, seqs), n.read_at == at).values(read_at=None)
    return sorted((await session.scalars(statement.returning(n.seq))).all())
