"""Targets, notifications and settings (spec 3.3, 4.4, 6.1)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError

from crm_boost.assignments.policies import all_policies
from crm_boost.deposits.ledger_config import NAME as LEDGER
from crm_boost.deposits.ledger_config import LedgerConfig
from crm_boost.deposits.money import to_minor
from crm_boost.health.service import Monitoring
from crm_boost.migrate_mongo.desk import Desk, Row, id_of
from crm_boost.migrate_mongo.sources import Document
from crm_boost.migrate_mongo.values import (
    Unreadable,
    day,
    first,
    flag,
    ident,
    number,
    plain,
    text,
    whole,
    word,
    words,
)
from crm_boost.performance.targets_service import built_in
from crm_boost.replacement.policy_settings import ReplacementRule
from crm_boost.requests.auto_approval import SETTINGS as AUTO_APPROVE
from crm_boost.requests.auto_approval import AutoApproval
from crm_boost.reservations.cleanup_config import NAME as CLEANUP
from crm_boost.reservations.grace import CleanupConfig

TARGET_FIELDS = words(
    "id staff_id staff_name effective_from monthly_omset daily_ndp daily_rdp required_success_days updated_at updated_by"
    " updated_by_name created_at"
)
NOTIFICATION_FIELDS = words("id user_id type title message data is_read read read_at created_at")
_FROM_THE_START = date(2000, 1, 1)
_MOST, _MOST_MONEY = 1_000_000, 10**17
_COUNTS = ("daily_ndp", "daily_rdp", "required_success_days")


def read_target(desk: Desk, collection: str, document: Document) -> None:
    """Keep what is expected of everybody, or of one staff. Without a day it held from the start."""
    staff = ident(document.get("staff_id"))
    staff_id = desk.directory.user(staff, text(document.get("staff_name"), 120)) if staff else None
    start = day(document.get("effective_from"), "effective_from", desk.zone) or _FROM_THE_START
    figures = asdict(built_in(desk.scale))
    omset = number(document.get("monthly_omset"), "monthly_omset")
    if omset is not None:
        minor = to_minor(omset, desk.scale)
        if minor is None or minor > _MOST_MONEY:
            raise Unreadable("monthly_omset", "is no amount that can be aimed at")
        figures["monthly_omset"] = minor
    for name in _COUNTS:
        figures[name] = whole(document.get(name), name) or figures[name]
    if min(figures.values()) < 1 or figures["required_success_days"] > 31 or max(figures[n] for n in _COUNTS) > _MOST:
        raise Unreadable("targets", "are out of bounds")
    if not desk.is_new("targets", collection, f"{staff_id or ''} {start}"):
        return
    row = {
        "staff_id": staff_id,
        "effective_from": start,
        **figures,
        "set_at": desk.at(document, "updated_at", "created_at") or desk.began_at,
        "set_by_name": text(document.get("updated_by_name"), 120) or "system",
    }
    desk.staging.add_rows("staff_targets", [row])


def read_notification(desk: Desk, collection: str, document: Document) -> None:
    """Keep a message to somebody; its old words go along, since no language file has them."""
    id_, user_id = id_of(document), desk.directory.known_user(ident(document.get("user_id")))
    if id_ is None or user_id is None:
        desk.reject(collection, document, "no id, or to nobody")
        return
    created_at = desk.at(document, "created_at") or desk.began_at
    read_at = desk.at(document, "read_at")
    was_read = read_at is not None or flag(first(document, "is_read", "read")) is True
    if not desk.is_new("notifications", collection, id_):
        return
    given = document.get("data")
    data = plain(given) if isinstance(given, dict) else {}
    data |= {name: text(document.get(name)) for name in ("title", "message") if document.get(name)}
    body: Row = {
        "id": id_,
        "user_id": user_id,
        "type": text(document.get("type"), 100) or "message",
        "data": data,
        "created_at": created_at,
        "read_at": (read_at or created_at) if was_read else None,
    }
    desk.staging.wait("notifications", created_at.isoformat(), id_, body)


def settle_notifications(desk: Desk) -> None:
    """Hand messages out as rows, the oldest first: the inbox has them in the order of the table."""
    page: list[Row] = []
    for body in desk.staging.waited("notifications"):
        page.append(body)
        if len(page) == _PAGE:
            desk.staging.add_rows("notifications", page)
            page = []
    desk.staging.add_rows("notifications", page)


_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Group:
    """A group of settings of this desk."""

    name: str
    shape: type[BaseModel]


_GROUPS: dict[str, Group] = {
    **dict.fromkeys(("auto_approve", "auto_approve_settings"), Group(AUTO_APPROVE, AutoApproval)),
    **dict.fromkeys(
        ("reserved_member_cleanup", "reserved_member_cleanup_config", "reserved_member_config", "cleanup_config"),
        Group(CLEANUP, CleanupConfig),
    ),
    **dict.fromkeys(("monitoring_config", "data_sync_config"), Group("health_monitoring", Monitoring)),
    **dict.fromkeys(("ledger", "ledger_config"), Group(LEDGER, LedgerConfig)),
    **{
        f"{policy.module}_settings": Group(f"replacement.{policy.module}", ReplacementRule) for policy in all_policies()
    },
}
SETTING_COLLECTIONS = frozenset(_GROUPS)


def read_setting(desk: Desk, collection: str, document: Document) -> None:
    """Keep a group of settings, named by its collection or by a field. What this desk would refuse is left out."""
    named = [collection, *(word(document.get(field)) for field in ("key", "name", "type", "id", "_id"))]
    group = next((_GROUPS[name] for name in (name.replace("-", "_") for name in named) if name in _GROUPS), None)
    if group is None:
        desk.report.note("setting_left_out", id_of(document) or collection)
        desk.reject(collection, document, "this desk has no such settings")
        return
    inner = document.get("value")
    value = _values_of(group, inner if isinstance(inner, dict) else document)
    try:
        kept = group.shape.model_validate(value)
    except ValidationError as error:
        desk.report.note("setting_left_out", group.name)
        field = ".".join(map(str, error.errors()[0]["loc"])) or "value"
        raise Unreadable(field, "is refused") from error
    if not desk.is_new("settings", collection, group.name):
        return
    row = {
        "name": group.name,
        "value": kept.model_dump(mode="json"),
        "updated_at": desk.at(document, "updated_at") or desk.began_at,
        "updated_by": desk.directory.known_user(ident(document.get("updated_by"))),
        "updated_by_name": text(document.get("updated_by_name"), 120) or "system",
    }
    desk.staging.add_rows("settings", [row])


def _values_of(group: Group, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a document that the group has; overrides of products may be a list."""
    found = {name: document[name] for name in group.shape.model_fields if document.get(name) is not None}
    overrides = found.get("product_overrides")
    if isinstance(overrides, list):
        found["product_overrides"] = {
            ident(item.get("product_id")): first(item, "grace_days", "days")
            for item in overrides
            if isinstance(item, dict)
        }
    return found
