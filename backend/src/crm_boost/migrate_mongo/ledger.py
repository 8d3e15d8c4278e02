"""Deposits and their trash (spec 4): money exactly, every class by the one classification."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm_boost.databases.customer_key import customer_key, tidy
from crm_boost.deposits.classification import Entry, says_tambahan, standing_of
from crm_boost.deposits.entry import Books, Money, day_fault, money_of
from crm_boost.deposits.states import CustomerType, DepositStatus
from crm_boost.deposits.transitions import DepositCommand
from crm_boost.kit.clock import business_date
from crm_boost.migrate_mongo.desk import Desk, Row, id_of
from crm_boost.migrate_mongo.marks import CORRELATION
from crm_boost.migrate_mongo.sources import Document
from crm_boost.migrate_mongo.values import Unreadable, day, first, flag, ident, number, text, word, words

DEPOSIT_FIELDS = words(
    "id product_id product_name staff_id staff_name record_date customer_id customer_name nominal depo_kelipatan depo_total"
    " keterangan tambahan customer_type record_type approval_status conflict_info possible_duplicate decline_reason"
    " declined_at declined_by_name approved_at approved_by approved_by_name created_at created_by created_by_name"
    " deleted_at deleted_by deleted_by_name"
)
_STATUSES = frozenset(status.value for status in DepositStatus)
_AT_ONCE = 500
_KEY = ("staff_id", "customer_key", "product_id")
_MOST = Decimal(10) ** 12
_MOST_TIMES = 1000


def read_deposit(desk: Desk, collection: str, document: Document, *, trashed: bool) -> None:
    """Keep a deposit. One without an approval status is approved, as it always counted."""
    id_, staff = id_of(document), ident(document.get("staff_id"))
    customer = tidy(text(first(document, "customer_id", "customer_name"), 500))
    if id_ is None or staff is None or not customer_key(customer):
        desk.reject(collection, document, "no id, no customer, or nobody's")
        return
    status = word(document.get("approval_status")) or str(DepositStatus.APPROVED)
    if status not in _STATUSES:
        desk.reject(collection, document, "approval_status is none")
        return
    where = desk.directory
    on, money = _day(desk, document), _money(desk, document)
    if not desk.is_new("deposits", collection, id_):
        return
    total = _stored_total(document, desk.scale)
    if total is not None and total != money.total:
        desk.report.note("total_differs", id_)
    note, said = text(document.get("keterangan"), 2000), flag(document.get("tambahan"))
    created_at = desk.at(document, "created_at") or desk.began_at
    creator = ident(document.get("created_by"))
    staff_id = where.user(staff, text(document.get("staff_name"), 120))
    declined = status == DepositStatus.DECLINED
    reviewer = first(document, "declined_by_name", "approved_by_name") if declined else document.get("approved_by_name")
    reviewed_at = desk.at(document, *(("declined_at", "approved_at") if declined else ("approved_at",)))
    desk.staging.keep_deposit(
        {
            "id": id_,
            "staff_id": staff_id,
            "product_id": where.product(ident(document.get("product_id")), text(document.get("product_name"), 120)),
            "record_date": on,
            "customer_id": customer,
            "customer_key": customer_key(customer),
            "customer_name": tidy(text(document.get("customer_name"), 500)),
            "nominal": money.nominal,
            "multiplier": money.multiplier,
            "total": money.total,
            "note": note,
            "tambahan": says_tambahan(note) if said is None else said,
            "status": status,
            "possible_duplicate": bool(flag(document.get("possible_duplicate"))),
            "reserved_by": _owner(desk, document),
            "decline_reason": text(document.get("decline_reason"), 2000) or None,
            "reviewed_at": reviewed_at,
            "reviewed_by_name": text(reviewer, 120) or None,
            "created_at": created_at,
            "created_by": where.known_user(creator) or creator,
            "created_by_name": text(document.get("created_by_name"), 120) or where.name_of(creator or staff_id),
            "version": 1,
            "deleted_at": (desk.at(document, "deleted_at") or desk.began_at) if trashed else None,
            "deleted_by_name": (text(document.get("deleted_by_name"), 120) or "system") if trashed else None,
            "purged_at": None,
            "was": word(first(document, "customer_type", "record_type")).upper(),
        }
    )


def _day(desk: Desk, document: Document) -> date:
    found = day(document.get("record_date"), "record_date", desk.zone)
    if found is None:
        raise Unreadable("record_date", "is missing")
    if day_fault(found, _books(desk)) is not None:
        raise Unreadable("record_date", "is in the future")
    return found


def _money(desk: Desk, document: Document) -> Money:
    nominal = number(document.get("nominal"), "nominal")
    if nominal is None:
        raise Unreadable("nominal", "is missing")
    times = number(document.get("depo_kelipatan"), "depo_kelipatan")
    times = Decimal(1) if times is None else times
    if not 0 < nominal < _MOST:
        raise Unreadable("nominal", "is no amount that can be booked")
    if not 0 < times <= _MOST_TIMES:
        raise Unreadable("depo_kelipatan", "is not between 0 and 1000")
    money = money_of(nominal, times, _books(desk))
    if isinstance(money, list):
        raise Unreadable(money[0].field, "is no amount that can be booked")
    return money


def _books(desk: Desk) -> Books:
    return Books(business_date(desk.zone, desk.began_at), None, desk.scale)


def _stored_total(document: Document, scale: int) -> Decimal | None:
    try:
        found = number(document.get("depo_total"), "depo_total")
    except Unreadable:
        return None
    return None if found is None else found * scale


def _owner(desk: Desk, document: Document) -> str | None:
    conflict: Any = document.get("conflict_info")
    return (
        desk.directory.known_user(ident(conflict.get("reserved_by_staff_id"))) if isinstance(conflict, dict) else None
    )


def settle_deposits(desk: Desk) -> None:
    """Classify every key, compare with what was, and hand the deposits out as rows."""
    rows: list[Row] = []
    keys: list[Row] = []
    for key, found in desk.staging.deposits_by_key():
        counting = [body for body in found if body["status"] == DepositStatus.APPROVED and body["deleted_at"] is None]
        standing = standing_of(
            Entry(body["id"], date.fromisoformat(body["record_date"]), body["tambahan"], body["nominal"], body["total"])
            for body in counting
        )
        if counting:
            keys.append(
                {
                    **dict(zip(_KEY, key, strict=True)),
                    "first_date": standing.first_date,
                    "last_date": standing.last_date,
                    "forms": standing.forms,
                }
            )
        for body in found:
            was, now = body.pop("was"), standing.types.get(body["id"])
            body["customer_type"] = None if now is None else str(now)
            if now is not None and was != now:
                desk.report.reclassify(was, str(now), _why(was, now, tambahan=body["tambahan"]), body["id"])
            _count(desk.report.totals, body)
        rows += found
        if len(rows) >= _AT_ONCE:
            _emit(desk, rows, keys)
            rows, keys = [], []
    _emit(desk, rows, keys)


def _why(was: str, now: CustomerType, *, tambahan: bool) -> str:
    if not was:
        return "missing"
    if tambahan:
        return "tambahan"
    return "first_day" if now is CustomerType.NDP else "earlier"


def _count(totals: dict[str, int], body: Row) -> None:
    place = "in the trash" if body["deleted_at"] is not None else body["status"]
    for name, value in (("", 1), (", nominal", body["nominal"]), (", total", body["total"])):
        totals[f"deposits {place}{name}"] = totals.get(f"deposits {place}{name}", 0) + value


def _emit(desk: Desk, rows: list[Row], keys: list[Row]) -> None:
    desk.staging.add_rows("omset_records", rows)
    desk.staging.add_rows("omset_keys", keys)
    events: list[Row] = []
    for body in rows:
        base = {"deposit_id": body["id"], "reason": None, "detail": {}, "correlation_id": CORRELATION}
        reviewed = body["reviewed_at"] is not None and body["status"] != DepositStatus.PENDING
        booked = str(DepositStatus.PENDING) if reviewed else body["status"]
        by = {"actor_id": body["created_by"], "actor_name": body["created_by_name"]}
        made = {"at": body["created_at"], "kind": str(DepositCommand.BOOK), "from_status": None, "to_status": booked}
        events.append({**base, **by, **made})
        if reviewed:
            approved = body["status"] == DepositStatus.APPROVED
            change = {
                "at": body["reviewed_at"],
                "kind": str(DepositCommand.APPROVE if approved else DepositCommand.DECLINE),
                "from_status": booked,
                "to_status": body["status"],
                "actor_id": None,
                "actor_name": body["reviewed_by_name"] or "system",
                "reason": body["decline_reason"],
            }
            events.append({**base, **change})
        if body["deleted_at"] is not None:
            gone = {"at": body["deleted_at"], "kind": str(DepositCommand.DELETE)}
            status = {"from_status": body["status"], "to_status": body["status"]}
            events.append({**base, **gone, **status, "actor_id": None, "actor_name": body["deleted_by_name"]})
    desk.staging.add_rows("omset_events", events)
