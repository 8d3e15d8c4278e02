"""A desk where one staff has something of every kind, and everything about it carries a word nobody else may see."""

from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from tests.support.factories import Account, Stored, make_database, make_product, make_user

SECRET = "zqsecret"
"""In each customer, note and title of the owner."""


@dataclass(slots=True)
class World:
    """`things` are the owner's, by the names that parameters have."""

    client: httpx.AsyncClient
    database: Database
    owner: Account
    stranger: Account
    admin: Account
    colleague: Account
    master: Account
    product: str
    pools: dict[str, Stored]
    things: dict[str, Any] = field(default_factory=dict)

    def caller(self, role: Role) -> Account:
        """Somebody of this role to whom nothing belongs."""
        return {Role.STAFF: self.stranger, Role.ADMIN: self.colleague, Role.MASTER_ADMIN: self.master}[role]

    async def call(self, who: Account, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Call what must work, and return what it says."""
        answer = await self.client.request(method, f"/api{path}", json=body, params=params, headers=who.auth)
        assert answer.is_success, (method, path, answer.text)
        return answer.json() if answer.content else None

    async def owners_things_now(self) -> dict[str, Any]:
        """Everything of the owner's as it is now, to compare with later."""
        mine = {"staff_id": self.owner.id}
        found = {
            module: await self.call(self.admin, "GET", f"/pools/{module}/databases/{pool.id}/records")
            for module, pool in self.pools.items()
        }
        for path, params in (
            ("/omset", mine),
            ("/reserved-members", mine),
            ("/download-requests", mine),
            ("/followups", mine),
        ):
            found[path] = await self.call(self.admin, "GET", path, **params)
        for path in (
            "/my/groups",
            "/exports",
            "/notifications",
            "/tokens",
            f"/records/{self.things['record_id']}/notes",
        ):
            found[path] = await self.call(self.owner, "GET", path)
        found["sessions"] = {one["id"] for one in await self.call(self.owner, "GET", "/auth/sessions")}
        return found


async def open_world(app: FastAPI, client: httpx.AsyncClient, database: Database) -> World:
    """People, products, three databases, and the owner's work of a day."""
    product = await make_product(database, "Product A")
    pools = {
        module: await make_database(database, 6, module=module, product_id=product, prefix=f"{SECRET}-{module}-")
        for module in ("normal", "memberwd", "bonanza")
    }
    people = [await make_user(database, role) for role in ("staff", "staff", "admin", "admin", "master_admin")]
    owner, stranger, admin, colleague, master = people
    world = World(client, database, owner, stranger, admin, colleague, master, product, pools)
    await _hand_out(world)
    await _work(world)
    order = {"kind": "omset", "format": "csv", "filters": {}}
    export = await world.call(world.owner, "POST", "/exports", order)
    await app.state.exports.idle()
    admins_export = await world.call(world.admin, "POST", "/exports", order)
    await app.state.exports.idle()
    inbox = await world.call(world.owner, "GET", "/notifications")
    token = await world.call(world.owner, "POST", "/tokens", {"name": "script", "scopes": ["read"]})
    sessions = await world.call(world.owner, "GET", "/auth/sessions")
    world.things |= {
        "export_id": export["id"],
        "admins_export_id": admins_export["id"],
        "ids": [one["id"] for one in inbox["notifications"]],
        "session_id": sessions[0]["id"],
        "token_id": token["id"],
        "staff_id": owner.id,
        "user_id": owner.id,
        "new_staff_id": owner.id,
    }
    return world


async def _hand_out(world: World) -> None:
    body = {"staff_ids": [world.owner.id], "quantity": 3}
    for module in ("memberwd", "bonanza"):
        path = f"/pools/{module}/assign-random"
        done = await world.call(world.admin, "POST", path, {**body, "database_id": world.pools[module].id})
        world.things["operation_id"] = done["operation_id"]
    ask = {"database_id": world.pools["normal"].id, "record_count": 2}
    asked = await world.call(world.owner, "POST", "/download-requests", ask)
    await world.call(world.admin, "PATCH", f"/download-requests/{asked['id']}/approve")
    waiting = await world.call(world.owner, "POST", "/download-requests", {**ask, "record_count": 1})
    world.things["request_id"] = waiting["id"]
    groups = await world.call(world.owner, "GET", "/my/groups")
    batches = [group["id"] for group in groups if group["kind"] == "batch"]
    assert len(groups) == 3, groups
    world.things |= {"batch_id": batches[0], "group_id": batches[0], "database_id": world.pools["normal"].id}


async def _work(world: World) -> None:
    held = await world.call(world.owner, "GET", "/my/records")
    # The desk of normal databases: any record may be followed up.
    record = next(row["id"] for row in held if SECRET in str(row))
    customer = f"{SECRET}-paid"
    await world.call(world.owner, "PATCH", f"/records/{record}", {"respond_status": "ya"})
    await world.call(world.owner, "POST", f"/records/{record}/notes", {"text": f"{SECRET} note"})
    deposit = {"product_id": world.product, "record_date": "2026-01-02", "customer_id": customer, "nominal": 1000}
    member = {"customer_id": f"{SECRET}-member", "product_id": world.product, "staff_id": world.owner.id}
    world.things |= {
        "record_id": record,
        "record_ids": [record],
        "key": next(row["customer_id"] for row in held if row["id"] == record),
        "customer_id": customer,
        "deposit_id": (await world.call(world.owner, "POST", "/omset", deposit))["id"],
        "reservation_id": (await world.call(world.admin, "POST", "/reserved-members", member))["id"],
        "product_id": world.product,
    }
