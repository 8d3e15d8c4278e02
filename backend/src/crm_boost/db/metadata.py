"""Loads every module's tables, so that migrations and checks see the whole schema."""

from importlib import import_module

from sqlalchemy import MetaData

from crm_boost.db.base import Base

_MODELS = (
    "crm_boost.db.audit",
    "crm_boost.db.outbox",
    "crm_boost.db.idempotency",
    "crm_boost.identity.models",
    "crm_boost.products.models",
    "crm_boost.access.models",
    "crm_boost.databases.models",
    "crm_boost.uploads.models",
    "crm_boost.reservations.models",
    "crm_boost.assignments.models",
    "crm_boost.notifications.models",
    "crm_boost.configuration.models",
    "crm_boost.contacts.models",
    "crm_boost.customers.models",
    "crm_boost.requests.models",
    "crm_boost.replacement.models",
    "crm_boost.health.models",
    "crm_boost.deposits.models",
    "crm_boost.performance.models",
    "crm_boost.followups.models",
    "crm_boost.retention.models",
    "crm_boost.exports.models",
    "crm_boost.analytics.models",
    "crm_boost.jobs.models",
    "crm_boost.migrate_mongo.models",
    "crm_boost.webhooks.models",
)


def load_metadata() -> MetaData:
    """Import every models module by name and return the metadata they registered in."""
    for name in _MODELS:
        import_module(name)
    return Base.metadata
