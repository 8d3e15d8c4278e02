"""Databases, batches, requests and records as their documents say, before anything is compared (spec 2)."""

from typing import Any

from crm_boost.assignments.policies import all_policies
from crm_boost.contacts.verdicts import Verdict
from crm_boost.migrate_mongo.desk import Desk, id_of, other_id
from crm_boost.migrate_mongo.directory import Pool
from crm_boost.migrate_mongo.sources import Document
from crm_boost.migrate_mongo.values import cell, first, flag, ident, text, word, words
from crm_boost.requests.states import RequestStatus

DATABASE_FIELDS = words(
    "id module name description filename file_name product_id product_name columns total_records total_count uploaded_at"
    " created_at uploaded_by uploaded_by_name auto_approve deleted_at deleted_by assigned_count archived_count"
    " excluded_count available_count requested_count conflict_count file_type"
)
BATCH_FIELDS = words(
    "id module database_id database_name product_id product_name staff_id staff_name assigned_to custom_name custom_title"
    " title created_at assigned_at is_pinned current_count initial_count record_count active_count validated_count"
    " invalid_count unvalidated_count"
)
REQUEST_FIELDS = words(
    "id database_id database_name product_id product_name record_count record_ids status requested_by requested_by_name"
    " requested_at created_at reviewed_at reviewed_by reviewed_by_name reject_reason rejection_reason reason auto_approved"
    " skipped_reserved_count custom_title is_pinned"
)
RECORD_FIELDS = words(
    "id module database_id database_name product_id product_name row_number row_data status assigned_to assigned_to_name"
    " assigned_at request_id batch_id whatsapp_status whatsapp_status_updated_at respond_status"
    " respond_status_updated_at validation_status validation_reason validation_note validated_at archived_at replaced_by"
    " is_reserved_member reserved_by reserved_by_name is_reservation_conflict created_at uploaded_at customer_id"
)
_MODULES = tuple(policy.module for policy in all_policies())
_STATUSES = frozenset(status.value for status in RequestStatus)
_VERDICTS = frozenset(verdict.value for verdict in Verdict)


def module_of(document: Document, usual: str) -> str:
    """Return the module of a document: its collection's, unless it says another one."""
    said = word(document.get("module"))
    return said if said in _MODULES else usual


def read_database(desk: Desk, collection: str, document: Document, module: str) -> None:
    """Keep a database; its columns and its mapping follow from its rows."""
    id_ = id_of(document)
    if id_ is None:
        desk.reject(collection, document, "no id")
        return
    if not desk.is_new("databases", collection, id_):
        return
    where = desk.directory
    product_id = where.product(ident(document.get("product_id")), text(document.get("product_name"), 120))
    uploaded_at = desk.at(document, "uploaded_at", "created_at") or desk.began_at
    name = text(first(document, "name", "description", "filename", "file_name"), 200) or id_
    uploader = ident(document.get("uploaded_by"))
    row = {
        "name": name,
        "description": text(document.get("description"), 2000),
        "filename": text(first(document, "filename", "file_name"), 300) or name,
        "uploaded_by": where.known_user(uploader) or uploader,
        "uploaded_by_name": text(document.get("uploaded_by_name"), 120) or where.name_of(uploader),
        "auto_approve": flag(document.get("auto_approve")),
        "deleted_at": desk.gone(document),
        "deleted_by": ident(document.get("deleted_by")),
    }
    pool = Pool(id_, module_of(document, module), product_id, name, uploaded_at, row)
    columns = document.get("columns")
    if isinstance(columns, list):
        pool.columns.update(dict.fromkeys(map(_column, columns)))
    where.add_pool(pool)
    where.also_known("databases", id_, other_id(document))


def _column(name: Any) -> str:
    return text(name, 200) or "Column"


def read_batch(desk: Desk, collection: str, document: Document, module: str) -> None:
    """Keep a batch. Its counts are never taken over: they follow from the records."""
    id_, staff = id_of(document), ident(first(document, "staff_id", "assigned_to"))
    if id_ is None or staff is None:
        desk.reject(collection, document, "no id or nobody's")
        return
    if not desk.is_new("batches", collection, id_):
        return
    name = text(document.get("staff_name"), 120)
    body = {
        "id": id_,
        "module": module_of(document, module),
        "database_id": ident(document.get("database_id")),
        "database_name": text(document.get("database_name"), 200),
        "product_id": ident(document.get("product_id")),
        "staff_id": desk.directory.user(staff, name),
        "request_id": None,
        "title": text(first(document, "custom_name", "custom_title", "title"), 120),
        "is_pinned": bool(flag(document.get("is_pinned"))),
        "created_at": desk.at(document, "created_at", "assigned_at"),
    }
    desk.staging.wait("batches", "", id_, body)


