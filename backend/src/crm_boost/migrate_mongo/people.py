"""Users and products (spec 1.1, 1.2)."""

from typing import Any

from crm_boost.identity.passwords import NO_PASSWORD, is_known
from crm_boost.identity.permissions import Page, Permission, Role, roles_with
from crm_boost.identity.service import email_key
from crm_boost.migrate_mongo.desk import Desk, id_of, other_id
from crm_boost.migrate_mongo.sources import Document
from crm_boost.migrate_mongo.values import first, flag, text, word, words

_NAMES = frozenset(role.value for role in Role)
_PAGES = frozenset(page.value for page in Page)
_LANGUAGES = ("en", "id")

USER_FIELDS = words(
    "id email name full_name role password password_hash hashed_password is_active active blocked_pages capacity language"
    " theme created_at last_seen_at last_activity last_login deleted_at"
)
PRODUCT_FIELDS = words("id name description is_active active created_at")


def read_user(desk: Desk, collection: str, document: Document) -> None:
    """Keep an account. Ranks are never guessed upwards, and nobody gets in who could not before."""
    id_, email = id_of(document), text(document.get("email"), 254)
    if id_ is None or not email:
        desk.reject(collection, document, "no id or no email")
        return
    if not desk.is_new("users", collection, id_):
        return
    role, active = word(document.get("role")), _is_active(document)
    if role not in _NAMES:
        desk.report.note("unknown_role", id_)
        role, active = str(Role.STAFF), False
    password = first(document, "password_hash", "hashed_password", "password")
    if not isinstance(password, str) or not is_known(password):
        desk.report.note("no_password", id_)
        password = NO_PASSWORD
    deleted_at = desk.gone(document)
    taken = {row["email_key"] for row in desk.directory.users.values() if row["deleted_at"] is None}
    if deleted_at is None and email_key(email) in taken:
        desk.report.note("email_twice", id_)
        local, _, domain = email.rpartition("@")
        email, active = f"{local}+{id_}@{domain}", False
    language = document.get("language")
    starts_in_indonesian = Role(role) in roles_with(Permission.RECORDS_WORK)
    desk.directory.users[id_] = {
        "id": id_,
        "email": email,
        "email_key": email_key(email),
        "name": text(first(document, "name", "full_name"), 120) or email,
        "role": role,
        "password_hash": password,
        "is_active": active and deleted_at is None,
        "capacity": desk.count(document, "capacity"),
        "blocked_pages": _pages(document.get("blocked_pages")),
        "language": language if language in _LANGUAGES else _LANGUAGES[starts_in_indonesian],
        "theme": "system",
        "created_at": desk.at(document, "created_at") or desk.began_at,
        "last_seen_at": desk.at(document, "last_seen_at", "last_activity", "last_login"),
        "deleted_at": deleted_at,
    }
    desk.directory.also_known("users", id_, other_id(document))


def _is_active(document: Document) -> bool:
    return flag(first(document, "is_active", "active")) is not False


def _pages(value: Any) -> list[str]:
    pages = {word(page).strip("/").replace("-", "_") for page in value} if isinstance(value, list) else set()
    return sorted(pages & _PAGES)


def read_product(desk: Desk, collection: str, document: Document) -> None:
    """Keep a product."""
    id_, name = id_of(document), text(document.get("name"), 120)
    if id_ is None or not name:
        desk.reject(collection, document, "no id or no name")
        return
    if not desk.is_new("products", collection, id_):
        return
    desk.directory.add_product(
        {
            "id": id_,
            "name": name,
            "description": text(document.get("description"), 2000),
            "is_active": _is_active(document),
            "created_at": desk.at(document, "created_at") or desk.began_at,
        }
    )
    desk.directory.also_known("products", id_, other_id(document))
