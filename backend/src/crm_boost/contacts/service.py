"""Marking and judging what staff hold (spec 2.4).

Every change is one row in the events of the contact, in the same transaction; the same value again is no change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_boost.contacts.errors import AlreadyArchived, EditedMeanwhile, TakenByReservation, UnknownContacts
from crm_boost.contacts.events import AnswersChanged, ContactsChanged, RecordsRejected
from crm_boost.contacts.reasons import ensure_reason, reason_of
from crm_boost.contacts.repositories import contacts as repository
from crm_boost.contacts.stints import Outcome, Stint
from crm_boost.contacts.verdicts import YES, Field, Verdict
from crm_boost.databases.states import RecordState
from crm_boost.db.outbox import announce_to
from crm_boost.db.session import WriteSession
from crm_boost.identity.permissions import Permission, audience_with
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import FieldError

__all__ = ["Judged", "Mark", "Marked", "Reach", "Verdict", "announce_contacts", "judge", "mark", "reason_of"]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose contacts a caller may change: one staff's own, or anybody's (None) in the modules open to them."""

    holder: str | None
    modules: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What one record is to be marked with; `version` is the one the caller saw (None: whatever it is)."""

    record_id: str
    values: dict[Field, str | None]
    version: int | None = None


@dataclass(slots=True)
class Marked:
    """What became of marks: the contacts as they are now by record id, and what could not be done."""

    stints: dict[str, Stint] = field(default_factory=dict)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    """Reserved for somebody else."""

    @property
    def changed_count(self) -> int:
        return sum(stint.is_changed for stint in self.stints.values())


@dataclass(frozen=True, slots=True)
class Judged:
    """`changed` are the locked records (seq, id, module, database_id, batch_id, assigned_to …) whose verdict changed."""

    changed: list[Any]
    unchanged: list[str]


async def mark(session: WriteSession, marks: Sequence[Mark], reach: Reach) -> Marked:
    """Set marks of records that are held, all in one go. Conflicts and unknown records are reported, not raised."""
    now = utc_now()
    done = Marked(await _open(session, [m.record_id for m in marks], reach, (RecordState.ASSIGNED,)))
    clashing: list[tuple[Stint, Field, str | None]] = []
    events = []
    for wanted in marks:
        stint = done.stints.get(wanted.record_id)
        if stint is None:
            if wanted.record_id not in done.missing:
                done.missing.append(wanted.record_id)
            continue
        if stint.record.is_taken:
            done.taken.append(wanted.record_id)
            continue
        for what, value in wanted.values.items():
            before = stint.value(what)
            outcome = stint.mark(what, value, wanted.version, now)
            if outcome is Outcome.CONFLICT:
                clashing.append((stint, what, value))
            elif outcome is Outcome.CHANGED:
                events.append(_event(stint, what, before, value))
    done.conflicts = await _conflicts(session, clashing)
    await _store(session, done.stints.values(), events)
    return done


async def mark_all(session: WriteSession, marks: Sequence[Mark], reach: Reach) -> Marked:
    """Set marks of every record named, or of none: 404 naming those unknown, 409 with both values of a conflict."""
    done = await mark(session, marks, reach)
    _ensure_known(done.missing)
    _ensure_free(done.taken)
    for conflict in done.conflicts:
        # What was set beside it is taken back with the refusal.
        conflict["version"] = done.stints[conflict["record_id"]].loaded_version
    _ensure_no_conflicts(done.conflicts)
    return done


async def judge(
    session: WriteSession,
    record_ids: Sequence[str],
    verdict: Verdict | None,
    *,
    reason: str | None,
    note: str | None,
    holder: str | None,
    version: int | None = None,
    modules: Sequence[str] | None = None,
) -> Judged:
    """Give records a verdict, or take it away (None). All of them or none.

    `holder` restricts to that staff's own records, `modules` to databases of these modules: a record beyond is a 404
    that names it. `invalid` needs a reason in use. A record that was archived because it is invalid keeps its
    verdict: the same again changes nothing, another one is a 409.
    """
    if verdict is Verdict.INVALID:
        await ensure_reason(session, reason)
    else:
        reason = None
    if verdict is None:
        note = None
    now = utc_now()
    states = (RecordState.ASSIGNED, RecordState.ARCHIVED)
    stints = await _open(session, record_ids, Reach(holder, modules), states)
    _ensure_known([record_id for record_id in dict.fromkeys(record_ids) if record_id not in stints])
    _ensure_free([stint.record.id for stint in stints.values() if stint.record.is_taken])
    changed: list[Stint] = []
    clashing: list[tuple[Stint, Field, str | None]] = []
    events = []
    for stint in stints.values():
        before = stint.value(Field.VALIDATION)
        is_archived = stint.record.state == RecordState.ARCHIVED
        if before == verdict and (is_archived or _is_same(stint, reason, note)):
            continue
        if is_archived:
            message = "This record was archived. Its verdict stands."
            raise AlreadyArchived(message, id=stint.record.id, state=stint.record.state)
        if stint.clashes(Field.VALIDATION, version):
            clashing.append((stint, Field.VALIDATION, verdict))
            continue
        stint.touch(Field.VALIDATION, now, is_set=verdict is not None)
        stint.contact["verdict_note"] = note
        events.append(_event(stint, Field.VALIDATION, before, verdict, reason=reason, note=note))
        changed.append(stint)
    _ensure_no_conflicts(await _conflicts(session, clashing))
    if changed:
        await repository.set_verdict(session, [stint.record.seq for stint in changed], verdict, reason)
    await _store(session, changed, events)
    if changed and verdict is Verdict.INVALID and reason is not None:
        found = (stint.record for stint in changed)
        await session.emit(RecordsRejected(reason, tuple((r.id, r.module, r.assigned_to) for r in found)))
    moved = {stint.record.id for stint in changed}
    return Judged([stint.record for stint in changed], [record_id for record_id in stints if record_id not in moved])


def _ensure_free(record_ids: Sequence[str]) -> None:
    if record_ids:
        message = "This customer is reserved for somebody else. The record cannot be marked any more."
        raise TakenByReservation(message, errors=[FieldError("record_ids", message)], record_ids=list(record_ids))


async def _open(
    session: WriteSession, record_ids: Sequence[str], reach: Reach, states: tuple[RecordState, ...]
) -> dict[str, Stint]:
    """Lock records and return them with their contacts, in the order asked for."""
    ids = list(dict.fromkeys(record_ids))
    rows = await repository.lock_dealt(session, ids, holder=reach.holder, modules=reach.modules, states=states)
    contacts = await repository.contacts_of(session, [row.seq for row in rows])
    found = {row.id: Stint.of(row, contacts.get((row.seq, row.deal_rank))) for row in rows}
    return {record_id: found[record_id] for record_id in ids if record_id in found}


def _is_same(stint: Stint, reason: str | None, note: str | None) -> bool:
    has_note = note is None or note == stint.contact["verdict_note"]
    return stint.record.validation_reason == reason and has_note


def _event(
    stint: Stint,
    what: Field,
    before: str | None,
    value: str | None,
    *,
    reason: str | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    context = current_context()
    return {
        "record_seq": stint.record.seq,
        "deal_rank": stint.record.deal_rank,
        "staff_id": stint.contact["staff_id"],
        "at": utc_now(),
        "actor_id": context.actor_id,
        "actor_name": context.actor_name,
        "field": what,
        "from_value": before,
        "to_value": value,
        "reason": reason,
        "note": note,
        "correlation_id": context.correlation_id,
    }


async def _store(session: WriteSession, stints: Any, events: Sequence[dict[str, Any]]) -> None:
    changed = [stint for stint in stints if stint.is_changed]
    if not changed:
        return
    await repository.put_contacts(session, [stint.contact for stint in changed], events)
    await session.emit(ContactsChanged(tuple(stint.record.seq for stint in changed)))
    answers = [event for event in events if event["field"] == Field.RESPOND and YES in _ends(event)]
    if answers:
        seqs, people = ({event[name] for event in answers} for name in ("record_seq", "staff_id"))
        await session.emit(AnswersChanged(tuple(sorted(seqs)), tuple(sorted(people))))
    for staff_id in sorted({stint.contact["staff_id"] for stint in changed}):
        touched = {stint.record.database_id for stint in changed if stint.contact["staff_id"] == staff_id}
        await announce_contacts(session, staff_id, sorted(touched))


def _ends(event: dict[str, Any]) -> tuple[Any, Any]:
    return event["from_value"], event["to_value"]


async def announce_contacts(session: WriteSession, staff_id: str | None, database_ids: Sequence[str]) -> None:
    """Announce a change of a holder's contacts to the holder and to those who see everybody's. Other staff are left
    in peace: marks come all day long."""
    payload = {"staff_id": staff_id, "database_ids": list(database_ids)}
    overseers = audience_with(Permission.RECORDS_READ_ALL)
    await announce_to(session, "contacts", payload, [overseers, staff_id] if staff_id else [overseers])


async def _conflicts(
    session: WriteSession, clashing: Sequence[tuple[Stint, Field, str | None]]
) -> list[dict[str, Any]]:
    if not clashing:
        return []
    keys = [(stint.record.seq, stint.record.deal_rank, str(what)) for stint, what, _ in clashing]
    latest = await repository.latest_events(session, keys)
    found = []
    for (stint, what, yours), key in zip(clashing, keys, strict=True):
        event = latest[key]
        found.append(
            {
                "record_id": stint.record.id,
                "field": str(what),
                "yours": yours,
                "theirs": stint.value(what),
                "by_name": event.actor_name,
                "at": event.at,
                "version": stint.version,
            }
        )
    return found


def _ensure_known(missing: Sequence[str]) -> None:
    if missing:
        message = "You hold no such records." if len(missing) > 1 else "You hold no such record."
        raise UnknownContacts(message, errors=[FieldError("record_ids", message)], record_ids=list(missing))


def _ensure_no_conflicts(conflicts: list[dict[str, Any]]) -> None:
    if conflicts:
        message = "Somebody else changed this meanwhile. Look at both values and decide."
        version = max(conflict["version"] for conflict in conflicts)
        raise EditedMeanwhile(message, conflicts=conflicts, version=version)
