"""Every event and who reacts to it, in one list. Calls go down the layers; events go up, and meet here."""

from crm_boost.access.events import UnusualAccess
from crm_boost.analytics import handlers as analytics
from crm_boost.assignments import handlers as assignments
from crm_boost.assignments.events import (
    DatabaseChangedProduct,
    DatabaseTrashed,
    HandedOut,
    HandOutsChanged,
    HeldRecordsDropped,
    HoldersChanged,
    RecordsArchived,
    RecordsAssigned,
    RecordsRecalled,
    VerdictsRestored,
)
from crm_boost.contacts.events import AnswersChanged, ContactsChanged, RecordsRejected
from crm_boost.databases import handlers as databases
from crm_boost.deposits import handlers as deposits
from crm_boost.deposits.events import (
    CountingDepositsChanged,
    DepositBegan,
    DepositReviewed,
    DepositsImported,
    DepositWaits,
    LastDepositsChanged,
)
from crm_boost.followups import handlers as followups
from crm_boost.health.checks import register
from crm_boost.identity.events import UserRemoved
from crm_boost.jobs.stuck import STUCK_JOBS
from crm_boost.kit.events import EventBus
from crm_boost.notifications import handlers as notifications
from crm_boost.products.events import ProductUsageAsked
from crm_boost.replacement import handlers as replacement
from crm_boost.replacement.events import InvalidAlertOpened, RecordsReturned
from crm_boost.requests import handlers as requests
from crm_boost.requests.events import RequestClosed, RequestLostRecords, RequestWaits
from crm_boost.reservations import handlers as reservations
from crm_boost.reservations.events import (
    ConflictsBegan,
    CustomersClaimed,
    OwnerTold,
    ReservationAsked,
    ReservationsBegan,
)
from crm_boost.retention import handlers as retention
from crm_boost.webhooks.events import InterestRead, WebhooksChanged
from crm_boost.webhooks.handlers import Hearing


def build_bus() -> EventBus:
    """Return the bus with every handler registered; health learns of the checks of the layers above it."""
    register(STUCK_JOBS)
    bus = EventBus()
    bus.on(ProductUsageAsked, databases.count_databases_of_products)
    # Before the engine: requests are locked before the records held for them.
    bus.on(UserRemoved, requests.cancel_of_removed_user)
    bus.on(UserRemoved, reservations.release_of_removed_user)
    bus.on(UserRemoved, assignments.take_back_from_removed_user)
    bus.on(RecordsAssigned, notifications.tell_receivers)
    bus.on(RecordsRecalled, notifications.tell_former_holders)
    bus.on(DatabaseTrashed, requests.cancel_of_trashed_database)
    bus.on(UnusualAccess, notifications.tell_of_unusual_access)
    bus.on(RequestWaits, notifications.tell_reviewers)
    bus.on(RequestClosed, notifications.tell_requester)
    bus.on(RecordsRecalled, assignments.end_conflicts)
    bus.on(RecordsArchived, assignments.end_conflicts)
    # Alerts are locked last.
    bus.on(RecordsRecalled, replacement.after_recall)
    bus.on(RecordsArchived, replacement.after_archiving)
    bus.on(VerdictsRestored, replacement.after_restoring)
    bus.on(InvalidAlertOpened, notifications.tell_validators)
    bus.on(RecordsReturned, notifications.tell_holders_of_returned)
    bus.on(CustomersClaimed, assignments.follow_claims)
    bus.on(CustomersClaimed, deposits.follow_claims)
    bus.on(HeldRecordsDropped, requests.note_dropped_records)
    bus.on(RequestLostRecords, notifications.tell_requester_of_loss)
    # What waits in the inbox of whoever is gone waits no longer.
    bus.on(UserRemoved, notifications.close_inbox_of_removed_user)
    bus.on(ReservationAsked, notifications.tell_reservation_managers)
    bus.on(OwnerTold, notifications.tell_owner)
    bus.on(ConflictsBegan, notifications.tell_holders_of_conflicts)
    bus.on(DepositWaits, notifications.tell_deposit_managers)
    bus.on(DepositReviewed, notifications.tell_depositor)
    bus.on(CountingDepositsChanged, retention.follow_ledger)
    # These only note what to look at: it is settled when everything else is done.
    bus.on(AnswersChanged, followups.follow_answers)
    bus.on(HoldersChanged, followups.follow_holders)
    bus.on(LastDepositsChanged, followups.follow_deposits)
    bus.on(ContactsChanged, analytics.follow_contacts)
    bus.on(HandOutsChanged, analytics.follow_hand_outs)
    bus.on(HandedOut, analytics.follow_beginnings)
    bus.on(CountingDepositsChanged, analytics.follow_ledger)
    bus.on(DatabaseChangedProduct, analytics.follow_product)
    _let_webhooks_hear(bus)
    return bus


def _let_webhooks_hear(bus: EventBus) -> None:
    hearing = Hearing()
    bus.on(InterestRead, hearing.read)
    bus.on(WebhooksChanged, hearing.webhooks_changed)
    bus.on(RecordsAssigned, hearing.assigned)
    bus.on(RecordsRejected, hearing.rejected)
    bus.on(ReservationsBegan, hearing.reserved)
    bus.on(DepositBegan, hearing.deposit)
    bus.on(DepositsImported, hearing.deposits_imported)
