"""Reserved members and their archive (spec 3.1): one active reservation for a customer and a product."""

from datetime import datetime
from typing import Any

from crm_boost.databases.customer_key import customer_key, tidy
from crm_boost.migrate_mongo.desk import Desk, Row, id_of
from crm_boost.migrate_mongo.marks import CORRELATION
from crm_boost.migrate_mongo.records import Claim
from crm_boost.migrate_mongo.sources import Document
from crm_boost.migrate_mongo.values import first, flag, ident, text, word, words
from crm_boost.reservations.states import ACTIVE, ReservationStatus
from crm_boost.reservations.transitions import ReservationCommand

RESERVATION_FIELDS = words(
    "id customer_id customer_name phone_number product_id product_name staff_id staff_name status is_permanent"
    " auto_reassigned aliases created_at created_by created_by_name approved_at approved_by approved_by_name extended_at"
    " last_omset_date days_since_last_omset expires_on deleted_at deleted_by deleted_by_name deleted_reason"
    " grace_days_used reject_reason"
)
_NO_DEPOSIT = ("no_deposit", "no_omset")
_TWICE = "duplicate"
_STATUSES = frozenset(status.value for status in ReservationStatus)
_ENDS = {
    ReservationStatus.REJECTED: ReservationCommand.REJECT,
    ReservationStatus.CANCELLED: ReservationCommand.CANCEL,
    ReservationStatus.EXPIRED: ReservationCommand.EXPIRE,
    ReservationStatus.RELEASED: ReservationCommand.RELEASE,
}


def read_reservation(desk: Desk, collection: str, document: Document, *, archived: bool) -> None:
    """Keep a reservation until all are there. The oldest ones name the customer by `customer_name` alone."""
    id_, staff = id_of(document), ident(document.get("staff_id"))
    customer = tidy(text(first(document, "customer_id", "customer_name"), 500))
    if id_ is None or staff is None or not customer_key(customer):
        desk.reject(collection, document, "no id, no customer, or nobody's")
        return
    status = word(document.get("status")) or str(ReservationStatus.APPROVED)
    if status not in _STATUSES:
        desk.reject(collection, document, "status is none")
        return
    reason = text(first(document, "deleted_reason", "reject_reason"), 500) or None
    if archived and ReservationStatus(status) in ACTIVE:
        expired = (reason or "").startswith(_NO_DEPOSIT)
        status = str(ReservationStatus.EXPIRED if expired else ReservationStatus.RELEASED)
    where = desk.directory
    created_at = desk.at(document, "created_at") or desk.began_at
    approved_at = desk.at(document, "approved_at")
    protects = status == ReservationStatus.APPROVED
    ended = ReservationStatus(status) not in ACTIVE
    creator, approver = ident(document.get("created_by")), ident(document.get("approved_by"))
    aliases = document.get("aliases")
    body: Row = {
        "id": id_,
        "customer_id": customer,
        "customer_key": customer_key(customer),
        "customer_name": tidy(text(document.get("customer_name"), 500)),
        "phone_number": tidy(text(document.get("phone_number"), 64)),
        "aliases": [tidy(text(alias, 500)) for alias in aliases] if isinstance(aliases, list) else [],
        "product_id": where.product(ident(document.get("product_id")), text(document.get("product_name"), 120)),
        "staff_id": where.user(staff, text(document.get("staff_name"), 120)),
        "status": status,
        "created_at": created_at,
        "created_by": where.known_user(creator) or creator,
        "created_by_name": text(document.get("created_by_name"), 120) or where.name_of(creator),
        "approved_at": (approved_at or created_at) if protects else approved_at,
        "approved_by": where.known_user(approver) or approver,
        "approved_by_name": text(document.get("approved_by_name"), 120) or None,
        "is_permanent": bool(flag(document.get("is_permanent"))),
        "auto_reassigned": bool(flag(document.get("auto_reassigned"))),
        "claimed_at": None,
        "last_omset_date": desk.day(document, "last_omset_date"),
        "ended_at": (desk.at(document, "deleted_at") or created_at) if ended else None,
        "ended_by": ident(document.get("deleted_by")) if ended else None,
        "ended_by_name": (text(document.get("deleted_by_name"), 120) or "system") if ended else None,
        "ended_reason": reason if ended else None,
        "grace_days_used": desk.count(document, "grace_days_used"),
    }
    if protects:
        extended_at = desk.at(document, "extended_at")
        body["claimed_at"] = max(body["approved_at"], extended_at or body["approved_at"])
    if not desk.is_new("reservations", collection, id_):
        return
    # Those that protect come first, the older ones before: of two for one customer that one stays.
    since = body["claimed_at"] or body["created_at"]
    order = 0 if protects else 1 if not ended else 2
    desk.staging.wait("reservations", f"{order}{since.isoformat()}", id_, body)


