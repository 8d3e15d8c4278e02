"""Use case: the counters of the start page."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from crm_boost.assignments.policies import all_policies
from crm_boost.databases.states import RecordState
from crm_boost.db.session import ReadSession
from crm_boost.deposits.figures import dashboard
from crm_boost.followups import service as follow_ups
from crm_boost.identity.permissions import Page, Permission, roles_with
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date, start_of_day, utc_now
from crm_boost.replacement import queries as rejected
from crm_boost.requests import service as requests
from crm_boost.reservations import reading as reservations
from crm_boost.retention.listing import risk_counts
from crm_boost.settings import Settings
from crm_boost.today import repository
from crm_boost.today.schemas import (
    AtRiskToday,
    DepositsToday,
    DeskToday,
    FollowUpsToday,
    ModuleCounts,
    OwnModuleCounts,
    OwnToday,
    RecordCounts,
    TodayOut,
    WaitingToday,
)


async def counters(session: ReadSession, settings: Settings, principal: Principal) -> TodayOut:
    """Return the counters the caller may see; pages that are blocked for the caller are not counted."""
    today = TodayOut(date=business_date(settings.business.tz), waiting=await _waiting(session, principal))
    if principal.can_open(Permission.DEPOSITS_BOOK, Page.OMSET):
        figures = await dashboard(session, principal, None)
        today.deposits = DepositsToday.model_validate(figures)
        today.waiting.deposits = figures["pending_count"]
    modules = [policy.module for policy in all_policies() if policy.page not in principal.blocked_pages]
    if principal.can_open(Permission.CONTACTS_WORK, Page.FOLLOW_UPS):
        counted = await follow_ups.counts(session, principal)
        today.follow_ups = FollowUpsToday(total=counted.waiting, **{str(u): n for u, n in counted.open.items()})
    if principal.can_open(Permission.RETENTION_READ, Page.RETENTION):
        today.at_risk = AtRiskToday(**await risk_counts(session, principal))
    if principal.can(Permission.DATABASES_READ):
        today.desk = await _desk(session, settings, modules)
    if principal.can(Permission.RECORDS_WORK):
        today.own = await _own(session, settings, principal)
    return today


async def _waiting(session: ReadSession, principal: Principal) -> WaitingToday:
    waiting = WaitingToday()
    if principal.can_open(Permission.REQUESTS_READ, Page.REQUESTS):
        found = await requests.stats(session, principal)
        waiting.requests, waiting.held_records = found["pending"], found["held_records"]
    if principal.can_open(Permission.RESERVATIONS_READ, Page.RESERVED):
        waiting.reservations = (await reservations.counts(session, principal))["pending"]
    if principal.can_open(Permission.VALIDATION_MANAGE, Page.VALIDATION):
        summary = await rejected.summary(session, rejected.open_modules(principal))
        waiting.rejected_records = summary["total"]
        waiting.rejected_staff = len({one["staff_id"] for one in summary["staff"]})
    return waiting


async def _desk(session: ReadSession, settings: Settings, modules: list[str]) -> DeskToday:
    databases = await repository.databases_by_module(session, modules)
    records = await repository.records_by_module(session, modules)
    online_since = utc_now() - timedelta(seconds=settings.auth.online_seconds)
    online, active = await repository.people(session, roles_with(Permission.RECORDS_WORK), online_since)
    return DeskToday(
        databases=sum(databases.values()),
        records=_counts(records.values()),
        modules=[
            ModuleCounts(module=module, databases=databases.get(module, 0), records=_counts([records.get(module, {})]))
            for module in modules
        ],
        staff_online=online,
        staff_active=active,
        imports_running=await repository.imports_running(session, modules),
    )


async def _own(session: ReadSession, settings: Settings, principal: Principal) -> OwnToday:
    midnight = start_of_day(settings.business.tz, business_date(settings.business.tz))
    held = await repository.own_by_module(session, principal.id, midnight)
    modules = []
    for policy in all_policies():
        open_records, received = held.get(policy.module, (0, 0))
        modules.append(OwnModuleCounts(module=policy.module, open_records=open_records, received_today=received))
    return OwnToday(
        open_records=sum(one.open_records for one in modules),
        received_today=sum(one.received_today for one in modules),
        modules=modules,
    )


def _counts(by_state: Iterable[Mapping[str, int]]) -> RecordCounts:
    found = list(by_state)

    def of(state: RecordState) -> int:
        return sum(counts.get(state, 0) for counts in found)

    return RecordCounts(
        total=sum(sum(counts.values()) for counts in found),
        available=of(RecordState.AVAILABLE),
        requested=of(RecordState.REQUESTED),
        assigned=of(RecordState.ASSIGNED),
        archived=of(RecordState.ARCHIVED),
        reserved=of(RecordState.RESERVED),
    )
