"""Which facts webhooks are told (registered in `wiring.py`), in the transaction that made the fact.

What is told are ids and counts: whoever may know more asks for it with a token of their own. While nobody wants to hear
of something, it costs nothing: what is wanted is kept by each process, and read again every few seconds.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from crm_boost.assignments.events import RecordsAssigned
from crm_boost.contacts.events import RecordsRejected
from crm_boost.db.session import WriteSession
from crm_boost.deposits.events import DepositBegan, DepositsImported
from crm_boost.reservations.events import ReservationsBegan
from crm_boost.webhooks import repository
from crm_boost.webhooks.events import InterestRead, WebhooksChanged
from crm_boost.webhooks.kinds import HookEvent
from crm_boost.webhooks.service import tell

_AT_ONCE = 100
"""Ids that one event names; of more there are several events."""


class Hearing:
    """What any webhook wants to hear, as this process knows it: nothing, until it has been read."""

    def __init__(self) -> None:
        self._wanted: frozenset[str] = frozenset()

    def _learn(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted

    async def read(self, _session: Any, event: InterestRead) -> None:
        """What is wanted was read."""
        self._learn(event.wanted)

    async def webhooks_changed(self, session: WriteSession, _event: WebhooksChanged) -> None:
        """This process knows at once."""
        wanted = frozenset(name for row in await repository.interests(session) for name in row.events)
        session.after_commit(partial(self._learn, wanted))

    async def assigned(self, session: WriteSession, event: RecordsAssigned) -> None:
        """Records were handed out: to whom, and how many."""
        await self._tell(session, HookEvent.RECORDS_ASSIGNED, lambda: [_assigned(event)])

    async def rejected(self, session: WriteSession, event: RecordsRejected) -> None:
        """Records were judged invalid: whose, and which."""
        await self._tell(session, HookEvent.RECORDS_INVALID, lambda: _rejected(event))

    async def reserved(self, session: WriteSession, event: ReservationsBegan) -> None:
        """Reservations protect customers from now on."""
        await self._tell(session, HookEvent.RESERVATION_STARTED, lambda: _reserved(event))

    async def deposit(self, session: WriteSession, event: DepositBegan) -> None:
        """A deposit counts from now on."""
        await self._tell(session, HookEvent.DEPOSIT_COUNTED, lambda: [_deposit(event)])

    async def deposits_imported(self, session: WriteSession, event: DepositsImported) -> None:
        """The deposits of a file were booked."""
        data = {"import_id": event.import_id, "approved": event.approved, "pending": event.pending}
        await self._tell(session, HookEvent.DEPOSITS_IMPORTED, lambda: [data])

    async def _tell(self, session: WriteSession, event: HookEvent, data: Callable[[], list[dict[str, Any]]]) -> None:
        if event in self._wanted:
            await tell(session, event, data())


def _assigned(event: RecordsAssigned) -> dict[str, Any]:
    parts = [
        {"staff_id": part.staff_id, "count": part.count} | ({"batch_id": part.batch_id} if part.batch_id else {})
        for part in event.given
    ]
    data = {"module": event.module, "operation_id": event.operation_id, "given": parts}
    return data | ({"request_id": event.request_id} if event.request_id else {})


def _rejected(event: RecordsRejected) -> list[dict[str, Any]]:
    by_holder: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record_id, module, staff_id in event.records:
        by_holder[staff_id, module].append(record_id)
    return [
        {"staff_id": staff_id, "module": module, "reason": event.reason, "record_ids": ids[start : start + _AT_ONCE]}
        for (staff_id, module), ids in sorted(by_holder.items())
        for start in range(0, len(ids), _AT_ONCE)
    ]


def _reserved(event: ReservationsBegan) -> list[dict[str, Any]]:
    rows = [
        {"reservation_id": reservation_id, "staff_id": staff_id, "product_id": product_id}
        for reservation_id, staff_id, product_id in event.reservations
    ]
    return [{"reservations": rows[start : start + _AT_ONCE]} for start in range(0, len(rows), _AT_ONCE)]


def _deposit(event: DepositBegan) -> dict[str, Any]:
    return {
        "deposit_id": event.deposit_id,
        "staff_id": event.staff_id,
        "product_id": event.product_id,
        "record_date": event.record_date.isoformat(),
        "customer_type": event.customer_type,
    }
