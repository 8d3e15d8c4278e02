"""The repairs (spec 3.5). Records move by the engine's own commands, reservations end by their own verbs, and who owns
customers changes inside the one routine; the rest is put right in place. Every change is noted, so that it can be
reversed exactly where nobody has touched it since.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import orjson

from crm_boost.assignments.repairs import Hold, put_back, repair
from crm_boost.assignments.transitions import Command
from crm_boost.databases.customer_key import customer_key
from crm_boost.db.session import WriteSession
from crm_boost.health.checks import Entry, Journal, Repair, Undone
from crm_boost.health.repositories import changing
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import Problem
from crm_boost.reservations import repository as reservations
from crm_boost.reservations import service as reserving
from crm_boost.reservations.routine import claiming
from crm_boost.reservations.service import keys_of

_AT = "at"


def _moving(command: Command) -> Callable[[WriteSession, Sequence[Any], Journal], Awaitable[None]]:
    async def apply(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
        for done in await repair(session, command, keys):
            holds = {
                str(seq): [request_id, until.isoformat() if until else None]
                for seq, (request_id, until) in done.holds.items()
            }
            after = {"command": str(command), "records": done.count}
            journal.note("operation", done.operation_seq, {"holds": holds}, after, changed=done.count)

    return apply


async def _move_back(session: WriteSession, entries: Sequence[Entry]) -> Undone:
    undone = total = 0
    for entry in entries:
        holds: dict[int, Hold] = {
            int(seq): (request_id, datetime.fromisoformat(until) if until else None)
            for seq, (request_id, until) in entry.before["holds"].items()
        }
        back, moved = await put_back(session, int(entry.key), holds)
        undone, total = undone + back, total + moved
    return Undone(undone, total - undone)


def _by_moving(command: Command) -> Repair:
    return Repair(changing.lock_records, _moving(command), _move_back)


RECALL = _by_moving(Command.RECALL)
"""Orphaned records go back to the pool."""
RELEASE = _by_moving(Command.RELEASE)
"""Records held for nothing are let go."""
RESERVE = _by_moving(Command.RESERVE)
UNRESERVE = _by_moving(Command.UNRESERVE)


async def _end_entries(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
    now = utc_now()
    for seq in await changing.end_entries(session, keys, now):
        journal.note("conflict", seq, {}, {_AT: now.isoformat()})


async def _reopen_entries(session: WriteSession, entries: Sequence[Entry]) -> Undone:
    return await _by_instant(session, entries, changing.reopen_entries)


async def _by_instant(
    session: WriteSession,
    entries: Sequence[Entry],
    change: Callable[[WriteSession, Sequence[int], datetime], Awaitable[list[int]]],
) -> Undone:
    by_instant: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        by_instant[entry.after[_AT]].append(int(entry.key))
    undone = 0
    for at, seqs in by_instant.items():
        undone += len(await change(session, seqs, datetime.fromisoformat(at)))
    return Undone(undone, len(entries) - undone)


END_CONFLICTS = Repair(changing.lock_conflicts, _end_entries, _reopen_entries)
"""The log says that these conflicts are over."""


async def _log_conflicts(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
    wanted = set(keys)
    customers = [row.customer_key for row in await changing.identities(session, keys)]
    found = (await reservations.conflicts_of(session, customers)).values()
    began = [row for row in found if row.seq in wanted]
    await reservations.log_conflicts(session, began, [], utc_now())
    for seq in await changing.conflict_entries(session, [row.seq for row in began]):
        journal.note("conflict", seq, {}, {})


async def _unlog_conflicts(session: WriteSession, entries: Sequence[Entry]) -> Undone:
    # Nothing is taken out of a log: what the repair wrote into it ends.
    ended = await changing.end_entries(session, [int(entry.key) for entry in entries], utc_now())
    return Undone(len(ended), len(entries) - len(ended))


LOG_CONFLICTS = Repair(changing.lock_records, _log_conflicts, _unlog_conflicts)
"""Conflicts that nobody noted are written into the log."""


async def _own_batches(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
    rows = await changing.identities(session, keys)
    wanted = sorted({(row.module, row.database_id, row.assigned_to) for row in rows})
    batch_of = dict(zip(wanted, await changing.new_batches(session, wanted), strict=True))
    before = {row.seq: row.batch_id for row in rows}
    after = {row.seq: batch_of[row.module, row.database_id, row.assigned_to] for row in rows}
    await changing.update_records(session, "batch_id", after, before)
    for seq, batch_id in after.items():
        journal.note("batch", seq, {"batch_id": before[seq]}, {"batch_id": batch_id})


async def _former_batches(session: WriteSession, entries: Sequence[Entry]) -> Undone:
    before = {int(entry.key): entry.before["batch_id"] for entry in entries}
    after = {int(entry.key): entry.after["batch_id"] for entry in entries}
    undone = await changing.update_records(session, "batch_id", before, after)
    return Undone(undone, len(entries) - undone)


OWN_BATCHES = Repair(changing.lock_records, _own_batches, _former_batches)
"""Records in a batch that is not their holder's get a new one of the holder."""


