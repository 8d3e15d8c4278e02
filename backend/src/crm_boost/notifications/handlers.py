"""Which facts people are told (registered in `wiring.py`); in the transaction that made the fact."""

from collections.abc import Sequence
from typing import Any

from crm_boost.access.events import UnusualAccess
from crm_boost.assignments.events import Given, RecordsAssigned, RecordsRecalled
from crm_boost.assignments.policies import policy_of
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.deposits.events import DepositReviewed, DepositWaits
from crm_boost.identity.events import UserRemoved
from crm_boost.identity.permissions import Page, Permission, roles_with
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.notifications.repository import active_people, mark_read
from crm_boost.notifications.service import Message, tell_all
from crm_boost.replacement.events import InvalidAlertOpened, RecordsReturned
from crm_boost.requests.events import RequestClosed, RequestLostRecords, RequestWaits
from crm_boost.reservations.events import ConflictsBegan, OwnerTold, ReservationAsked


async def tell_receivers(session: WriteSession, event: RecordsAssigned) -> None:
    """Whoever got records is told how many, in which module and batch. Who had asked for them is told so instead."""
    if event.request_id is not None:
        return
    # Whoever rejected a record knows from the answer what replaced it.
    others = [part for part in event.given if part.staff_id != current_context().actor_id]
    await tell_all(session, _messages("records_assigned", event.module, event.operation_id, others))


async def tell_former_holders(session: WriteSession, event: RecordsRecalled) -> None:
    """Whoever lost records is told how many, in which module and batch."""
    await tell_all(session, _messages("records_recalled", event.module, event.operation_id, event.taken))


async def close_inbox_of_removed_user(session: WriteSession, event: UserRemoved) -> None:
    """Nobody will read what a removed person has not."""
    await mark_read(session, event.user_id, None, utc_now())


async def tell_of_unusual_access(session: WriteSession, event: UnusualAccess) -> None:
    """Whoever manages people is told that somebody takes far more customers than the team; not that person."""
    data: dict[str, Any] = {
        "staff_id": event.user_id,
        "staff_name": event.user_name,
        "kind": event.kind,
        "count": event.count,
    }
    if event.usual is not None:
        data["usual"] = event.usual
    managers = await active_people(session, roles_with(Permission.USERS_MANAGE), Page.USERS)
    others = [user_id for user_id in managers if user_id != event.user_id]
    await tell_all(session, [(user_id, "access_alert", data) for user_id in others])
    for user_id in others:
        await announce(session, "notifications", {}, audience=user_id)


async def tell_reviewers(session: WriteSession, event: RequestWaits) -> None:
    """Whoever decides about requests is told that one waits."""
    data = {
        "request_id": event.request_id,
        "count": event.count,
        "database_name": event.database_name,
        "staff_name": event.staff_name,
    }
    await _tell_who_may(session, Permission.REQUESTS_REVIEW, Page.REQUESTS, "request_waiting", data)


async def tell_requester(session: WriteSession, event: RequestClosed) -> None:
    """Whoever asked for records is told what came of it."""
    data: dict[str, Any] = {
        "request_id": event.request_id,
        "count": event.count,
        "database_name": event.database_name,
        "by": current_context().actor_name,
    }
    if event.reason is not None:
        data["reason"] = event.reason
    if event.batch_id is not None:
        data["batch_id"] = event.batch_id
    await tell_all(session, [(event.staff_id, f"request_{event.status}", data)])


async def tell_requester_of_loss(session: WriteSession, event: RequestLostRecords) -> None:
    """Whoever waits for records is told that some of them were reserved meanwhile."""
    data = {"request_id": event.request_id, "count": event.count, "database_name": event.database_name}
    await tell_all(session, [(event.staff_id, "request_lost_records", data)])


async def tell_reservation_managers(session: WriteSession, event: ReservationAsked) -> None:
    """Whoever decides about reservations is told that one waits."""
    data = {
        "reservation_id": event.reservation_id,
        "staff_name": event.staff_name,
        "customer_id": event.customer_id,
        "product_name": event.product_name,
    }
    await _tell_who_may(session, Permission.RESERVATIONS_MANAGE, Page.RESERVED, "reservation_waiting", data)


async def tell_deposit_managers(session: WriteSession, event: DepositWaits) -> None:
    """Whoever decides about deposits is told that one waits."""
    data = {
        "deposit_id": event.deposit_id,
        "staff_name": event.staff_name,
        "customer_id": event.customer_id,
        "product_name": event.product_name,
    }
    await _tell_who_may(session, Permission.DEPOSITS_MANAGE, Page.OMSET, "deposit_waiting", data)


async def tell_depositor(session: WriteSession, event: DepositReviewed) -> None:
    """Whoever entered a waiting deposit is told what came of it."""
    data: dict[str, Any] = {
        "deposit_id": event.deposit_id,
        "customer_id": event.customer_id,
        "by": current_context().actor_name,
    }
    if event.reason is not None:
        data["reason"] = event.reason
    await tell_all(session, [(event.staff_id, f"deposit_{event.status}", data)])


async def tell_owner(session: WriteSession, event: OwnerTold) -> None:
    """Whoever owns a reservation is told what became of it."""
    await tell_all(session, [(event.staff_id, event.kind, event.data)])


async def tell_holders_of_conflicts(session: WriteSession, event: ConflictsBegan) -> None:
    """Whoever holds records of a customer that is somebody else's now is told so; not whose (spec 1.2)."""
    data = {"count": event.count, "customer_id": event.customer_id}
    await tell_all(session, [(event.staff_id, "reservation_conflict", data)])


async def tell_validators(session: WriteSession, event: InvalidAlertOpened) -> None:
    """Whoever decides about rejected records is told, once for each opening of an alert."""
    data = {
        "module": event.module,
        "staff_id": event.staff_id,
        "staff_name": event.staff_name,
        "count": event.count,
    }
    may = roles_with(Permission.VALIDATION_MANAGE)
    of_module = set(await active_people(session, may, policy_of(event.module).page))
    validators = [user_id for user_id in await active_people(session, may, Page.VALIDATION) if user_id in of_module]
    await tell_all(session, [(user_id, "invalid_records", data) for user_id in validators])


async def tell_holders_of_returned(session: WriteSession, event: RecordsReturned) -> None:
    """Whoever had rejected records is told that they are to be worked on again."""
    data: dict[str, Any] = {"count": event.count, "module": event.module, "by": current_context().actor_name}
    if event.note is not None:
        data["note"] = event.note
    if event.batch_id is not None:
        data["batch_id"] = event.batch_id
    await tell_all(session, [(event.staff_id, "records_returned", data)])


async def _tell_who_may(
    session: WriteSession, permission: Permission, page: Page, kind: str, data: dict[str, Any]
) -> None:
    """Tell everybody who holds the permission and may open the page."""
    people = await active_people(session, roles_with(permission), page)
    await tell_all(session, [(user_id, kind, data) for user_id in people])


def _messages(kind: str, module: str, operation_id: str, parts: Sequence[Given]) -> list[Message]:
    """One message per person and batch, however many records."""
    messages: list[Message] = []
    for part in parts:
        data: dict[str, Any] = {
            "count": part.count,
            "module": module,
            "operation_id": operation_id,
            "by": current_context().actor_name,
        }
        if part.batch_id is not None:
            data["batch_id"] = part.batch_id
        messages.append((part.staff_id, kind, data))
    return messages
