"""Reads a source from end to end, and leaves rows for every table in the staging file. Nothing is written to the desk.

Collections come in the order in which they refer to each other. The same source, settings and time give the same rows.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from crm_boost.assignments.policies import all_policies
from crm_boost.migrate_mongo.batches import Batches, emit_requests, open_requests
from crm_boost.migrate_mongo.desk import Desk
from crm_boost.migrate_mongo.ledger import DEPOSIT_FIELDS, read_deposit, settle_deposits
from crm_boost.migrate_mongo.others import (
    NOTIFICATION_FIELDS,
    SETTING_COLLECTIONS,
    TARGET_FIELDS,
    read_notification,
    read_setting,
    read_target,
    settle_notifications,
)
from crm_boost.migrate_mongo.people import PRODUCT_FIELDS, USER_FIELDS, read_product, read_user
from crm_boost.migrate_mongo.pools import (
    BATCH_FIELDS,
    DATABASE_FIELDS,
    RECORD_FIELDS,
    REQUEST_FIELDS,
    read_batch,
    read_database,
    read_record,
    read_request,
)
from crm_boost.migrate_mongo.records import Records
from crm_boost.migrate_mongo.reservations import RESERVATION_FIELDS, read_reservation, settle_reservations
from crm_boost.migrate_mongo.sources import Document, Source
from crm_boost.migrate_mongo.values import Unreadable

Read = Callable[[Desk, str, Document], None]
_ALWAYS = frozenset({"_id", "updated_at", "updated_by", "updated_by_name", "__v"})


@dataclass(frozen=True, slots=True)
class Reader:
    """How documents of a collection are read, and which of their fields something is made of (None: all)."""

    read: Read
    fields: frozenset[str] | None


def _readers() -> dict[str, Reader]:
    """Return the reader of each collection, in the order in which they refer to each other."""
    first, *others = (policy.module for policy in all_policies())
    found: dict[str, Reader] = {
        "users": Reader(read_user, USER_FIELDS),
        "products": Reader(read_product, PRODUCT_FIELDS),
    }

    def of_modules(name: str, usual: str, read: Callable[..., None], fields: frozenset[str]) -> None:
        found[usual] = Reader(partial(read, module=first), fields)
        for module in others:
            found[f"{module}_{name}"] = Reader(partial(read, module=module), fields)

    of_modules("databases", "databases", read_database, DATABASE_FIELDS)
    of_modules("batches", "batches", read_batch, BATCH_FIELDS)
    found["download_requests"] = Reader(partial(read_request, module=first), REQUEST_FIELDS)
    found["reserved_members"] = Reader(partial(read_reservation, archived=False), RESERVATION_FIELDS)
    found["deleted_reserved_members"] = Reader(partial(read_reservation, archived=True), RESERVATION_FIELDS)
    of_modules("records", "customer_records", read_record, RECORD_FIELDS)
    found["omset_records"] = Reader(partial(read_deposit, trashed=False), DEPOSIT_FIELDS)
    found["omset_trash"] = Reader(partial(read_deposit, trashed=True), DEPOSIT_FIELDS)
    found["staff_targets"] = Reader(read_target, TARGET_FIELDS)
    found["notifications"] = Reader(read_notification, NOTIFICATION_FIELDS)
    for name in ("settings", *sorted(SETTING_COLLECTIONS)):
        found[name] = Reader(read_setting, None)
    return found


READERS = _readers()
"""Every collection that is read, by name."""


async def read_all(source: Source, desk: Desk) -> str:
    """Read everything; return what tells this source from any other."""
    names = await source.collections()
    desk.report.left_out = [name for name in names if name not in READERS]
    digest = hashlib.sha256()
    for name, reader in READERS.items():
        if name in names:
            digest.update(f"{name}\0".encode())
            digest.update(await _read(source, desk, name, reader))
    _settle(desk)
    return digest.hexdigest()


async def _read(source: Source, desk: Desk, name: str, reader: Reader) -> bytes:
    tally, digest = desk.tally(name), hashlib.sha256()
    async for raw, document in source.documents(name):
        digest.update(raw)
        tally.read += 1
        if reader.fields is not None and (unknown := document.keys() - reader.fields - _ALWAYS):
            desk.report.unknown_fields(name, unknown)
        try:
            reader.read(desk, name, document)
        except Unreadable as fault:
            desk.reject(name, document, f"{fault.field} {fault.reason}")
    return digest.digest()


def _settle(desk: Desk) -> None:
    claims = settle_reservations(desk)
    requests = open_requests(desk)
    batches = Batches(desk, requests)
    Records(desk, claims, requests, batches).settle()
    emit_requests(desk, requests, batches.emit())
    settle_deposits(desk)
    settle_notifications(desk)
    # Last: whoever was named anywhere is among them now.
    desk.staging.add_rows("users", list(desk.directory.users.values()))
    desk.staging.add_rows("products", list(desk.directory.products.values()))