async def _own_products(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
    rows = await changing.identities(session, keys)
    before = {row.seq: row.product_id for row in rows}
    after = {row.seq: row.database_product_id for row in rows}
    async with claiming(session, [row.customer_key for row in rows]):
        await changing.update_records(session, "product_id", after, before)
    for seq, product_id in after.items():
        journal.note("product", seq, {"product_id": before[seq]}, {"product_id": product_id})


async def _former_products(session: WriteSession, entries: Sequence[Entry]) -> Undone:
    seqs = [int(entry.key) for entry in entries]
    before = {int(entry.key): entry.before["product_id"] for entry in entries}
    after = {int(entry.key): entry.after["product_id"] for entry in entries}
    customers = [row.customer_key for row in await changing.identities(session, seqs)]
    async with claiming(session, customers):
        undone = await changing.update_records(session, "product_id", before, after)
    return Undone(undone, len(entries) - undone)


OWN_PRODUCTS = Repair(changing.lock_records, _own_products, _former_products)
"""Records take the product of their database; what is reserved is looked at again."""


def _identity(row: Any) -> str:
    """Return the customer that a record's own row names, or what is stored where the row names none."""
    column = row.mapping.get("username")
    cells = orjson.loads(row.row_data)
    named = customer_key(str(cells[column])) if column is not None and column < len(cells) else ""
    return named or str(row.customer_key)


async def _true_keys(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
    rows = await changing.identities(session, keys)
    pairs = await changing.found_by(session, keys)
    after = {row.seq: _identity(row) for row in rows}
    before = {row.seq: row.customer_key for row in rows}
    gone = [pair for pair in pairs if after.get(pair[1]) != pair[0]]
    missing = [(key, seq) for seq, key in after.items() if (key, seq) not in pairs]
    async with claiming(session, [*before.values(), *after.values(), *(key for key, _ in gone)]):
        await changing.update_records(session, "customer_key", after, before)
        await changing.change_found_by(session, gone, missing)
    for seq, key in after.items():
        was = {"customer_key": before[seq], "found_by": sorted(k for k, s in pairs if s == seq)}
        journal.note("identity", seq, was, {"customer_key": key, "found_by": [key]})


async def _former_keys(session: WriteSession, entries: Sequence[Entry]) -> Undone:
    before = {int(entry.key): entry.before["customer_key"] for entry in entries}
    after = {int(entry.key): entry.after["customer_key"] for entry in entries}
    was = {(key, int(entry.key)) for entry in entries for key in entry.before["found_by"]}
    now = {(key, int(entry.key)) for entry in entries for key in entry.after["found_by"]}
    customers = [*before.values(), *after.values(), *(key for key, _ in was)]
    async with claiming(session, customers):
        undone = await changing.update_records(session, "customer_key", before, after)
        await changing.change_found_by(session, sorted(now - was), sorted(was - now))
    return Undone(undone, len(entries) - undone)


TRUE_KEYS = Repair(changing.lock_records, _true_keys, _former_keys)
"""The customer of a record is read from its row again, and it is found by that."""


async def _right_protection(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
    rows = await changing.protecting(session, keys)
    active = {row.id: row for row in await changing.active_reservations(session, keys)}
    async with claiming(session, [row.customer_key for row in rows]):
        for row in rows:
            was = dict(row._mapping)
            owner = active.get(row.reservation_id)
            right = None if owner is None else _protection(owner, row.customer_key)
            if right == was:
                continue
            await changing.delete_protection(session, [(row.product_id, row.customer_key)])
            if right is not None and not await changing.put_protection(session, right):
                right = None
            journal.note("protection", row.customer_key, was, right or {})


async def _former_protection(session: WriteSession, entries: Sequence[Entry]) -> Undone:
    undone = 0
    async with claiming(session, [entry.key for entry in entries]):
        for entry in entries:
            if entry.after and not await changing.delete_protection(session, [(entry.after["product_id"], entry.key)]):
                continue
            if not entry.before or await changing.put_protection(session, entry.before):
                undone += 1
    return Undone(undone, len(entries) - undone)


RIGHT_PROTECTION = Repair(changing.lock_reservations, _right_protection, _former_protection)
"""Customers are kept for exactly the reservations that are active; the routine puts their records in order."""


async def _protect(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
    rows = await changing.active_reservations(session, keys)
    wanted = [(row, key) for row in rows for key in keys_of(row.customer_id, row.aliases)]
    async with claiming(session, [key for _, key in wanted]):
        for row, key in wanted:
            protection = _protection(row, key)
            if await changing.put_protection(session, protection):
                journal.note("protection", key, {}, protection)


PROTECT = Repair(changing.lock_reservations, _protect, _former_protection)
"""Active reservations protect their customers again, where nobody else has them by now."""


def _protection(row: Any, key: str) -> dict[str, Any]:
    return {
        "product_id": row.product_id,
        "customer_key": key,
        "reservation_id": row.id,
        "staff_id": row.staff_id,
        "approved": row.status == "approved",
    }


async def _expire(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
    rows = await reservations.claim(session, keys)
    await reserving.expire(session, list(rows.values()))
    for reservation_id in rows:
        journal.note("reservation", reservation_id, {"status": "approved"}, {"status": "expired"})


async def _restore(session: WriteSession, entries: Sequence[Entry]) -> Undone:
    undone = 0
    for entry in entries:
        part = await session.open_part()
        try:
            await reserving.restore(session, entry.key)
        except Problem:
            # Somebody else has the customer by now, or the reservation was purged.
            await session.take_back(part)
            continue
        await part.commit()
        undone += 1
    return Undone(undone, len(entries) - undone)


EXPIRE = Repair(changing.lock_reservations, _expire, _restore)
"""Reservations whose grace is over end as the nightly run ends them; undone, they come back with a fresh grace."""


async def _mark_read(session: WriteSession, keys: Sequence[Any], journal: Journal) -> None:
    now = utc_now()
    for seq in await changing.mark_read(session, keys, now):
        journal.note("notification", seq, {}, {_AT: now.isoformat()})


async def _mark_unread(session: WriteSession, entries: Sequence[Entry]) -> Undone:
    return await _by_instant(session, entries, changing.mark_unread)


MARK_READ = Repair(changing.lock_notifications, _mark_read, _mark_unread)
"""Messages that nobody can read no longer wait."""
