"""What admins do with rejected records (spec 2.5): replace and archive them, return them to staff, restore, dismiss."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crm_boost.assignments import archive, trash
from crm_boost.assignments.errors import NothingMoved
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.repositories import replacing
from crm_boost.contacts import service as contacts
from crm_boost.contacts.errors import TakenByReservation
from crm_boost.contacts.verdicts import Verdict
from crm_boost.databases.counts_repository import counts_by_state
from crm_boost.databases.states import RecordState
from crm_boost.db.session import WriteSession
from crm_boost.kit.errors import FieldError
from crm_boost.pools.repository import database_names
from crm_boost.replacement.alerts import reconcile_rows
from crm_boost.replacement.errors import NoInvalidRecords, NotInvalid, UnknownArchived, UnknownStaff
from crm_boost.replacement.events import RecordsReturned
from crm_boost.replacement.repositories import alerts
from crm_boost.replacement.repositories import replacements as repository
from crm_boost.replacement.validate import link

RESERVED_FOR_OTHERS = "reserved_for_others"
NOT_REJECTED = "not_rejected"

_secure = random.SystemRandom()


async def process(
    session: WriteSession,
    policy: Policy,
    staff_id: str,
    record_ids: Sequence[str] | None,
    replace_count: int | None,
    *,
    rng: random.Random = _secure,
) -> dict[str, Any]:
    """Archive records that a staff has rejected, those named or all of the module, and deal up to `replace_count` new
    ones (None: one for each) of the same databases into the same batches. What could not be dealt is told by database.
    """
    if not await alerts.names_of(session, [staff_id]):
        message = "There is no such user."
        raise UnknownStaff(message, errors=[FieldError("staff_id", message)], id=staff_id)
    rejected = await repository.invalid_ids(session, policy.module, staff_id)
    wanted = set(rejected if record_ids is None else record_ids)
    chosen = [record_id for record_id in rejected if record_id in wanted]
    if not chosen:
        message = "This person has no such rejected records."
        raise NoInvalidRecords(message, errors=[FieldError("record_ids", message)], staff_id=staff_id)
    replace = len(chosen) if replace_count is None else min(replace_count, len(chosen))
    done = await archive.archive_invalid(session, policy, chosen, replace=replace, staff_id=staff_id, rng=rng)
    await link(session, policy, done, by_rule=False)
    dealt = Counter(pair.archived.database_id for pair in done.pairs)
    touched = sorted({*dealt, *done.shortage})
    names = await database_names(session, touched)
    counts = await counts_by_state(session, touched) if touched else {}
    return {
        "operation_id": done.operation.id if done.operation is not None else "",
        "archived_count": done.archived,
        "new_assigned_count": done.replaced,
        "skipped_reserved": sum(by_state.get(RecordState.RESERVED, 0) for by_state in counts.values()),
        "shortage": [
            {"database_id": i, "database_name": names[i].name, "missing": missing}
            for i, missing in sorted(done.shortage.items())
        ],
        "details": [
            {
                "database_id": i,
                "database_name": names[i].name,
                "assigned_count": dealt[i],
                "missing": done.shortage.get(i, 0),
            }
            for i in touched
        ],
    }


async def return_to_staff(
    session: WriteSession, record_ids: Sequence[str], modules: Sequence[str], note: str | None
) -> dict[str, Any]:
    """Take verdicts of rejection back: the records are worked on again by whoever holds them, who is told.

    Records that cannot go back are left as they are, and the answer says why: `reserved_for_others` cannot be worked on
    any more, `not_rejected` are not rejected (any more). 409 when none can.
    """
    ids = list(dict.fromkeys(record_ids))
    rejected = await repository.invalid_among(session, ids, modules)
    chosen = [record_id for record_id in ids if rejected.get(record_id) is False]
    taken = sum(rejected.values())
    skipped = {RESERVED_FOR_OTHERS: taken, NOT_REJECTED: len(ids) - len(rejected)}
    if not chosen and taken:
        message = "These customers are reserved for somebody else."
        raise TakenByReservation(message, errors=[FieldError("record_ids", message)], record_ids=list(rejected))
    if not chosen:
        message = "None of these records is rejected now."
        raise NotInvalid(message, errors=[FieldError("record_ids", message)])
    judged = await contacts.judge(session, chosen, None, reason=None, note=None, holder=None, modules=modules)
    returned = [row for row in judged.changed if row.validation_status == Verdict.INVALID]
    if len(returned) != len(judged.changed):
        message = "Some of these records have just been judged again."
        raise NotInvalid(message, errors=[FieldError("record_ids", message)])
    counts = Counter((row.module, row.assigned_to, row.batch_id) for row in returned)
    for (module, staff_id, batch_id), count in sorted(counts.items(), key=str):
        await session.emit(RecordsReturned(module, staff_id, count, note, batch_id))
    await reconcile_rows(session, returned)
    return {"returned_count": len(returned), "skipped": _by_reason(skipped)}


def _by_reason(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"reason": reason, "count": count} for reason, count in sorted(counts.items()) if count]


async def restore(session: WriteSession, record_ids: Sequence[str], modules: Sequence[str]) -> dict[str, Any]:
    """Bring archived records of these modules back to the pools; reservations are looked at again.

    Those that are not archived (any more) are left as they are, and counted by the state they are in.
    """
    ids = list(dict.fromkeys(record_ids))
    by_module = await _archived_by_module(session, ids, modules)
    operation_id, count, refused = "", 0, None
    skipped: Counter[str] = Counter(unknown=len(ids) - sum(map(len, by_module.values())))
    for module, ids in sorted(by_module.items()):
        try:
            done = await archive.restore_archived(session, policy_of(module), ids)
        except NothingMoved as error:
            refused = error
            skipped.update(error.extras["states"])
            continue
        skipped.update(done["skipped"])
        operation_id, count = operation_id or done["operation_id"], count + done["restored_count"]
    if not count and refused is not None:
        raise refused
    return {"operation_id": operation_id, "restored_count": count, "skipped": _by_reason(skipped)}


async def _archived_by_module(
    session: WriteSession, record_ids: Sequence[str], modules: Sequence[str]
) -> dict[str, list[str]]:
    by_module = await replacing.modules_of(session, record_ids)
    found = {module: ids for module, ids in by_module.items() if module in modules}
    if not found:
        message = "There are no such records."
        raise UnknownArchived(message, errors=[FieldError("record_ids", message)])
    return found


async def discard(session: WriteSession, policy: Policy, record_id: str) -> dict[str, Any]:
    """Move one archived record to the trash."""
    if not await repository.is_archived(session, policy.module, record_id):
        raise UnknownArchived("There is no such record in the archive.", id=record_id)
    return await trash.trash_records(session, policy, [record_id])


async def restore_one(session: WriteSession, policy: Policy, record_id: str) -> dict[str, Any]:
    """Bring one archived record back to the pool."""
    if not await repository.is_archived(session, policy.module, record_id):
        raise UnknownArchived("There is no such record in the archive.", id=record_id)
    return await archive.restore_archived(session, policy, [record_id])
