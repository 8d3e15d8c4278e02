"""Hand-outs: the batches that documents name, those of requests, and one for what was handed out without any (spec 2)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from crm_boost.customers.repositories.groups import BATCH
from crm_boost.migrate_mongo.desk import Desk, Row
from crm_boost.migrate_mongo.directory import Pool
from crm_boost.migrate_mongo.marks import CORRELATION
from crm_boost.requests.auto_approval import AutoApproval
from crm_boost.requests.states import RequestStatus

_HOLD: timedelta = AutoApproval().hold


class Batches:
    """Knows every batch, and makes those that are missing."""

    def __init__(self, desk: Desk, requests: Mapping[str, Row]) -> None:
        self._desk = desk
        self._requests = requests
        self._known: dict[str, Row] = {}
        for body in desk.staging.waited("batches"):
            pool = _pool(desk, body)
            self._known[body["id"]] = {**body, "database_id": pool.id, "module": pool.module}

    def of(self, pool: Pool, staff_id: str, batch_id: str | None, handed_at: datetime) -> str:
        """Return the batch of a held record: the one it names, that of its request, or that of this person here."""
        named = batch_id is not None
        batch_id = batch_id or hashlib.sha256(f"{pool.id}:{staff_id}".encode()).hexdigest()[:32]
        batch = self._known.get(batch_id)
        if batch is None:
            request = self._requests.get(batch_id)
            if not named or request is None:
                self._desk.report.note("batch_made", batch_id)
            batch = self._known[batch_id] = {
                "id": batch_id,
                "module": pool.module,
                "database_id": pool.id,
                "staff_id": staff_id,
                "request_id": batch_id if request else None,
                "title": request["title"] if request else "",
                "is_pinned": request["is_pinned"] if request else False,
                "created_at": None,
            }
        batch["first_at"] = min(batch.get("first_at", handed_at), handed_at)
        return batch_id

    def emit(self) -> set[str]:
        """Hand the batches out as rows, with who has pinned them; return the ids."""
        rows, views = [], []
        for batch in self._known.values():
            created_at = batch["created_at"] or batch.get("first_at", self._desk.began_at)
            names = ("id", "module", "database_id", "staff_id", "request_id", "title")
            rows.append({**{name: batch[name] for name in names}, "created_at": created_at})
            if batch["is_pinned"]:
                views.append(
                    {
                        "user_id": batch["staff_id"],
                        "kind": BATCH,
                        "group_id": batch["id"],
                        "is_pinned": True,
                        "seen_at": None,
                    }
                )
        self._desk.staging.add_rows("batches", rows)
        self._desk.staging.add_rows("group_views", views)
        return set(self._known)


def _pool(desk: Desk, body: Row) -> Pool:
    return desk.directory.pool(body["database_id"], body["module"], body["product_id"] or "", body["database_name"])


def open_requests(desk: Desk) -> dict[str, Row]:
    """Return every request by id. A waiting one is held from now on for as long as any other, so that moving house costs
    nobody what they asked for."""
    found = {}
    for body in desk.staging.waited("requests"):
        pool = _pool(desk, body)
        is_open = body["status"] == RequestStatus.PENDING
        found[body["id"]] = {
            **body,
            "database_id": pool.id,
            "module": pool.module,
            "expires_at": desk.began_at + _HOLD if is_open else None,
        }
    return found


def emit_requests(desk: Desk, requests: Mapping[str, Row], batch_ids: set[str]) -> None:
    """Hand the requests out as rows, with their history."""
    rows, events = [], []
    for seq, body in enumerate(requests.values(), 1):
        name = desk.directory.name_of(body["staff_id"])
        approved = body["status"] == RequestStatus.APPROVED
        rows.append(
            {
                "seq": seq,
                "requested_by_name": name,
                "batch_id": body["id"] if approved and body["id"] in batch_ids else None,
                "assigned_count": body["record_count"] if approved else 0,
                **{column: body[column] for column in _COLUMNS},
            }
        )
        event = {"request_seq": seq, "correlation_id": CORRELATION, "reason": None}
        asked = {"at": body["requested_at"], "actor_id": body["staff_id"], "actor_name": name}
        events.append({**event, **asked, "from_status": None, "to_status": str(RequestStatus.PENDING)})
        if body["status"] != RequestStatus.PENDING:
            reviewed = {
                "at": body["reviewed_at"] or body["requested_at"],
                "actor_id": body["reviewed_by"],
                "actor_name": body["reviewed_by_name"] or desk.directory.name_of(body["reviewed_by"]),
                "reason": body["reason"],
            }
            change = {"from_status": str(RequestStatus.PENDING), "to_status": body["status"]}
            events.append({**event, **reviewed, **change})
    desk.staging.add_rows("record_requests", rows)
    desk.staging.add_rows("request_events", events)


_COLUMNS = (
    "id",
    "module",
    "database_id",
    "staff_id",
    "record_count",
    "status",
    "requested_at",
    "expires_at",
    "reviewed_at",
    "reviewed_by",
    "reviewed_by_name",
    "reason",
    "auto_approved",
    "skipped_reserved_count",
)
