"""Keeping stored follow-ups equal to their definition (spec 5.1), and the counters equal to what is stored.

A follow-up is of somebody who answered yes and is still assigned; it is closed while the holder has a counting deposit of
the (customer, product) on or after the day of the answer. Whatever may have changed that is noted with `touch`; at the end
of the transaction all of it is compared once. The follow-ups of a staff are settled by one transaction at a time: a yes
and a deposit side by side would otherwise not see each other.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_boost.contacts.repositories.contacts import add_events
from crm_boost.db.outbox import announce_to
from crm_boost.db.session import WriteSession
from crm_boost.deposits.classification import Key
from crm_boost.followups import repository
from crm_boost.followups.states import FollowUpState, state_of
from crm_boost.identity.permissions import Permission, audience_with
from crm_boost.kit.clock import business_date, utc_now
from crm_boost.kit.context import current_context

_NAME = "followups"
FIELD = "follow_up"
"""What the history of a contact calls a change of its follow-up."""

Row = dict[str, Any]


@dataclass(slots=True)
class _Touched:
    records: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)
    staff: set[str] = field(default_factory=set)
    keys: set[Key] = field(default_factory=set)


def touch(
    session: WriteSession,
    *,
    records: Iterable[int] = (),
    moved: Iterable[int] = (),
    staff: Iterable[str] = (),
    keys: Iterable[Key] = (),
) -> None:
    """Note what to compare at the end: `records` of these `staff`, records that `moved` from or to anybody, customers."""
    touched: _Touched = session.info.setdefault(_NAME, _Touched())
    touched.records.update(records)
    touched.moved.update(moved)
    touched.staff.update(staff)
    touched.keys.update(keys)
    session.before_commit(_NAME, _settle)


async def _settle(session: WriteSession) -> None:
    await settle(session)


async def settle(session: WriteSession) -> int:
    """Compare what was touched with its definition and store what differs; return how many follow-ups did."""
    touched: _Touched = session.info.pop(_NAME, _Touched())
    people = touched.staff | {key.staff_id for key in touched.keys}
    seqs = set(touched.records)
    if touched.moved:
        # Most of what moves was never followed up; whose follow-ups the others are or were is known.
        followed = await repository.followed(session, touched.moved)
        seqs |= {seq for seq, _ in followed}
        people |= {staff_id for _, staff_id in followed}
    await repository.lock_staff(session, people)
    if touched.keys:
        seqs |= await repository.records_of_customers(session, touched.keys)
    if not seqs:
        return 0
    stored = await repository.stored(session, seqs)
    wanted = await _defined(session, seqs, stored)
    before, after = [], []
    for key in stored.keys() | wanted.keys():
        row = wanted.get(key)
        if row is None:
            row = {**stored[key], "state": FollowUpState.ENDED}
        if row != stored.get(key):
            after.append(row)
            before.append(stored.get(key))
    await _store(session, before, after)
    return len(after)


async def _defined(
    session: WriteSession, seqs: Iterable[int], stored: dict[tuple[int, int], Row]
) -> dict[tuple[int, int], Row]:
    """Return the rows that have to be there, each with what a person said about the same answer."""
    zone = session.business.tz
    found = {}
    for standing in await repository.standing(session, seqs):
        key = (standing["record_seq"], standing["deal_rank"])
        last = standing.pop("last_date")
        day = business_date(zone, standing["respond_at"])
        said = stored.get(key)
        if said is None or said["respond_at"] != standing["respond_at"]:
            said = {"outcome": None, "snoozed_until": None}
        outcome = said["outcome"]
        found[key] = {
            **standing,
            "respond_on": day,
            "state": state_of(is_deposited=last is not None and last >= day, outcome=outcome),
            "outcome": outcome,
            "snoozed_until": said["snoozed_until"],
        }
    return found


async def _store(session: WriteSession, before: Sequence[Row | None], after: Sequence[Row]) -> None:
    if not after:
        return
    await repository.put(session, after)
    totals: Counter[tuple[Any, ...]] = Counter()
    days: Counter[tuple[Any, ...]] = Counter()
    for row, sign in [*((row, 1) for row in after), *((row, -1) for row in before if row is not None)]:
        place = (row["staff_id"], row["product_id"], row["database_id"])
        if row["state"] != FollowUpState.ENDED:
            totals[*place, str(row["state"])] += sign
        if row["state"] == FollowUpState.OPEN:
            days[row["respond_on"], *place] += sign
    await repository.add_to_counters(session, totals, days)
    events = [
        event(new, old["state"], new["state"])
        for old, new in zip(before, after, strict=True)
        if old is not None and _is_about_money(old, new)
    ]
    if events:
        await add_events(session, events)
    await announce(session, {row["staff_id"] for row in [*after, *(row for row in before if row is not None)]})


def _is_about_money(old: Row, new: Row) -> bool:
    """Whether a deposit closed or opened it: the rest of what happens to a follow-up is in the history already."""
    states = (old["state"], new["state"])
    return states[0] != states[1] and FollowUpState.DEPOSITED in states and FollowUpState.ENDED not in states


def event(row: Row, before: str | None, now: str, note: str | None = None) -> Row:
    """Return the row of the contact's history that says what became of its follow-up."""
    context = current_context()
    return {
        "record_seq": row["record_seq"],
        "deal_rank": row["deal_rank"],
        "staff_id": row["staff_id"],
        "at": utc_now(),
        "actor_id": context.actor_id,
        "actor_name": context.actor_name,
        "field": FIELD,
        "from_value": before,
        "to_value": str(now),
        "reason": None,
        "note": note,
        "correlation_id": context.correlation_id,
    }


async def announce(session: WriteSession, staff: Iterable[str]) -> None:
    """Announce to these people, and to those who see everybody's, that follow-ups changed."""
    people = sorted(staff)
    audiences = [audience_with(Permission.RECORDS_READ_ALL), *people]
    await announce_to(session, _NAME, {}, audiences)
