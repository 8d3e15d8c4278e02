"""Alerts about rejected records (spec 2.5): one open per staff and module, its count derived, never stored."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.replacement.events import InvalidAlertOpened
from crm_boost.replacement.repositories import alerts as repository
from crm_boost.replacement.repositories.replacements import count_invalid


async def reconcile_alerts(
    session: WriteSession, module: str, staff_ids: Collection[str], *, grew: Collection[str] = ()
) -> None:
    """Bring the alerts of these staff into step with what they have rejected: after every change of that count.

    None left: the alert is resolved. For those in `grew` an alert is opened where none is open, also after the last
    one was dismissed; admins are told once for each opening. Alerts are locked after everything else.
    """
    everybody = sorted({*staff_ids, *grew})
    already = await repository.lock_open(session, module, everybody)
    if not already and not grew:
        return
    # Counted after the lock: what others did meanwhile is seen.
    counts = await count_invalid(session, module, everybody)
    now = utc_now()
    over = [alert_id for staff_id, alert_id in already.items() if not counts.get(staff_id)]
    if over:
        await repository.close(session, over, repository.RESOLVED, now)
    growing = [already[i] for i in everybody if i in grew and i in already and counts.get(i)]
    if growing:
        await repository.note_growth(session, growing, now)
    missing = [i for i in everybody if i in grew and i not in already and counts.get(i)]
    if missing:
        opened = await repository.open_for(session, module, missing, now)
        names = await repository.names_of(session, opened)
        for staff_id in sorted(opened):
            await session.emit(InvalidAlertOpened(module, staff_id, names[staff_id], counts[staff_id]))
    await announce(session, "validation", {"module": module})


async def reconcile_rows(session: WriteSession, rows: Iterable[Any], *, grew: bool = False) -> None:
    """The same for the holders of these records (module, assigned_to), one module after the other."""
    by_module: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_module[row.module].add(row.assigned_to)
    for module, staff_ids in sorted(by_module.items()):
        await reconcile_alerts(session, module, staff_ids, grew=staff_ids if grew else ())


async def dismiss(session: WriteSession, module: str, staff_id: str | None) -> int:
    """Put away the alerts of a module (of one staff). No record changes; the next rejected record opens one again."""
    found = await repository.lock_open(session, module, None if staff_id is None else [staff_id])
    if not found:
        return 0
    count = await repository.close(session, list(found.values()), repository.DISMISSED, utc_now())
    await announce(session, "validation", {"module": module})
    return count
