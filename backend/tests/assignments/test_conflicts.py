"""Settling conflicts: to the owner or back to the pool, the log, and undoing it (spec 3.2)."""

from typing import Any

import httpx
import pytest

from crm_boost.assignments.policies import all_policies
from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from tests.assignments import support
from tests.reservations.desk import PATH, reserved, told
from tests.support.factories import Account, Stored, make_database, make_user, records_of

SETTLE = f"{PATH}/conflicts/settle"
MODULES = [policy.module for policy in all_policies()]


class Desk:
    """Two records of a holder whose customers were reserved for an owner afterwards."""

    def __init__(self, client: httpx.AsyncClient, admin: Account, holder: Account, owner: Account, stored: Stored):
        self.client, self.admin, self.holder, self.owner, self.stored = client, admin, holder, owner, stored

    @classmethod
    async def make(cls, client: httpx.AsyncClient, database: Database, module: str = "normal", **owner: Any) -> "Desk":
        admin, holder = await make_user(database, Role.ADMIN), await make_user(database)
        owns = await make_user(database, **owner)
        stored = await make_database(database, 3, module=module)
        await support.pick(database, stored, holder, stored.record_ids)
        for key in ("customer0", "customer1"):
            await reserved(client, admin, stored.product_id, key, owns)
        return cls(client, admin, holder, owns, stored)

    async def settle(self, action: str, key: str | None = None) -> dict[str, Any]:
        body = {"record_ids": self.stored.record_ids, "action": action}
        once = {} if key is None else {"Idempotency-Key": key}
        answer = await self.client.post(SETTLE, json=body, headers={**self.admin.auth, **once})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def open(self) -> int:
        listed = await self.client.get(f"{PATH}/conflicts", headers=self.admin.auth, params={"only_open": True})
        return len(listed.json())

    async def undo(self, operation_id: str) -> dict[str, Any]:
        answer = await self.client.post(f"/api/operations/{operation_id}/undo", headers=self.admin.auth)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("action", ["hand_to_owner", "recall"])
async def test_a_conflict_is_settled_logged_and_can_be_undone(
    client: httpx.AsyncClient, database: Database, module: str, action: str
) -> None:
    desk = await Desk.make(client, database, module)
    first, second, free = desk.stored.record_ids
    assert await desk.open() == 2

    done = await desk.settle(action)

    assert done["settled_count"] == 2
    assert done["skipped"] == [{"record_id": free, "reason": "over"}]
    now = await records_of(database, desk.stored)
    target = ("assigned", desk.owner.id) if action == "hand_to_owner" else ("reserved", None)
    assert {(now[i].state, now[i].assigned_to) for i in (first, second)} == {target}
    assert now[free].assigned_to == desk.holder.id
    assert await desk.open() == 0
    assert "records_recalled" in await told(client, desk.holder)

    (operation_id,) = done["operation_ids"]
    undone = await desk.undo(operation_id)

    assert (undone["undone_count"], undone["skipped_count"]) == (2, 0)
    now = await records_of(database, desk.stored)
    assert {(now[i].state, now[i].assigned_to) for i in (first, second)} == {("assigned", desk.holder.id)}
    assert await desk.open() == 2, "the conflicts are back, and logged"


async def test_an_owner_who_cannot_receive_keeps_the_others_from_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    desk = await Desk.make(client, database, capacity=1)
    able = await make_user(database)
    await reserved(client, desk.admin, desk.stored.product_id, "customer2", able)
    ids = desk.stored.record_ids

    done = await desk.settle("hand_to_owner")

    assert done["settled_count"] == 1
    assert done["skipped"] == [{"record_id": i, "reason": "no_room"} for i in ids[:2]]
    now = await records_of(database, desk.stored)
    assert [now[i].assigned_to for i in ids] == [desk.holder.id, desk.holder.id, able.id]


async def test_every_end_of_a_holding_ends_its_conflict_in_the_log(
    client: httpx.AsyncClient, database: Database
) -> None:
    """A plain recall and archiving do not come from the conflicts' page, and still end them."""
    desk = await Desk.make(client, database)
    first, second, _ = desk.stored.record_ids
    await support.take_back(database, desk.stored, [first])
    assert await desk.open() == 1
    await support.judge_invalid(database, [second])
    await support.archive_them(database, desk.stored, [second])
    assert await desk.open() == 0


async def test_who_may_settle_and_what_is_refused(client: httpx.AsyncClient, database: Database) -> None:
    desk = await Desk.make(client, database)
    body: dict[str, Any] = {"record_ids": desk.stored.record_ids[:1], "action": "recall"}
    assert (await client.post(SETTLE, json=body)).status_code == 401
    assert (await client.post(SETTLE, json=body, headers=desk.holder.auth)).status_code == 403
    bad = await client.post(SETTLE, json={**body, "action": "sell"}, headers=desk.admin.auth)
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["field"] == "action"
    blind = await make_user(database, Role.ADMIN, blocked_pages=["databases"])
    kept = await client.post(SETTLE, json=body, headers=blind.auth)
    assert kept.json()["skipped"] == [{"record_id": body["record_ids"][0], "reason": "over"}]
    assert await desk.settle("recall", "once") == await desk.settle("recall", "once")
