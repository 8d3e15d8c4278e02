"""The one table that says who may do what (spec 1.2). No other code compares role names.

A permission is granted by role; a page can be blocked per user, and whatever belongs to a blocked page is refused by
the server too.
"""

from enum import StrEnum


class Role(StrEnum):
    STAFF = "staff"
    ADMIN = "admin"
    MASTER_ADMIN = "master_admin"

    @property
    def rank(self) -> int:
        """Higher rank, more power; one may manage only users of strictly lower rank."""
        return _RANKS[self]


_RANKS = {Role.STAFF: 1, Role.ADMIN: 2, Role.MASTER_ADMIN: 3}


class Permission(StrEnum):
    PROFILE_OWN = "profile.own"
    ACCOUNT_OWN = "account.own"
    """One's own name, password, sign-ins and tokens."""
    TODAY_READ = "today.read"
    NOTIFICATIONS_OWN = "notifications.own"
    RECORDS_WORK = "records.work"
    STAFF_LIST = "staff.list"
    USERS_READ = "users.read"
    USERS_MANAGE = "users.manage"
    ADMINS_MANAGE = "admins.manage"
    PRODUCTS_READ = "products.read"
    PRODUCTS_MANAGE = "products.manage"
    DATABASES_READ = "databases.read"
    DATABASES_MANAGE = "databases.manage"
    IMPORTS_MANAGE = "imports.manage"
    RECORDS_ASSIGN = "records.assign"
    RECORDS_RECALL = "records.recall"
    RECORDS_READ_ALL = "records.read_all"
    CONTACTS_WORK = "contacts.work"
    """May open and mark records: staff their own."""
    CONTACTS_MANAGE = "contacts.manage"
    """May mark anybody's records and change what they can be marked with."""
    REQUESTS_READ = "requests.read"
    """Staff see their own requests, who reviews sees all."""
    REQUESTS_MAKE = "requests.make"
    REQUESTS_REVIEW = "requests.review"
    RESERVATIONS_READ = "reservations.read"
    """Staff see and ask for their own reservations, who manages sees all."""
    RESERVATIONS_MANAGE = "reservations.manage"
    VALIDATION_MANAGE = "validation.manage"
    """May see and decide about everything that staff have rejected."""
    JOBS_MANAGE = "jobs.manage"
    """May see what runs by the clock, change when, and have it run now."""
    DEPOSITS_BOOK = "deposits.book"
    """May enter deposits and see the ledger: staff their own."""
    DEPOSITS_MANAGE = "deposits.manage"
    """May see and change everybody's deposits, decide about those that wait, and close periods."""
    PERFORMANCE_READ = "performance.read"
    """May see the ranking, and progress and report: staff their own."""
    PERFORMANCE_MANAGE = "performance.manage"
    """May see everybody's progress and report, and say what is expected."""
    ANALYTICS_READ = "analytics.read"
    """May see everybody's work and deposits as charts, and open them."""
    RETENTION_READ = "retention.read"
    """May see who comes back and who slips away: staff of their own deposits."""
    RETENTION_TEAM = "retention.team"
    """May see everybody's customers, and compare staff."""
    HEALTH_MANAGE = "health.manage"
    """May see whether the data is in step, and repair it."""
    EXPORTS_MAKE = "exports.make"
    """May have the lists they see written into files."""
    EXPORTS_OVERSEE = "exports.oversee"
    """May see and end exports of people of lower rank."""
    AUDIT_READ = "audit.read"
    """May see who did what."""
    WEBHOOKS_MANAGE = "webhooks.manage"
    """May have other systems told of what happens."""
    SEARCH = "search"
    TRASH_EMPTY = "trash.empty"
    RECEIVE_RECORDS = "records.receive"
    """May be the target of a hand-out."""


_EVERYBODY = {
    Permission.PROFILE_OWN,
    Permission.ACCOUNT_OWN,
    Permission.TODAY_READ,
    Permission.NOTIFICATIONS_OWN,
    Permission.PRODUCTS_READ,
    Permission.CONTACTS_WORK,
    Permission.REQUESTS_READ,
    Permission.RESERVATIONS_READ,
    Permission.DEPOSITS_BOOK,
    Permission.PERFORMANCE_READ,
    Permission.RETENTION_READ,
    Permission.EXPORTS_MAKE,
    Permission.SEARCH,
}
_ADMIN = _EVERYBODY | {
    Permission.STAFF_LIST,
    Permission.USERS_READ,
    Permission.USERS_MANAGE,
    Permission.PRODUCTS_MANAGE,
    Permission.DATABASES_READ,
    Permission.DATABASES_MANAGE,
    Permission.IMPORTS_MANAGE,
    Permission.RECORDS_ASSIGN,
    Permission.RECORDS_RECALL,
    Permission.RECORDS_READ_ALL,
    Permission.REQUESTS_REVIEW,
    Permission.CONTACTS_MANAGE,
    Permission.VALIDATION_MANAGE,
    Permission.RESERVATIONS_MANAGE,
    Permission.HEALTH_MANAGE,
    Permission.DEPOSITS_MANAGE,
    Permission.PERFORMANCE_MANAGE,
    Permission.ANALYTICS_READ,
    Permission.JOBS_MANAGE,
    Permission.RETENTION_TEAM,
    Permission.EXPORTS_OVERSEE,
    Permission.AUDIT_READ,
    Permission.WEBHOOKS_MANAGE,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.STAFF: frozenset(_EVERYBODY | {Permission.RECORDS_WORK, Permission.RECEIVE_RECORDS, Permission.REQUESTS_MAKE}),
    Role.ADMIN: frozenset(_ADMIN),
    Role.MASTER_ADMIN: frozenset(_ADMIN | {Permission.ADMINS_MANAGE, Permission.TRASH_EMPTY}),
}


class Page(StrEnum):
    """Pages of the web app that can be blocked for a user."""

    TODAY = "today"
    INBOX = "inbox"
    CUSTOMERS = "customers"
    FOLLOW_UPS = "follow-ups"
    DATABASES = "databases"
    MEMBER_WD = "member-wd"
    BONANZA = "bonanza"
    REQUESTS = "requests"
    VALIDATION = "validation"
    RESERVED = "reserved"
    OMSET = "omset"
    RETENTION = "retention"
    TEAM = "team"
    LEADERBOARD = "leaderboard"
    REPORTS = "reports"
    ANALYTICS = "analytics"
    EXPORTS = "exports"
    USERS = "users"
    PRODUCTS = "products"
    HEALTH = "health"
    SETTINGS = "settings"
    AUDIT = "audit"


def roles_with(permission: Permission) -> list[Role]:
    """Return the roles that hold `permission`, lowest rank first."""
    return [role for role in Role if permission in ROLE_PERMISSIONS[role]]


_AUDIENCE = "can:"


def audience_with(permission: Permission) -> str:
    """Return the audience of an announcement that is for everybody who holds `permission`."""
    return f"{_AUDIENCE}{permission}"


def is_in_audience(role: Role, audience: str) -> bool:
    """Whether an announcement for the holders of a permission is for people of this role."""
    return audience.startswith(_AUDIENCE) and audience.removeprefix(_AUDIENCE) in ROLE_PERMISSIONS[role]
