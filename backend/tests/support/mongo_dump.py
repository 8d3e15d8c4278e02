"""A dump of a legacy desk, as `mongodump` writes one, with the mess of years. Neutral, made up, the same for one seed.

Sizes are parameters: the tests take few documents, `bench/7-import-mongo.py` many. `Dump.facts` says what was put in.
"""

import gzip
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import bcrypt
from bson import Decimal128, Int64, ObjectId, encode

Document = dict[str, Any]
PASSWORD = "correct horse battery"
TODAY = date(2026, 3, 31)
NOON = datetime(2026, 3, 31, 5, tzinfo=UTC)
MODULES = {"": "customer_records", "memberwd_": "memberwd_records", "bonanza_": "bonanza_records"}
_DAYS = 360


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything there is."""

    records: int = 600
    deposits: int = 400
    staff: int = 6
    products: int = 3
    reservations: int = 30
    notifications: int = 20


@dataclass(slots=True)
class Facts:
    """What was put in, for comparing: documents by collection, and money as it was written."""

    documents: dict[str, int] = field(default_factory=dict)
    approved: Decimal = Decimal(0)
    trashed: Decimal = Decimal(0)


class _Maker:
    def __init__(self, sizes: Sizes, seed: int) -> None:
        self.sizes = sizes
        self.rng = random.Random(f"mongo:{seed}")
        self.facts = Facts()
        self._serial = 0
        self.staff = [self.uuid() for _ in range(sizes.staff)]
        self.admin, self.owner, self.gone = self.uuid(), self.uuid(), self.uuid()
        self.products = [self.uuid() for _ in range(sizes.products)]
        self.databases = {prefix: [self.uuid() for _ in range(2)] for prefix in MODULES}
        self.requests = [self.uuid() for _ in range(max(6, sizes.records // 600 * 6))]
        self.batches = [self.uuid() for _ in range(max(4, sizes.records // 600 * 4))]
        self.hash = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4, b"2b")).decode()

    def uuid(self) -> str:
        bits = f"{self.rng.getrandbits(128):032x}"
        return "-".join((bits[:8], bits[8:12], bits[12:16], bits[16:20], bits[20:]))

    def oid(self) -> ObjectId:
        self._serial += 1
        return ObjectId(f"{self._serial:024x}")

    def instant(self, days_ago: int) -> datetime:
        return NOON - timedelta(days=days_ago, seconds=self.rng.randrange(20_000))

    def stamp(self, days_ago: int) -> str | datetime:
        """An instant in one of the ways in which they were written."""
        at = self.instant(days_ago)
        return self.rng.choice((at.isoformat(), at.replace(tzinfo=None).isoformat(), at))

    @staticmethod
    def customer(number: int) -> str:
        return f"member{number:06d}"

    def spelled(self, customer: str) -> str:
        return self.rng.choice((customer, customer, customer, customer.upper(), f" {customer} "))

    # --- people and products -------------------------------------------------------------------------------------------

    def users(self) -> Iterator[Document]:
        def user(id_: str, name: str, role: str, **more: Any) -> Document:
            email = f"{name.lower().replace(' ', '.')}@example.test"
            base = {"id": id_, "email": email, "name": name, "role": role, "password_hash": self.hash}
            return {"_id": self.oid(), **base, "created_at": "2024-01-05T08:00:00+00:00", **more}

        yield user(self.owner, "Owner", "master_admin")
        yield user(self.admin, "Admin One", "admin", blocked_pages=["reports", "unheard-of"])
        for number, id_ in enumerate(self.staff, 1):
            yield user(id_, f"Staff {number}", "staff", last_activity=NOON, theme_color="blue")
        yield user(self.uuid(), "Odd", "supervisor")
        yield user(self.uuid(), "Plain", "staff", password_hash="md5:0123")
        yield user(self.uuid(), "Twin", "staff", email="STAFF.1@example.test")
        yield user(self.staff[0], "Staff 1 again", "staff", email="again@example.test")
        yield {"_id": self.oid(), "name": "Nobody"}

    def products_(self) -> Iterator[Document]:
        for number, id_ in enumerate(self.products, 1):
            yield {"_id": self.oid(), "id": id_, "name": f"Product {number}", "description": "", "created_at": NOON}
        yield {"_id": self.oid(), "id": self.uuid(), "name": "product  1"}

    # --- pools ---------------------------------------------------------------------------------------------------------

    def databases_(self, prefix: str) -> Iterator[Document]:
        for number, id_ in enumerate(self.databases[prefix]):
            yield {
                "_id": self.oid(),
                "id": id_,
                "name": f"{prefix or 'normal_'}list {number + 1}",
                "filename": f"list-{number + 1}.xlsx",
                "product_id": self.products[number % len(self.products)],
                "product_name": f"Product {number % len(self.products) + 1}",
                "uploaded_at": self.stamp(200 - number),
                "uploaded_by": self.admin,
                "uploaded_by_name": "Admin One",
                "total_records": 999_999,
            }

    def row(self, number: int, prefix: str) -> Document:
        row: Document = {
            "No": number,
            "Username": self.spelled(self.customer(number)),
            "Nama Lengkap": f"Person {number}",
            "No HP": f"0812{number:08d}" if number % 3 else int(f"812{number:08d}"),
            "Saldo": float(number * 1000),
        }
        if number % 17 == 0:
            row["Catatan"] = None if number % 2 else float("nan")
        if prefix and number % 29 == 0:
            row["Catatan"] = "=1+1"
        return row

    def records(self, prefix: str) -> Iterator[Document]:
        """A third of all records; their customers are the same in every module."""
        for number in range(1, self.sizes.records // len(MODULES) + 1):
            database = number % 2
            base: Document = {
                "_id": self.oid(),
                "id": self.uuid(),
                "database_id": self.databases[prefix][database],
                "database_name": f"{prefix or 'normal_'}list {database + 1}",
                "product_id": self.products[database % len(self.products)],
                "row_number": number,
                "row_data": self.row(number, prefix),
                "status": "available",
            }
            yield self.worked_on(base, prefix, number)
            if number % 97 == 0:
                # The same record once more, with somebody else.
                yield {**base, "_id": self.oid(), "status": "assigned", "assigned_to": self.staff[-1],
                       "assigned_at": self.stamp(1)}  # fmt: skip

    def worked_on(self, base: Document, prefix: str, number: int) -> Document:
        found = dict(base)
        if number % 3 == 0:
            days = self.rng.randrange(20, 120)
            turn = number % len(self.batches if prefix == "memberwd_" else self.requests)
            # Now and then somebody else holds what is in a batch.
            staff = self.staff[(turn + (number % 63 == 0)) % len(self.staff)]
            found |= {
                "status": "assigned",
                "assigned_to": staff,
                "assigned_to_name": "Staff",
                "assigned_at": self.stamp(days),
            }
            found |= self.marks(number, days)
            if not prefix:
                found["request_id"] = self.requests[turn]
            elif prefix == "memberwd_" and number % 2:
                found["batch_id"] = self.batches[turn]
        if number % 31 == 0:
            found |= {"status": "invalid", "validation_reason": "Wrong number"}
        if number % 37 == 0:
            found |= {"status": "assigned", "assigned_to": None}
        if number % 41 == 0:
            found |= {"status": "reserved", "is_reserved_member": True, "reserved_by_name": "Staff 2"}
        if number % 43 == 0:
            found |= {"status": "requested", "assigned_to": None, "request_id": self.requests[number % 2]}
        if number % 47 == 0:
            found |= {"status": "assigned", "assigned_to": self.gone, "assigned_to_name": "Gone Away"}
            found["assigned_at"] = self.stamp(150)
        if number % 53 == 0 and found.get("assigned_to"):
            found |= {"status": "invalid_archived", "validation_status": "invalid", "archived_at": self.stamp(3)}
        if number % 59 == 0:
            found |= {"status": "broken", "legacy_score": 3}
        if number % 101 == 0:
            found["database_id"] = "lost-database"
        if number % 211 == 0:
            del found["row_data"]
        return found

    def marks(self, number: int, days: int) -> Document:
        found: Document = {}
        if number % 2 == 0:
            found |= {"whatsapp_status": self.rng.choice(("ada", "Ada", "ceklis1", "tidak")),
                      "whatsapp_status_updated_at": self.stamp(days - 5)}  # fmt: skip
        if number % 4 == 0:
            found |= {"respond_status": self.rng.choice(("ya", "tidak")),
                      "respond_status_updated_at": self.stamp(days - 8)}  # fmt: skip
        if number % 5 == 0:
            found |= {"validation_status": self.rng.choice(("validated", "invalid")), "validation_reason": "busy line",
                      "validated_at": self.stamp(days - 9)}  # fmt: skip
        return found

    def requests_(self) -> Iterator[Document]:
        statuses = ("pending", "approved", "approved", "approved", "rejected", "approved")
        for number, id_ in enumerate(self.requests):
            status = statuses[number % len(statuses)]
            yield {
                "_id": self.oid(),
                "id": id_,
                "database_id": self.databases[""][number % 2],
                "record_count": 5,
                "record_ids": [],
                "status": status,
                "requested_by": self.staff[number % len(self.staff)],
                "requested_at": self.stamp(130),
                "reviewed_by": self.admin if status != "pending" else None,
                "reviewed_by_name": "Admin One",
                "reviewed_at": self.stamp(125) if status != "pending" else None,
                "custom_title": f"Round {number}",
                "is_pinned": number == 1,
            }

    def batches_(self) -> Iterator[Document]:
        for number, id_ in enumerate(self.batches):
            yield {
                "_id": self.oid(),
                "id": id_,
                "database_id": self.databases["memberwd_"][1],
                "staff_id": self.staff[number % len(self.staff)],
                "custom_name": f"Batch {number}",
                "created_at": self.stamp(140),
                "current_count": 77,
            }

    # --- reservations and deposits ---------------------------------------------------------------------------------------

    def reserved(self) -> Iterator[Document]:
        for number in range(1, self.sizes.reservations + 1):
            customer = self.customer(number * 5)
            document: Document = {
                "_id": self.oid(),
                "id": self.uuid(),
                "customer_id": self.spelled(customer),
                "customer_name": f"Person {number * 5}",
                "product_id": self.products[number % 2 % len(self.products)],
                "staff_id": self.staff[number % len(self.staff)],
                "staff_name": "Staff",
                "status": "approved",
                "created_at": self.stamp(40),
                "approved_at": self.stamp(100 if number % 6 == 0 else 20),
                "is_permanent": number % 10 == 0,
            }
            if number % 4 == 0:
                # The oldest form: named by the name alone, and approved because nothing says otherwise.
                document["customer_name"] = document.pop("customer_id")
                del document["status"], document["approved_at"]
            if number % 9 == 0:
                document["status"] = "pending"
            yield document
            if number % 11 == 0:
                yield {**document, "_id": self.oid(), "id": self.uuid(), "created_at": self.stamp(2), "status": "approved",
                       "customer_id": customer.upper(), "approved_at": self.stamp(1)}  # fmt: skip

    def released(self) -> Iterator[Document]:
        for number in range(1, self.sizes.reservations // 5 + 1):
            yield {
                "_id": self.oid(),
                "id": self.uuid(),
                "customer_id": self.customer(number * 7),
                "product_id": self.products[0],
                "staff_id": self.staff[number % len(self.staff)],
                "status": "approved",
                "created_at": self.stamp(200),
                "approved_at": self.stamp(199),
                "deleted_at": self.stamp(100),
                "deleted_by_name": "system",
                "deleted_reason": self.rng.choice(("no_omset_grace_period", "admin_manual_delete")),
            }

    def deposit(self, number: int) -> Document:
        on = TODAY - timedelta(days=self.rng.randrange(_DAYS))
        amount = self.rng.randrange(1, 40) * 25_000
        times = self.rng.choice((1, 1, 1, 2, 1.5))
        written: Any = self.rng.choice((amount, float(amount), Int64(amount), Decimal128(str(amount)), str(amount)))
        document: Document = {
            "_id": self.oid(),
            "id": self.uuid(),
            "product_id": self.products[number % len(self.products)],
            "staff_id": self.staff[number % len(self.staff)],
            "staff_name": f"Staff {number % len(self.staff) + 1}",
            "record_date": self.rng.choice((on.isoformat(), datetime(on.year, on.month, on.day, tzinfo=UTC))),
            "customer_id": self.spelled(self.customer(self.rng.randrange(1, max(self.sizes.deposits // 2, 2)))),
            "nominal": written,
            "depo_kelipatan": times,
            "depo_total": amount * times,
            "keterangan": "Depo TAMBAHAN" if number % 13 == 0 else "",
            "customer_type": self.rng.choice(("NDP", "RDP")),
            "created_at": self.stamp((TODAY - on).days),
            "approval_status": "approved",
        }
        self._worth = Decimal(amount) * Decimal(str(times))
        if number % 7 == 0:
            del document["approval_status"]
        if number % 23 == 0:
            document["approval_status"] = "pending"
            document["conflict_info"] = {"reserved_by_staff_id": self.staff[0]}
        elif number % 29 == 0:
            document |= {"approval_status": "declined", "declined_at": self.stamp(1), "decline_reason": "not theirs"}
        elif number % 61 == 0:
            document["depo_total"] = 1
        return document

    def deposits(self) -> Iterator[Document]:
        for number in range(1, self.sizes.deposits + 1):
            document = self.deposit(number)
            if number % 67 == 0:
                document["nominal"] = "100.000"
            elif number % 71 == 0:
                document["record_date"] = "31/03/2026"
            elif document.get("approval_status", "approved") == "approved":
                self.facts.approved += self._worth
            yield document

    def trash(self) -> Iterator[Document]:
        for number in range(1, self.sizes.deposits // 20 + 1):
            document = self.deposit(number) | {"deleted_at": self.stamp(4), "deleted_by_name": "Admin One"}
            self.facts.trashed += self._worth
            yield document

    # --- the rest --------------------------------------------------------------------------------------------------------

    def targets(self) -> Iterator[Document]:
        yield {
            "_id": self.oid(),
            "monthly_omset": 50_000_000,
            "daily_ndp": 8,
            "daily_rdp": 12,
            "required_success_days": 17,
        }
        yield {"_id": self.oid(), "staff_id": self.staff[0], "daily_ndp": 4, "effective_from": "2026-01-01"}

    def notifications(self) -> Iterator[Document]:
        for number in range(self.sizes.notifications):
            yield {
                "_id": self.oid(),
                "id": self.uuid(),
                "user_id": self.staff[number % len(self.staff)] if number % 10 else "nobody",
                "type": "records_assigned",
                "title": "New records",
                "message": "You were given records.",
                "data": {"count": number, "database": ObjectId("0" * 24)},
                "is_read": number % 2 == 0,
                "created_at": self.stamp(number),
            }

    def settings(self) -> Iterator[Document]:
        yield {"_id": "auto_approve", "key": "auto_approve", "enabled": True, "max_records_per_request": 50}
        yield {
            "_id": self.oid(),
            "key": "memberwd_settings",
            "auto_replace_invalid": True,
            "max_replacements_per_batch": 3,
        }
        yield {"_id": self.oid(), "key": "reserved_member_cleanup", "global_grace_days": 45, "warning_days": 5,
               "product_overrides": [{"product_id": self.products[0], "grace_days": 60}]}  # fmt: skip
        yield {"_id": self.oid(), "key": "monitoring_config", "enabled": True, "check_interval_hours": 0}
        yield {"_id": self.oid(), "key": "colours", "primary": "blue"}


def write_dump(folder: Path, sizes: Sizes = Sizes(), seed: int = 1, *, packed: bool = False) -> Facts:
    """Write the collections into `folder`, as files of documents (`packed`: with gzip); return what was put in."""
    folder.mkdir(parents=True, exist_ok=True)
    make = _Maker(sizes, seed)
    collections: dict[str, Iterable[Document]] = {"users": make.users(), "products": make.products_()}
    collections |= {f"{prefix}databases": make.databases_(prefix) for prefix in MODULES}
    collections |= {"download_requests": make.requests_(), "memberwd_batches": make.batches_()}
    collections |= {name: make.records(prefix) for prefix, name in MODULES.items()}
    collections |= {"reserved_members": make.reserved(), "deleted_reserved_members": make.released()}
    collections |= {"omset_records": make.deposits(), "omset_trash": make.trash(), "staff_targets": make.targets()}
    collections |= {"notifications": make.notifications(), "settings": make.settings()}
    collections["activity_logs"] = [{"_id": make.oid(), "what": "something"}]
    for name, documents in collections.items():
        path = folder / f"{name}.bson{'.gz' if packed else ''}"
        count = 0
        with gzip.open(path, "wb", compresslevel=1) if packed else path.open("wb") as file:
            for document in documents:
                file.write(encode(document))
                count += 1
        make.facts.documents[name] = count
    return make.facts
