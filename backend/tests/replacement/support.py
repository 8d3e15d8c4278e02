"""Short ways to judge, replace and process in tests: each call is a unit of work of its own, committed for real."""

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from crm_boost.assignments.policies import policy_of
from crm_boost.contacts.service import Reach
from crm_boost.db.engine import Database
from crm_boost.notifications.models import Notification
from crm_boost.replacement import alerts, process
from crm_boost.replacement.models import InvalidAlert, Replacement
from crm_boost.replacement.policy_settings import ReplacementRule, change_rule
from crm_boost.replacement.validate import Judgement, validate
from tests.support.factories import Account, Stored


async def rule(database: Database, module: str, quota: int = 10, *, on: bool = True) -> None:
    """Switch the rule of a module on (or off)."""
    async with database.write() as session:
        wanted = ReplacementRule(auto_replace_invalid=on, max_replacements_per_batch=quota)
        await change_rule(session, policy_of(module), wanted)


async def judge(
    database: Database,
    staff: Account | None,
    record_ids: Sequence[str],
    is_valid: bool | None = False,
    *,
    reason: str | None = "wrong_number",
    **options: Any,
) -> dict[str, Any]:
    """Judge records as their holder, or (staff None) as an admin."""
    modules = None if staff is not None else options.pop("modules", ["normal", "memberwd", "bonanza", "fourth"])
    reach = Reach(staff.id if staff is not None else None, modules)
    wanted = Judgement(list(record_ids), is_valid, reason if is_valid is False else None, **options)
    async with database.write() as session:
        return await validate(session, wanted, reach, rng=random.Random(3))


async def work_off(
    database: Database, stored: Stored, staff: Account, replace: int | None, record_ids: Sequence[str] | None = None
) -> dict[str, Any]:
    """Process what a staff has rejected."""
    async with database.write() as session:
        return await process.process(session, policy_of(stored.module), staff.id, record_ids, replace)


async def give_back(
    database: Database, stored: Stored, record_ids: Sequence[str], note: str | None = None
) -> dict[str, Any]:
    """Return rejected records to their holders."""
    async with database.write() as session:
        return await process.return_to_staff(session, record_ids, [stored.module], note)


async def dismiss(database: Database, module: str, staff: Account | None = None) -> int:
    """Put alerts away."""
    async with database.write() as session:
        return await alerts.dismiss(session, module, staff.id if staff is not None else None)


async def alert_states(database: Database) -> list[tuple[str, str]]:
    """Every alert there ever was, the oldest first: (staff, status)."""
    async with database.read() as session:
        rows = await session.scalars(select(InvalidAlert).order_by(InvalidAlert.seq))
        return [(row.staff_id, row.status) for row in rows]


async def replacements(database: Database) -> list[Replacement]:
    """Every replacement made, in order."""
    async with database.read() as session:
        return list((await session.scalars(select(Replacement).order_by(Replacement.seq))).all())


async def told(database: Database, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Who was told what of this kind."""
    async with database.read() as session:
        rows = await session.scalars(select(Notification).where(Notification.type == kind).order_by(Notification.seq))
        return [(row.user_id, row.data) for row in rows]


async def everything(database: Database) -> dict[str, Any]:
    """How many rows there are of everything that a judgement can write: equal before and after when nothing was."""
    from crm_boost.assignments.models import Operation, RecordHistory
    from crm_boost.contacts.models import Contact, ContactEvent
    from crm_boost.databases.models import Record

    async with database.read() as session:
        found: dict[str, Any] = {}
        for table in (Operation, RecordHistory, Contact, ContactEvent, InvalidAlert, Replacement, Notification):
            found[table.__name__] = await session.scalar(select(func.count()).select_from(table))
        rows = await session.execute(
            select(Record.id, Record.state, Record.assigned_to, Record.validation_status, Record.replaced_by)
        )
        found["records"] = sorted(tuple(row) for row in rows)
        return found
