"""What becomes of single documents: states, holders, reservations, classes. No desk is needed: rows wait in the file."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_boost.identity.passwords import NO_PASSWORD
from crm_boost.migrate_mongo.desk import Desk
from crm_boost.migrate_mongo.directory import Directory
from crm_boost.migrate_mongo.reading import read_all
from crm_boost.migrate_mongo.report import Report
from crm_boost.migrate_mongo.repository import TABLES
from crm_boost.migrate_mongo.sources import DumpSource
from crm_boost.migrate_mongo.staging import Staging
from tests.migrate_mongo.conftest import SMALL
from tests.support.mongo_dump import Facts

pytestmark = pytest.mark.pure

Document = dict[str, Any]
ALI, BEN = "ali", "ben"
AT = "2026-02-01T10:00:00+00:00"
HASH = "$2b$04$" + "a" * 53
USERS: list[Document] = [
    {"id": n, "email": f"{n}@example.test", "name": n.title(), "role": "staff", "password": HASH} for n in (ALI, BEN)
]
PRODUCTS: list[Document] = [{"id": "p", "name": "Product A"}, {"id": "q", "name": "Product B"}]
DATABASES: list[Document] = [{"id": "d", "name": "List", "product_id": "p", "uploaded_at": AT}]


class Collections:
    """Documents in memory, as a source."""

    name = "a test"

    def __init__(self, collections: dict[str, list[Document]]) -> None:
        base = {"users": USERS, "products": PRODUCTS, "databases": DATABASES}
        self._collections = {**base, **collections}

    async def collections(self) -> list[str]:
        return sorted(self._collections)

    async def documents(self, collection: str) -> AsyncIterator[tuple[bytes, Document]]:
        for document in self._collections[collection]:
            yield repr(document).encode(), document


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    staging = Staging(tmp_path / "staging.sqlite")
    yield desk_of(staging)
    staging.close()


def desk_of(staging: Staging) -> Desk:
    report = Report()
    return Desk(
        staging=staging,
        directory=Directory(report),
        report=report,
        began_at=datetime(2026, 3, 31, 5, tzinfo=UTC),
        zone=ZoneInfo("Asia/Jakarta"),
        country="ID",
        scale=100,
        by_product=True,
    )


async def read(desk: Desk, **collections: list[Document]) -> dict[str, list[Document]]:
    """Read documents; return the rows of every table."""
    await read_all(Collections(collections), desk)
    names = ("users", "products", "databases", "batches", "customer_records", "contacts", "contact_events", "conflicts")
    more = ("reserved_members", "reservation_keys", "omset_records", "omset_keys", "record_requests", "group_views")
    return {name: desk.staging.rows(name, 0, 1000) for name in (*names, *more, "staff_targets", "settings")}


def record(**fields: Any) -> Document:
    row = {"Username": "Cust One", "Nama": "Person One", "No HP": "08123456789"}
    return {"id": "r", "database_id": "d", "product_id": "p", "row_number": 1, "row_data": row, **fields}


HELD = {"status": "assigned", "assigned_to": ALI, "assigned_at": AT}
RESERVED = {"id": "m", "customer_id": "CUST ONE", "product_id": "p", "staff_id": BEN, "created_at": AT}


@pytest.mark.parametrize(
    ("fields", "reserved_by", "state", "holder", "note"),
    [
        ({"status": "available"}, None, "available", None, None),
        ({"status": "available"}, BEN, "reserved", None, "now_reserved"),
        ({"status": "reserved"}, None, "available", None, "no_longer_reserved"),
        ({"status": "reserved"}, BEN, "reserved", None, None),
        (HELD, None, "assigned", ALI, None),
        (HELD, ALI, "assigned", ALI, None),
        (HELD, BEN, "assigned", ALI, "in_conflict"),
        ({**HELD, "status": "invalid"}, None, "assigned", ALI, "status_invalid"),
        ({"status": "invalid"}, None, "available", None, "status_invalid"),
        ({**HELD, "status": "nonsense"}, None, "assigned", ALI, "status_unknown"),
        ({}, None, "available", None, "status_unknown"),
        ({**HELD, "assigned_to": None}, None, "available", None, "holder_missing"),
        ({**HELD, "status": "available"}, None, "available", None, "holder_surplus"),
        ({"status": "requested", "request_id": "gone"}, None, "available", None, "dead_request"),
        ({**HELD, "status": "invalid_archived"}, None, "invalid_archived", ALI, None),
        ({**HELD, "assigned_to": "stranger"}, None, "assigned", "stranger", "unknown_user"),
        ({**HELD, "assigned_at": None}, None, "assigned", ALI, "handed_out_unknown"),
    ],
)
async def test_the_state_of_a_record_is_what_the_guards_allow(
    desk: Desk, fields: Document, reserved_by: str | None, state: str, holder: str | None, note: str | None
) -> None:
    reserved = [{**RESERVED, "staff_id": reserved_by}] if reserved_by else []
    found = await read(desk, customer_records=[record(**fields)], reserved_members=reserved)
    (row,) = found["customer_records"]
    assert (row["state"], row["assigned_to"]) == (state, holder)
    assert set(desk.report.notes) - {"batch_made"} == ({note} if note else set())
    # What is derived from the row is derived by the one function of each.
    assert (row["customer_key"], row["phone_e164"], row["display_name"]) == ("custone", "+628123456789", "Person One")
    assert (row["batch_id"] is not None) == (holder is not None)


async def test_marks_become_a_contact_with_a_history(desk: Desk) -> None:
    marks = {
        "whatsapp_status": "ADA",
        "whatsapp_status_updated_at": "2026-02-02T10:00:00Z",
        "respond_status": "ya",
        "respond_status_updated_at": "2026-01-01T00:00:00Z",
        "validation_status": "invalid",
        "validation_reason": "busy line",
        "validated_at": "2026-02-03T10:00:00Z",
    }
    found = await read(desk, customer_records=[record(**HELD, **marks)])
    (contact,), (row,) = found["contacts"], found["customer_records"]
    assert (contact["wa_status"], contact["respond_status"], contact["version"]) == ("ada", "ya", 3)
    assert contact["wa_at"] == contact["first_wa_at"] == "2026-02-02T10:00:00+00:00"
    # An answer before the hand-out is of the hand-out at the earliest.
    assert contact["respond_at"] == contact["assigned_at"] == "2026-02-01T10:00:00+00:00"
    assert (row["validation_status"], row["validation_reason"], contact["verdict_note"]) == (
        "invalid",
        "other",
        "busy line",
    )
    events = [(event["field"], event["to_value"], event["actor_name"]) for event in found["contact_events"]]
    assert events == [
        ("whatsapp_status", "ada", "Ali"),
        ("respond_status", "ya", "Ali"),
        ("validation", "invalid", "Ali"),
    ]
    assert set(desk.report.notes) == {"marked_before", "batch_made"}


async def test_of_a_record_held_twice_the_later_hand_out_counts(desk: Desk) -> None:
    twice = [
        record(**HELD),
        record(**{**HELD, "assigned_to": BEN, "assigned_at": "2026-02-05T10:00:00Z"}),
        record(status="available"),
    ]
    found = await read(desk, customer_records=twice)
    assert [row["assigned_to"] for row in found["customer_records"]] == [BEN]
    tally = desk.report.collections["customer_records"]
    assert (tally.read, tally.stored, tally.merged) == (3, 1, 2)
    assert desk.report.notes["held_twice"].examples == ["r"]


async def test_rows_keep_the_order_of_their_file_and_get_dense_keys(desk: Desk) -> None:
    rows = [record(id=f"r{n}", row_number=n, row_data={"Username": f"u{n}"}, status="available") for n in (3, 1, 2)]
    found = await read(desk, customer_records=rows)
    assert [(row["id"], row["seq"], row["row_number"]) for row in found["customer_records"]] == [
        ("r1", 1, 1),
        ("r2", 2, 2),
        ("r3", 3, 3),
    ]
    (database,) = found["databases"]
    assert (database["first_seq"], database["last_seq"], database["mapping"]["username"]) == (1, 3, 0)


async def test_requests_hold_exactly_their_records_and_name_their_batches(desk: Desk) -> None:
    requests = [
        {"id": "open", "database_id": "d", "record_count": 1, "record_ids": ["r1"], "status": "pending",
         "requested_by": ALI, "requested_at": AT},
        {"id": "done", "database_id": "d", "record_count": 1, "record_ids": ["r1", "r2"], "status": "approved",
         "requested_by": BEN, "requested_at": AT, "custom_title": "Mine", "is_pinned": True},
    ]  # fmt: skip
    records = [
        record(id="r1", status="requested"),
        record(id="r2", row_number=2, **{**HELD, "assigned_to": BEN}),
    ]
    found = await read(desk, customer_records=records, download_requests=requests)
    first, second = found["customer_records"]
    assert (first["state"], first["held_for"], first["request_id"]) == ("requested", ALI, "open")
    assert first["held_until"] == "2026-04-01T05:00:00+00:00"
    assert (second["request_id"], second["batch_id"]) == ("done", "done")
    (batch,) = found["batches"]
    assert (batch["id"], batch["request_id"], batch["title"], batch["staff_id"]) == ("done", "done", "Mine", BEN)
    assert [(view["user_id"], view["group_id"]) for view in found["group_views"]] == [(BEN, "done")]
    assert desk.report.notes["in_two_requests"].examples == ["r1"]
    assert {row["id"]: row["batch_id"] for row in found["record_requests"]} == {"open": None, "done": "done"}


async def test_one_active_reservation_for_a_customer_and_a_product(desk: Desk) -> None:
    """The oldest approved one stays; a name alone, and no status, is how the first ones were written."""
    reserved: list[Document] = [
        {**RESERVED, "id": "late", "created_at": "2026-03-01", "status": "approved"},
        {**RESERVED, "id": "first", "customer_id": None, "customer_name": "cust one", "staff_id": ALI},
        {**RESERVED, "id": "asked", "status": "pending", "created_at": "2025-01-01"},
        {**RESERVED, "id": "elsewhere", "product_id": "q"},
    ]
    archive = [{**RESERVED, "id": "old", "deleted_at": AT, "deleted_reason": "no_omset_grace_period"}]
    found = await read(desk, reserved_members=reserved, deleted_reserved_members=archive)
    states = {row["id"]: (row["status"], row["ended_reason"]) for row in found["reserved_members"]}
    assert states == {
        "first": ("approved", None),
        "elsewhere": ("approved", None),
        "late": ("released", "duplicate"),
        "asked": ("released", "duplicate"),
        "old": ("expired", "no_omset_grace_period"),
    }
    keys = {(row["product_id"], row["customer_key"]): row["reservation_id"] for row in found["reservation_keys"]}
    assert keys == {("p", "custone"): "first", ("q", "custone"): "elsewhere"}


def deposit(id_: str, on: str, **fields: Any) -> Document:
    base = {"id": id_, "staff_id": ALI, "product_id": "p", "customer_id": "x", "record_date": on, "nominal": 100_000}
    return {**base, **fields}


async def test_classes_are_those_of_the_one_classification_and_changes_say_why(desk: Desk) -> None:
    deposits = [
        deposit("late", "2026-02-09", customer_type="NDP"),
        deposit("first", "2026-02-07", customer_type="RDP", customer_id=" X "),
        deposit("more", "2026-02-07", customer_type="NDP", keterangan="Depo TAMBAHAN"),
        deposit("new", "2026-02-10"),
        deposit("waits", "2026-01-01", approval_status="pending", customer_type=None),
    ]
    trash = [deposit("gone", "2026-01-01", deleted_at=AT)]
    found = await read(desk, omset_records=deposits, omset_trash=trash)
    types = {row["id"]: row["customer_type"] for row in found["omset_records"]}
    assert types == {"first": "NDP", "late": "RDP", "more": "RDP", "new": "RDP", "waits": None, "gone": None}
    why = {what: noted.examples for what, noted in desk.report.reclassified.items()}
    assert sorted(why.values()) == [["first"], ["late"], ["more"], ["new"]]
    (key,) = found["omset_keys"]
    assert (key["first_date"], key["last_date"], key["forms"]) == ("2026-02-07", "2026-02-10", 4)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"nominal": "100.000"}, "nominal is no number"),
        ({"nominal": 0}, "nominal is no amount that can be booked"),
        ({"nominal": -5}, "nominal is no amount that can be booked"),
        ({"nominal": 0.001}, "nominal is no amount that can be booked"),
        ({"nominal": None}, "nominal is missing"),
        ({"depo_kelipatan": 1001}, "depo_kelipatan is not between 0 and 1000"),
        ({"record_date": "2026-04-02"}, "record_date is in the future"),
        ({"record_date": "yesterday"}, "record_date is no date"),
        ({"customer_id": " "}, "no id, no customer, or nobody's"),
        ({"approval_status": "lost"}, "approval_status is none"),
    ],
)
async def test_deposits_that_cannot_be_booked_are_kept_apart(
    desk: Desk, tmp_path: Path, fields: Document, reason: str
) -> None:
    found = await read(desk, omset_records=[deposit("bad", "2026-02-09", **fields), deposit("good", "2026-02-09")])
    assert [row["id"] for row in found["omset_records"]] == ["good"]
    assert desk.report.rejected[f"omset_records: {reason}"].examples == ["bad"]
    assert desk.staging.write_rejected(tmp_path / "rejected.ndjson") == 1


async def test_money_is_exact_whatever_it_was_written_as(desk: Desk) -> None:
    found = await read(
        desk, omset_records=[deposit("a", "2026-02-09", nominal=0.1, depo_kelipatan=1.5, depo_total=0.2)]
    )
    (row,) = found["omset_records"]
    assert (row["nominal"], row["multiplier"], row["total"]) == (10, 150, 15)
    assert desk.report.notes["total_differs"].examples == ["a"]


async def test_ranks_are_never_guessed_upwards_and_nobody_gets_in_anew(desk: Desk) -> None:
    users: list[Document] = [
        {"id": "a", "email": "A@example.test", "name": "A", "role": "boss", "password_hash": "md5"},
        {"id": "b", "email": "a@EXAMPLE.test", "name": "B", "role": "admin", "password_hash": HASH},
        {"_id": "c", "email": "c@example.test", "role": "staff", "is_active": False, "capacity": 5},
    ]
    found = await read(desk, users=users)
    rows = {row["id"]: row for row in found["users"]}
    assert (rows["a"]["role"], rows["a"]["is_active"], rows["a"]["password_hash"]) == ("staff", False, NO_PASSWORD)
    assert (rows["b"]["email"], rows["b"]["is_active"]) == ("a+b@EXAMPLE.test", False)
    assert (rows["c"]["name"], rows["c"]["is_active"], rows["c"]["capacity"]) == ("c@example.test", False, 5)


async def test_settings_targets_and_unknown_fields(desk: Desk) -> None:
    settings = [
        {"key": "auto_approve", "enabled": True},
        {"key": "bonanza_settings", "auto_replace_invalid": True, "max_replacements_per_batch": 5000},
    ]
    targets: list[Document] = [{"daily_ndp": 5}, {"staff_id": ALI, "daily_ndp": 7, "effective_from": "2026-01-01"}]
    found = await read(desk, settings=settings, staff_targets=targets, surprises=[{"_id": 1}])
    assert [(row["name"], row["value"]["enabled"]) for row in found["settings"]] == [("auto_approve", True)]
    assert desk.report.rejected["settings: max_replacements_per_batch is refused"].count == 1
    assert [(row["staff_id"], row["effective_from"], row["daily_ndp"]) for row in found["staff_targets"]] == [
        (None, "2000-01-01", 5),
        (ALI, "2026-01-01", 7),
    ]
    assert desk.report.left_out == ["surprises"]


@pytest.mark.parametrize("broken", ["never", "31/12/2025", 2**63 - 1, {"odd": 1}, [], float("nan"), -1, True, "\0"])
async def test_whatever_a_field_holds_each_document_is_stored_merged_or_rejected(desk: Desk, broken: Any) -> None:
    """Nothing that stands in one field ends an import, and no document is lost from the count."""
    documents: dict[str, list[Document]] = {
        "users": [{**USERS[0], "created_at": broken, "capacity": broken, "blocked_pages": broken}, {"id": broken}],
        "databases": [{**DATABASES[0], "uploaded_at": broken, "columns": broken, "auto_approve": broken}],
        "memberwd_batches": [{"id": "b", "staff_id": ALI, "database_id": broken, "created_at": broken}],
        "download_requests": [
            {"id": "o", "requested_by": ALI, "record_count": broken, "record_ids": broken, "reviewed_at": broken}
        ],
        "reserved_members": [{**RESERVED, "created_at": broken, "aliases": broken, "last_omset_date": broken}],
        "deleted_reserved_members": [{**RESERVED, "id": "old", "deleted_at": broken, "grace_days_used": broken}],
        "customer_records": [
            record(
                **{**HELD, "assigned_at": broken, "row_number": broken}, whatsapp_status=broken, respond_status=broken
            ),
            record(id="r2", row_data=broken),
            record(id="r3", row_data={"Username": broken}, status=broken, validation_status=broken, replaced_by=broken),
        ],
        "omset_records": [
            deposit("a", "2026-02-09", created_at=broken, keterangan=broken, conflict_info=broken, depo_total=broken),
            deposit("b", "2026-02-09", nominal=broken),
            deposit("c", broken),
            deposit("d", "2026-02-09", depo_kelipatan=broken),
        ],
        "omset_trash": [deposit("e", "2026-02-09", deleted_at=broken)],
        "staff_targets": [{"daily_ndp": broken}, {"monthly_omset": broken}, {"effective_from": broken}],
        "notifications": [{"id": "n", "user_id": ALI, "type": broken, "data": {"x": broken}, "created_at": broken}],
        "settings": [{"key": "auto_approve", "enabled": broken}, {"key": broken}],
    }
    documents["users"].append(USERS[1])
    found = await read(desk, **documents)
    for name, tally in desk.report.collections.items():
        assert tally.read == tally.stored + tally.merged + tally.rejected, name
    kept = {row["id"] for row in found["omset_records"]}
    assert {"a", "e"} <= kept
    assert {row["id"] for row in found["users"]} >= {ALI, BEN}


async def test_the_same_dump_gives_the_same_rows(tmp_path: Path, dump: tuple[Path, Facts]) -> None:
    """Resuming rests on it: what is read again has every row in the same place."""
    found = []
    for number in range(2):
        staging = Staging(tmp_path / f"{number}.sqlite")
        desk = desk_of(staging)
        digest = await read_all(DumpSource(dump[0]), desk)
        found.append((digest, desk.report.as_json(), {step: staging.rows(step, 0, 10_000) for step in TABLES}))
        staging.close()
    assert found[0] == found[1]
    assert len(found[0][2]["customer_records"]) == SMALL.records
