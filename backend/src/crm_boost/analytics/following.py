"""The figures of work follow marks, moves and deposits in the transaction that changes them (ADR 33).

What changes is noted where it happens and settled once, at the end of the transaction, under a lock of the staff whose
figures they are. An item is compared with what its contact and the ledger say now, and the difference moves the roll-up;
so it does not matter how often something is noted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm_boost.analytics import response_write_repository as responses
from crm_boost.analytics import work_write_repository as repository
from crm_boost.analytics.counting import Place, Work, counted, first_since, item_of, moved
from crm_boost.analytics.response_times import Band, Times, note_times
from crm_boost.contacts.verdicts import YES
from crm_boost.db.dialect import has_parallel_writers
from crm_boost.db.session import WriteSession
from crm_boost.deposits.classification import Key
from crm_boost.kit.clock import business_date

_NAME = "work figures"
_AT_ONCE = 500


@dataclass(slots=True)
class Noted:
    """What a transaction has touched so far."""

    seqs: set[int] = field(default_factory=set)
    keys: set[Key] = field(default_factory=set)
    former_products: dict[str, str] = field(default_factory=dict)
    handed: dict[Place, Work] = field(default_factory=dict)
    times: dict[Band, Times] = field(default_factory=dict)


def _noted(session: WriteSession) -> Noted:
    session.before_commit(_NAME, _settle)
    found: Noted = session.info.setdefault(_NAME, Noted())
    return found


def note_marks(session: WriteSession, seqs: Iterable[int]) -> None:
    """The contacts of these records have changed."""
    _noted(session).seqs.update(seqs)


def note_deposits(session: WriteSession, keys: Iterable[Key]) -> None:
    """Other deposits of these keys count than before."""
    _noted(session).keys.update(keys)


def note_product(session: WriteSession, database_id: str, former: str) -> None:
    """A database belongs to another product than the former one, and other deposits to what was answered."""
    _noted(session).former_products.setdefault(database_id, former)


def note_handed_out(session: WriteSession, counts: Iterable[tuple[datetime, str, str, int]]) -> None:
    """So many records were handed out, or no longer are: by the instant at which they were, staff and database."""
    handed = _noted(session).handed
    for at, staff_id, database_id, count in counts:
        place = Place(business_date(session.business.tz, at), staff_id, database_id)
        handed.setdefault(place, Work()).assigned += count


async def note_hand_outs(session: WriteSession, operation_seq: int, seqs: Iterable[int]) -> None:
    """Records have another hand-out than before this operation, or none."""
    handed = _noted(session).handed
    for sign, at, staff_id, database_id, count in await repository.hand_outs_moved(session, operation_seq, list(seqs)):
        place = Place(business_date(session.business.tz, at), staff_id, database_id)
        handed.setdefault(place, Work()).assigned += sign * count


async def _settle(session: WriteSession) -> None:
    noted: Noted = session.info.pop(_NAME)
    people = {key.staff_id for key in noted.keys}
    if noted.seqs and has_parallel_writers(session):
        people |= await repository.staff_of(session, noted.seqs)
    if noted.former_products:
        # What somebody does meanwhile must not count with the former product.
        people |= await responses.everybody(session)
    await repository.lock_staff(session, people)
    seqs = set(noted.seqs)
    if noted.keys:
        seqs |= {seq for seq, _ in await repository.answered_by(session, noted.keys)}
    for database_id, former in sorted(noted.former_products.items()):
        await responses.move_to_product(session, database_id, former)
        seqs |= {seq for seq, _ in await repository.answered_in(session, database_id)}
    wanted = sorted(seqs)
    for start in range(0, len(wanted), _AT_ONCE):
        await _refresh(session, wanted[start : start + _AT_ONCE], noted)
    await repository.add_to_places(session, noted.handed)
    await responses.add_times(session, noted.times)


async def _refresh(session: WriteSession, seqs: list[int], noted: Noted) -> None:
    marks = await repository.marks_of(session, seqs)
    before = {(row["record_seq"], row["deal_rank"]): repository.stored_in(row) for row in marks}
    differing = {key: item for key, item in (await items_from(session, marks)).items() if before[key] != item}
    products = {(row["record_seq"], row["deal_rank"]): row["product_id"] for row in marks}
    for key, item in differing.items():
        moved(noted.handed, counted(before[key]), counted(item))
        note_times(noted.times, before[key], products[key], -1)
        note_times(noted.times, item, products[key], 1)
    await repository.put_items(session, list(differing.values()))


async def items_from(session: WriteSession, marks: list[dict[str, Any]]) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what contacts say in figures, with the first deposit since a yes."""
    zone = session.business.tz
    items = {(row["record_seq"], row["deal_rank"]): item_of(row, zone) for row in marks}
    keys = {
        (row["record_seq"], row["deal_rank"]): Key(row["staff_id"], row["customer_key"], row["product_id"])
        for row in marks
        if row["respond_status"] == YES
    }
    days = await repository.deposit_days(session, set(keys.values()))
    for place, key in keys.items():
        items[place]["deposited_on"] = first_since(days.get(key, ()), items[place]["respond_on"])
    return items
