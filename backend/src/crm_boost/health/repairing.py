"""Running repairs, dry or for good, and undoing them (spec 3.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.health.catalog import all_checks, check_named
from crm_boost.health.checks import Check, Entry, Journal
from crm_boost.health.errors import NotRepairable, RepairUndone, UnknownRepair
from crm_boost.health.repositories import journal as repository
from crm_boost.health.service import note
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import FieldError
from crm_boost.kit.ids import new_id

ALL = "all"
AT_ONCE = 5_000
"""At most so many findings of a type are repaired in one go: others must not wait long for these rows."""
_SHOWN = 10


def chosen(name: str) -> list[Check]:
    """Return the checks that a repair is for: one, or every one that can be repaired; refuses other names."""
    if name == ALL:
        return [check for check in all_checks() if check.repair is not None]
    check = check_named(name)
    if check is None or check.repair is None:
        known = ", ".join(check.name for check in chosen(ALL))
        message = f"There is no repair {name!r}. There are: {ALL}, {known}."
        raise NotRepairable(message, errors=[FieldError("repair_type", message)])
    return [check]


@dataclass(frozen=True, slots=True)
class Suspects:
    """What a check found before anything was locked: how much in all, and what the repair takes at once."""

    check: Check
    count: int
    keys: list[Any]


async def suspects(session: ReadSession, checks: Sequence[Check], module: str | None = None) -> list[Suspects]:
    """Ask these checks, of one module where given. Nobody waits for that: nothing is locked."""
    found = []
    for check in checks:
        question = await check.find(session, module)
        count, _ = await repository.look(session, question, 1)
        keys = await repository.keys(session, question, AT_ONCE) if count else []
        found.append(Suspects(check, count, keys))
    return found


async def run(
    session: WriteSession, found: Sequence[Suspects], *, dry_run: bool, module: str | None = None
) -> list[dict[str, Any]]:
    """Repair what checks found and still find. `dry_run`: the same, and everything is taken back before anybody sees
    it; the answer says what would change."""
    done = []
    for item in found:
        part = await session.open_part()
        answer = await _run(session, item, dry_run=dry_run, module=module)
        await (session.take_back(part) if dry_run else part.commit())
        done.append(answer)
    if not dry_run and any(answer["fixed"] for answer in done):
        await _announce(session)
    return done


async def find_and_repair(database: Database, checks: Sequence[Check], module: str | None) -> list[dict[str, Any]]:
    """Repair what these checks find, for good."""
    async with database.read() as session:
        found = await suspects(session, checks, module)
    async with database.write() as session:
        return await run(session, found, dry_run=False, module=module)


async def _run(session: WriteSession, item: Suspects, *, dry_run: bool, module: str | None) -> dict[str, Any]:
    check, journal = item.check, Journal()
    assert check.repair is not None
    if item.keys:
        question = await check.find(session, module)
        await check.repair.lock(session, item.keys)
        # What somebody put right meanwhile is left alone: what counts is what is at fault under the locks.
        keys = await repository.still_found(session, question, item.keys)
        if keys:
            await check.repair.apply(session, keys, journal)
            await session.flush()
    answer: dict[str, Any] = {
        "repair_type": check.name,
        "found": item.count,
        "fixed": journal.changed,
        "remaining": max(0, item.count - journal.changed),
        "changes": [_shown(entry) for entry in journal.entries[:_SHOWN]],
    }
    if journal.entries and not dry_run:
        answer["repair_id"] = await _store(session, check, journal, module)
    return answer


async def _announce(session: WriteSession) -> None:
    """Records, conflicts, messages: whatever is open is read again."""
    for topic in ("reservations", "records"):
        await announce(session, topic, {})


async def _store(session: WriteSession, check: Check, journal: Journal, module: str | None) -> str:
    context, repair_id = current_context(), new_id()
    values = {
        "id": repair_id,
        "name": check.name,
        "module": module,
        "changed": journal.changed,
        "at": utc_now(),
        "actor_id": context.actor_id,
        "actor_name": context.actor_name,
    }
    await repository.add_repair(session, values, journal.entries)
    await note(session, "repair", repair_id, check=check.name, count=journal.changed)
    return repair_id


def _shown(entry: Entry) -> dict[str, Any]:
    """What a change looks like from outside: what kind of thing, and codes; never a customer."""
    shown: dict[str, Any] = {"kind": entry.kind}
    for name in ("command", "records", "status"):
        if name in entry.after:
            shown[name] = entry.after[name]
    return shown


async def undo(session: WriteSession, repair_id: str) -> dict[str, Any]:
    """Put back what a repair changed, where nobody has touched it since; once."""
    row = await repository.claim_repair(session, repair_id)
    if row is None:
        raise UnknownRepair("There is no such repair.", id=repair_id)
    if row.undone_at is not None:
        raise RepairUndone("This repair was undone already.", id=repair_id)
    (check,) = chosen(row.name)
    assert check.repair is not None
    done = await check.repair.undo(session, await repository.entries_of(session, row.seq))
    await session.flush()
    await repository.mark_undone(session, row.seq, utc_now(), current_context().actor_name)
    await note(session, "repair_undone", repair_id, check=row.name, count=done.undone)
    await _announce(session)
    return {"repair_id": repair_id, "undone_count": done.undone, "skipped_count": done.skipped}