def read_request(desk: Desk, collection: str, document: Document, module: str) -> None:
    """Keep a request, and which records it names."""
    id_, staff = id_of(document), ident(document.get("requested_by"))
    if id_ is None or staff is None:
        desk.reject(collection, document, "no id or nobody's")
        return
    status = word(document.get("status")) or str(RequestStatus.APPROVED)
    count = desk.count(document, "record_count")
    names = document.get("record_ids")
    named = [found for item in names if (found := ident(item))] if isinstance(names, list) else []
    if status not in _STATUSES:
        desk.reject(collection, document, "status is none")
        return
    if not desk.is_new("requests", collection, id_):
        return
    requested_at = desk.at(document, "requested_at", "created_at") or desk.began_at
    reviewer = ident(document.get("reviewed_by"))
    for record_id in named:
        if not desk.staging.claim(record_id, id_):
            desk.report.note("in_two_requests", record_id)
    body = {
        "id": id_,
        "module": module_of(document, module),
        "database_id": ident(document.get("database_id")),
        "database_name": text(document.get("database_name"), 200),
        "product_id": ident(document.get("product_id")),
        "staff_id": desk.directory.user(staff, text(document.get("requested_by_name"), 120)),
        "record_count": max(count if count is not None else len(named), 0),
        "status": status,
        "requested_at": requested_at,
        "reviewed_at": desk.at(document, "reviewed_at"),
        "reviewed_by": desk.directory.known_user(reviewer) or reviewer,
        "reviewed_by_name": text(document.get("reviewed_by_name"), 120) or None,
        "reason": text(first(document, "reject_reason", "rejection_reason", "reason"), 2000) or None,
        "auto_approved": bool(flag(document.get("auto_approved"))),
        "skipped_reserved_count": desk.count(document, "skipped_reserved_count") or 0,
        "title": text(document.get("custom_title"), 120),
        "is_pinned": bool(flag(document.get("is_pinned"))),
    }
    desk.staging.wait("requests", requested_at.isoformat(), id_, body)


def read_record(desk: Desk, collection: str, document: Document, module: str) -> None:
    """Keep a record. What its row holds is text from here on."""
    id_ = id_of(document)
    if id_ is None:
        desk.reject(collection, document, "no id")
        return
    given = document.get("row_data")
    if not isinstance(given, dict):
        desk.reject(collection, document, "no row")
        return
    number = desk.count(document, "row_number")
    product, name = ident(document.get("product_id")), text(document.get("database_name"), 200)
    pool = desk.directory.pool(ident(document.get("database_id")), module_of(document, module), product or "", name)
    cells = {_column(name): cell(value) for name, value in given.items()}
    pool.columns.update(dict.fromkeys(cells))
    holder = ident(document.get("assigned_to"))
    handed_at = desk.at(document, "assigned_at")
    verdict = word(document.get("validation_status"))
    held_by = desk.directory.user(holder, text(document.get("assigned_to_name"), 120)) if holder else None
    body: dict[str, Any] = {
        "cells": cells,
        "status": word(document.get("status")),
        "holder": held_by,
        "handed_at": handed_at,
        "request_id": ident(document.get("request_id")),
        "batch_id": ident(document.get("batch_id")),
        "wa": word(document.get("whatsapp_status")),
        "wa_at": desk.at(document, "whatsapp_status_updated_at"),
        "respond": word(document.get("respond_status")),
        "respond_at": desk.at(document, "respond_status_updated_at"),
        "verdict": verdict if verdict in _VERDICTS else "",
        "reason": text(document.get("validation_reason"), 500),
        "note": text(document.get("validation_note"), 2000),
        "verdict_at": desk.at(document, "validated_at"),
        "archived_at": desk.at(document, "archived_at"),
        "replaced_by": ident(document.get("replaced_by")),
    }
    pool.records += 1
    desk.tally(collection).stored += 1
    held = handed_at.isoformat() if handed_at else None
    desk.staging.keep_record((collection, id_, pool.id, number, held_by, held, body))
