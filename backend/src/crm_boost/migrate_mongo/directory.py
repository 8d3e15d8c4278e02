"""People, products and databases by every name that documents call them: few, so they are kept in memory.

Whoever is named and unknown is kept too, as a removed account or a retired product, so that nothing that belongs to them
is lost; what is held by somebody who is gone is then found by the data health checks.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crm_boost.identity.passwords import NO_PASSWORD
from crm_boost.identity.permissions import Role
from crm_boost.kit.text import name_key
from crm_boost.migrate_mongo.report import Report

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_NOBODY = "unknown"


@dataclass(slots=True)
class Pool:
    """One database while its records are read. `columns` grow with what the rows have."""

    id: str
    module: str
    product_id: str
    name: str
    uploaded_at: datetime
    row: dict[str, Any]
    columns: dict[str, None] = field(default_factory=dict)
    records: int = 0


class Directory:
    """Finds, by old ids of either kind, whom and what a document means."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.users: dict[str, dict[str, Any]] = {}
        self.products: dict[str, dict[str, Any]] = {}
        self.pools: dict[str, Pool] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        self._product_names: set[str] = set()

    def also_known(self, kind: str, id_: str, other: str | None) -> None:
        """Note a second id of something; the first thing so called keeps it."""
        if other is not None and other != id_:
            self._aliases.setdefault((kind, other), id_)

    def _id(self, kind: str, id_: str, known: dict[str, Any]) -> str:
        return id_ if id_ in known else self._aliases.get((kind, id_), id_)

    def user(self, id_: str | None, name: str = "") -> str:
        """Return the id of a person; one who is not among the users becomes a removed account."""
        wanted = self._id("users", id_ or _NOBODY, self.users)
        if wanted not in self.users:
            self._report.note("unknown_user", wanted)
            self.users[wanted] = {
                "id": wanted,
                "email": "",
                "email_key": f"removed:{wanted}",
                "name": name or wanted,
                "role": str(Role.STAFF),
                "password_hash": NO_PASSWORD,
                "is_active": False,
                "blocked_pages": [],
                "language": "id",
                "theme": "system",
                "created_at": _LONG_AGO,
                "deleted_at": _LONG_AGO,
            }
        elif name and self.users[wanted]["name"] == wanted:
            self.users[wanted]["name"] = name
        return wanted

    def known_user(self, id_: str | None) -> str | None:
        """Return the id of a person who is among the users; None for anybody else."""
        if id_ is None:
            return None
        wanted = self._id("users", id_, self.users)
        return wanted if wanted in self.users else None

    def name_of(self, user_id: str | None, otherwise: str = "") -> str:
        """Return a person's name."""
        found = self.users.get(user_id or "")
        return found["name"] if found is not None else otherwise or "system"

    def product(self, id_: str | None, name: str = "") -> str:
        """Return the id of a product; one that is not among the products becomes a retired one."""
        wanted = self._id("products", id_ or _NOBODY, self.products)
        if wanted not in self.products:
            self._report.note("unknown_product", wanted)
            self.add_product({"id": wanted, "name": name or wanted, "is_active": False, "created_at": _LONG_AGO})
        return wanted

    def add_product(self, row: dict[str, Any]) -> None:
        """Add a product; a name that another one has gets a number."""
        name, number = row["name"], 2
        while name_key(name) in self._product_names:
            name, number = f"{row['name']} ({number})", number + 1
        if name != row["name"]:
            self._report.note("product_name_twice", row["id"])
        self._product_names.add(name_key(name))
        self.products[row["id"]] = {"description": "", **row, "name": name, "name_key": name_key(name)}

    def pool(self, id_: str | None, module: str, product_id: str, name: str) -> Pool:
        """Return a database; one that is not there is made from what a record says of it."""
        wanted = self._id("databases", id_ or f"{_NOBODY}-{module}", self.pools)
        if wanted not in self.pools:
            self._report.note("unknown_database", wanted)
            self.add_pool(
                Pool(
                    wanted,
                    module,
                    self.product(product_id or None),
                    name or wanted,
                    _LONG_AGO,
                    {"name": name or wanted},
                )
            )
        return self.pools[wanted]

    def add_pool(self, pool: Pool) -> None:
        """Add a database."""
        self.pools[pool.id] = pool
