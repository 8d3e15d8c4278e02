"""The checks of what this desk is made of, in the order in which they are shown (spec 3.5)."""

from crm_boost.analytics import rebuild_repository as work_figures
from crm_boost.databases import counts_repository as record_counts
from crm_boost.db.session import ReadSession
from crm_boost.db.types import Question
from crm_boost.deposits import rebuild_repository as ledger
from crm_boost.followups import rebuild_repository as follow_ups
from crm_boost.health import fixes
from crm_boost.health.checks import Check, Severity, asks, register, registered_checks
from crm_boost.health.repositories import finding
from crm_boost.reservations.cleanup_config import read_config
from crm_boost.retention import rebuild_repository as retention

_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW


async def _past_grace(session: ReadSession, _module: str | None) -> Question:
    return finding.past_grace(session, await read_config(session))


async def _wrong_classes(_session: ReadSession, _module: str | None) -> Question:
    return ledger.wrong_classes()


async def _wrong_days(_session: ReadSession, _module: str | None) -> Question:
    return ledger.wrong_days()


async def _wrong_follow_ups(_session: ReadSession, _module: str | None) -> Question:
    return follow_ups.wrong_follow_ups()


async def _wrong_counters(_session: ReadSession, _module: str | None) -> Question:
    return follow_ups.wrong_counters()


async def _wrong_retention(_session: ReadSession, _module: str | None) -> Question:
    return retention.wrong_retention()


async def _wrong_counts_of_records(_session: ReadSession, _module: str | None) -> Question:
    return record_counts.wrong_counts()


async def _wrong_work_items(_session: ReadSession, _module: str | None) -> Question:
    return work_figures.wrong_items()


async def _wrong_work_figures(_session: ReadSession, _module: str | None) -> Question:
    return work_figures.wrong_figures()


_CHECKS = (
    Check(
        "orphan_holders",
        _HIGH,
        "assignments",
        "{count} records are assigned to somebody who was removed or is unknown.",
        asks(finding.orphan_holders),
        fixes.RECALL,
        of_records=True,
    ),
    Check(
        "inactive_holders",
        _LOW,
        "assignments",
        "{count} records are assigned to people whose account is switched off.",
        asks(finding.inactive_holders),
        of_records=True,
    ),
    Check(
        "dead_requests",
        _HIGH,
        "requests",
        "{count} records are held for a request that is closed or unknown.",
        asks(finding.dead_requests),
        fixes.RELEASE,
        of_records=True,
    ),
    Check(
        "owned_but_available",
        _HIGH,
        "reservations",
        "{count} records are free although their customers are reserved.",
        asks(finding.owned_but_available),
        fixes.RESERVE,
        of_records=True,
    ),
    Check(
        "reserved_without_owner",
        _MEDIUM,
        "reservations",
        "{count} records are kept back although nobody has reserved their customers.",
        asks(finding.reserved_without_owner),
        fixes.UNRESERVE,
        of_records=True,
    ),
    Check(
        "dead_reservation_keys",
        _HIGH,
        "reservations",
        "{count} reservations that are over, or were changed, still keep customers as they were.",
        asks(finding.dead_keys),
        fixes.RIGHT_PROTECTION,
    ),
    Check(
        "unprotected_reservations",
        _HIGH,
        "reservations",
        "{count} active reservations protect no customer.",
        asks(finding.unprotected_reservations),
        fixes.PROTECT,
    ),
    Check(
        "duplicate_reservations",
        _HIGH,
        "reservations",
        "{count} active reservations are of a customer whom somebody has reserved already.",
        asks(finding.duplicate_reservations),
    ),
    Check(
        "orphan_reservations",
        _HIGH,
        "reservations",
        "{count} active reservations belong to somebody who was removed or is unknown.",
        asks(finding.orphan_reservations),
    ),
    Check(
        "past_grace",
        _MEDIUM,
        "reservations",
        "{count} reservations should have ended by now: their days of grace are over.",
        _past_grace,
        fixes.EXPIRE,
    ),
    Check(
        "stale_conflicts",
        _MEDIUM,
        "conflicts",
        "{count} conflicts are open in the log but over in fact.",
        asks(finding.stale_conflicts),
        fixes.END_CONFLICTS,
        of_records=True,
    ),
    Check(
        "unlogged_conflicts",
        _MEDIUM,
        "conflicts",
        "{count} records are in conflict and the log does not say so.",
        asks(finding.unlogged_conflicts),
        fixes.LOG_CONFLICTS,
        of_records=True,
    ),
    Check(
        "foreign_batches",
        _MEDIUM,
        "batches",
        "{count} records are in a batch that is not their holder's.",
        asks(finding.foreign_batches),
        fixes.OWN_BATCHES,
        of_records=True,
        deep=True,
    ),
    Check(
        "customer_keys",
        _HIGH,
        "identities",
        "{count} records are stored under another customer than the one in their row.",
        asks(finding.customer_keys),
        fixes.TRUE_KEYS,
        of_records=True,
        deep=True,
    ),
    Check(
        "product_mismatch",
        _HIGH,
        "products",
        "{count} records are of another product than their database.",
        asks(finding.product_mismatch),
        fixes.OWN_PRODUCTS,
        of_records=True,
        deep=True,
    ),
    Check(
        "deposit_classes",
        _HIGH,
        "deposits",
        "{count} deposits or customers are not classified as the ledger says.",
        _wrong_classes,
        deep=True,
    ),
    Check(
        "deposit_rollups",
        _HIGH,
        "deposits",
        "{count} daily totals are not what the deposits add up to.",
        _wrong_days,
        deep=True,
    ),
    Check(
        "follow_ups",
        _HIGH,
        "follow_ups",
        "{count} follow-ups are missing, too many, or not in the state they have to be.",
        _wrong_follow_ups,
        deep=True,
    ),
    Check(
        "follow_up_counters",
        _HIGH,
        "follow_ups",
        "{count} counters of follow-ups are not what the follow-ups add up to.",
        _wrong_counters,
        deep=True,
    ),
    Check(
        "retention",
        _HIGH,
        "retention",
        "{count} customers or counts of customers are not what the deposits make them.",
        _wrong_retention,
        deep=True,
    ),
    Check(
        "record_counts",
        _HIGH,
        "pools",
        "{count} counts of records are not how many there are.",
        _wrong_counts_of_records,
        deep=True,
    ),
    Check(
        "work_items",
        _HIGH,
        "analytics",
        "{count} hand-outs do not have the marks or deposits in the charts that they have in fact.",
        _wrong_work_items,
        deep=True,
    ),
    Check(
        "work_figures",
        _HIGH,
        "analytics",
        "{count} daily figures of work are not what the hand-outs add up to.",
        _wrong_work_figures,
        deep=True,
    ),
    Check(
        "notifications_to_nobody",
        _LOW,
        "notifications",
        "{count} messages wait for somebody who was removed or is unknown.",
        asks(finding.notifications_to_nobody),
        fixes.MARK_READ,
    ),
)

for _check in _CHECKS:
    register(_check)


def all_checks() -> tuple[Check, ...]:
    """Return every check: those above, then those of the layers above."""
    return registered_checks()


def check_named(name: str) -> Check | None:
    """Return a check by its name."""
    return next((check for check in registered_checks() if check.name == name), None)
