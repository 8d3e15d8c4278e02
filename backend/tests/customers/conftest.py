"""A desk with one of everybody, a database per module, and records dealt to two people."""

from dataclasses import dataclass

import pytest

from crm_boost.db.engine import Database
from tests.assignments import support as engine
from tests.support.factories import Account, Stored, make_database, make_user

MODULES = ("normal", "memberwd", "bonanza")


@dataclass(slots=True)
class Desk:
    """`stored[module]` has 12 records: 0-3 are with `staff`, 4-5 with `other`, the rest is free."""

    admin: Account
    master: Account
    staff: Account
    other: Account
    stored: dict[str, Stored]

    def mine(self, module: str = "memberwd") -> list[str]:
        return self.stored[module].record_ids[:4]

    def theirs(self, module: str = "memberwd") -> list[str]:
        return self.stored[module].record_ids[4:6]

    def free(self, module: str = "memberwd") -> list[str]:
        return self.stored[module].record_ids[6:]


@pytest.fixture
async def desk(database: Database) -> Desk:
    admin, master = await make_user(database, "admin"), await make_user(database, "master_admin")
    staff, other = await make_user(database, name="Wati"), await make_user(database, name="Budi")
    stored = {}
    for module in MODULES:
        made = await make_database(database, 12, module=module, name=f"Database {module}")
        await engine.pick(database, made, staff, made.record_ids[:4])
        await engine.pick(database, made, other, made.record_ids[4:6])
        stored[module] = made
    return Desk(admin, master, staff, other, stored)
