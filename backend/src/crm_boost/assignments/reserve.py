"""Keeping `available` and `reserved` in step with the reservations (spec 2.1): every module, every path."""

from collections.abc import Sequence

from crm_boost.assignments.repositories import matching
from crm_boost.assignments.repositories.moves import Move, move, start_operation
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.db.session import WriteSession


async def match_database(session: WriteSession, module: str, database_id: str) -> int:
    """Look at every free record of a database again; returns how many changed."""
    changed = 0
    for command in (Command.RESERVE, Command.UNRESERVE):
        seqs = await matching.lock_mismatched(session, command, database_id=database_id)
        changed += await _apply(session, command, module, database_id, seqs)
    return changed


async def match_customers(session: WriteSession, customer_keys: Sequence[str]) -> dict[Command, int]:
    """Look at the free records of these customers again, in every database: a reservation began or ended. Returns how
    many became reserved and how many free."""
    await matching.hold_records_of(session, customer_keys)
    changed = {}
    for command in (Command.RESERVE, Command.UNRESERVE):
        seqs = await matching.lock_mismatched(session, command, customer_keys=customer_keys)
        changed[command] = await _apply(session, command, None, None, seqs)
    return changed


async def _apply(
    session: WriteSession, command: Command, module: str | None, database_id: str | None, seqs: Sequence[int]
) -> int:
    if not seqs:
        return 0
    operation = await start_operation(session, command, module=module, database_id=database_id)
    return len(await move(session, Move(TABLE[command], operation, seqs)))