def settle_reservations(desk: Desk) -> dict[tuple[str, str], Claim]:
    """Hand reservations out as rows; return who owns which customers."""
    claims: dict[tuple[str, str], Claim] = {}
    taken: set[tuple[str, str]] = set()
    rows: list[Row] = []
    keys: list[Row] = []
    events: list[Row] = []
    for body in desk.staging.waited("reservations"):
        status = ReservationStatus(body["status"])
        own = list(dict.fromkeys(key for key in map(customer_key, [body["customer_id"], *body["aliases"]]) if key))
        if status in ACTIVE and any((body["product_id"], key) in taken for key in own):
            desk.report.note("reserved_twice", body["id"])
            status = ReservationStatus.RELEASED
            ended = {"ended_at": desk.began_at, "ended_by_name": "system", "ended_reason": _TWICE}
            body.update(ended, status=str(status))
        if status in ACTIVE:
            approved = status is ReservationStatus.APPROVED
            taken.update((body["product_id"], key) for key in own)
            for key in own:
                keys.append(
                    {
                        "product_id": body["product_id"],
                        "customer_key": key,
                        "reservation_id": body["id"],
                        "staff_id": body["staff_id"],
                        "approved": approved,
                    }
                )
                if approved:
                    since = datetime.fromisoformat(body["claimed_at"])
                    claims.setdefault(desk.claim_of(body["product_id"], key), Claim(body["staff_id"], since))
        rows.append(body)
        events.extend(_history(body, status))
    for step, made in (("reserved_members", rows), ("reservation_keys", keys), ("reservation_events", events)):
        desk.staging.add_rows(step, made)
    return claims


def _history(body: Row, status: ReservationStatus) -> list[Row]:
    """Return what is known of the life of a reservation: asked for or made, approved, ended."""
    pending, approved = str(ReservationStatus.PENDING), str(ReservationStatus.APPROVED)
    was_approved = body["approved_at"] is not None
    at_once = was_approved and body["approved_at"] == body["created_at"]
    begun = ReservationCommand.CREATE if at_once else ReservationCommand.ASK
    steps: list[tuple[Any, ...]] = [
        (begun, body["created_at"], body["created_by"], body["created_by_name"], None, None)
    ]
    if was_approved and not at_once:
        by = (body["approved_by"], body["approved_by_name"] or "system")
        steps.append((ReservationCommand.APPROVE, body["approved_at"], *by, pending, None))
    if status in _ENDS:
        before = approved if was_approved else pending
        by = (body["ended_by"], body["ended_by_name"])
        steps.append((_ENDS[status], body["ended_at"], *by, before, body["ended_reason"]))
    targets = {
        ReservationCommand.CREATE: approved,
        ReservationCommand.ASK: pending,
        ReservationCommand.APPROVE: approved,
    }
    return [
        {
            "reservation_id": body["id"],
            "at": at,
            "actor_id": actor_id,
            "actor_name": actor_name,
            "kind": str(command),
            "from_status": before,
            "to_status": targets.get(command, str(status)),
            "reason": reason,
            "detail": {},
            "correlation_id": CORRELATION,
        }
        for command, at, actor_id, actor_name, before, reason in steps
    ]
