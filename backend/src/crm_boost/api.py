"""Every router of the API, in one list."""

from fastapi import APIRouter

from crm_boost.access import endpoints as access
from crm_boost.analytics import drill_endpoints as analytics_behind
from crm_boost.analytics import endpoints as analytics
from crm_boost.analytics import preference_endpoints as preferences
from crm_boost.analytics import work_endpoints as work_analytics
from crm_boost.assignments import conflict_endpoints as conflicts
from crm_boost.assignments import endpoints as assignments
from crm_boost.assignments import hand_over_endpoints as hand_over
from crm_boost.assignments import reading_endpoints as reading
from crm_boost.assignments.kept_endpoints import kept_routers
from crm_boost.assignments.policies import all_policies
from crm_boost.audit import endpoints as audit
from crm_boost.contacts import endpoints as contacts
from crm_boost.customers import endpoints as customers
from crm_boost.customers import kept_endpoints as kept_customers
from crm_boost.customers import page_endpoints as customer_page
from crm_boost.customers import record_endpoints as records
from crm_boost.deposits import endpoints as deposits
from crm_boost.deposits import figure_endpoints as deposit_figures
from crm_boost.deposits import rebuild_endpoints as deposit_rebuild
from crm_boost.exports import endpoints as exports
from crm_boost.followups import endpoints as followups
from crm_boost.health import endpoints as data_health
from crm_boost.health.kept_endpoints import kept_routers as kept_health_routers
from crm_boost.identity import account_endpoints as account
from crm_boost.identity import endpoints as identity
from crm_boost.jobs import endpoints as jobs
from crm_boost.live import endpoints as live
from crm_boost.notifications import endpoints as notifications
from crm_boost.operations import endpoints as operations
from crm_boost.performance import endpoints as performance
from crm_boost.performance import report_endpoints as report
from crm_boost.products import endpoints as products
from crm_boost.replacement import endpoints as replacement
from crm_boost.replacement.kept_endpoints import kept_routers as kept_replacement_routers
from crm_boost.requests import endpoints as requests
from crm_boost.reservations import endpoints as reservations
from crm_boost.retention import endpoints as retention
from crm_boost.search import endpoints as search
from crm_boost.today import endpoints as today
from crm_boost.uploads import deposit_endpoints as deposit_imports
from crm_boost.uploads import endpoints as uploads
from crm_boost.web import health
from crm_boost.webhooks import endpoints as webhooks

PREFIX = "/api"

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    # What staff do all day comes first: an address is looked up in this order.
    customers.router,
    records.router,
    customer_page.router,
    identity.public,
    identity.router,
    account.router,
    products.router,
    access.router,
    live.router,
    uploads.router,
    uploads.kept_router,
    deposit_imports.router,
    reading.router,
    reading.kept_router,
    assignments.router,
    hand_over.router,
    requests.router,
    replacement.router,
    *kept_replacement_routers,
    *kept_routers,
    contacts.router,
    kept_customers.router,
    conflicts.router,
    reservations.router,
    data_health.router,
    *kept_health_routers,
    # Addresses with words come before the one with an id.
    deposit_figures.router,
    exports.router,
    exports.links_router,
    deposit_rebuild.router,
    deposits.router,
    followups.router,
    retention.router,
    performance.router,
    report.router,
    analytics.router,
    work_analytics.router,
    analytics_behind.router,
    preferences.router,
    audit.router,
    jobs.router,
    notifications.router,
    notifications.outside,
    webhooks.router,
    today.router,
    search.router,
    operations.router,
)

UPLOAD_PATHS = frozenset(
    f"{PREFIX}{path}" for path in ("/imports", *(policy.kept_upload_path for policy in all_policies()))
)
"""Addresses that receive a file and may therefore receive more than a few megabytes."""
