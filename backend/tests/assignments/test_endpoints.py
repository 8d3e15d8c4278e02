"""The routes: who may, what is refused with which words, and the shapes of the answers."""

from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.kit.ids import new_id
from tests.assignments import support
from tests.support.factories import Account, Stored, make_database, make_user, records_of

MODULE = "memberwd"


class World:
    """A desk with one of everybody, a database and a few records already dealt."""

    admin: Account
    master: Account
    staff: Account
    other: Account
    stored: Stored
    held: list[str]
    operation_id: str

    def address(self, template: str) -> str:
        return template.format(
            db=self.stored.id, record=self.held[0], operation=self.operation_id, module=self.stored.module
        )

    def body(self, template: Any) -> Any:
        known = {
            "$staff": [self.staff.id],
            "$held": self.held,
            "$free": [i for i in self.stored.record_ids if i not in self.held][:2],
            "$db": self.stored.id,
        }
        return {k: known.get(v, v) if isinstance(v, str) else v for k, v in template.items()} if template else None


@pytest.fixture
async def world(database: Database) -> World:
    made = World()
    made.admin, made.master = await make_user(database, "admin"), await make_user(database, "master_admin")
    made.staff, made.other = await make_user(database), await make_user(database)
    made.stored = await make_database(database, 20, module=MODULE)
    done = await support.deal(database, made.stored, made.staff, 4)
    made.operation_id = done.operation_id
    made.held = [i for i, r in (await records_of(database, made.stored)).items() if r.assigned_to]
    return made


RANDOM = {"database_id": "$db", "staff_ids": "$staff", "quantity": 2}
ADMIN_ONLY: list[tuple[str, str, Any]] = [
    ("POST", "/api/pools/{module}/assign-random", RANDOM),
    ("POST", "/api/pools/{module}/assign", {"record_ids": "$free", "staff_ids": "$staff"}),
    ("POST", "/api/pools/{module}/recall", {"record_ids": "$held"}),
    ("POST", "/api/operations/{operation}/undo", None),
    ("POST", "/api/pools/{module}/records/trash", {"record_ids": "$free"}),
    ("POST", "/api/pools/{module}/records/restore", {"record_ids": "$free"}),
    ("GET", "/api/pools/{module}/databases/{db}/eligibility?staff_id={db}", None),
    ("GET", "/api/pools/{module}/databases/{db}/batches?staff_id={db}", None),
    ("DELETE", "/api/pools/{module}/databases/{db}?force=true", None),
    ("GET", "/api/assignments", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ADMIN_ONLY)
async def test_staff_may_not_and_admins_may(
    world: World, client: httpx.AsyncClient, method: str, path: str, body: Any
) -> None:
    address, content = world.address(path).replace(f"staff_id={world.stored.id}", f"staff_id={world.staff.id}"), None
    content = world.body(body)

    anonymous = await client.request(method, address, json=content)
    refused = await client.request(method, address, json=content, headers=world.staff.auth)
    if path.endswith("/restore"):
        await client.post(address.replace("restore", "trash"), json=content, headers=world.admin.auth)
    allowed = await client.request(method, address, json=content, headers=world.admin.auth)

    assert anonymous.status_code == 401
    assert refused.status_code == 403
    assert allowed.status_code == 200, allowed.text


async def test_staff_see_their_own_and_nothing_else(world: World, client: httpx.AsyncClient) -> None:
    (group,) = (await client.get("/api/my/groups", headers=world.staff.auth)).json()
    mine = {"group_kind": group["kind"], "group_id": group["id"]}

    assert group["record_count"] == 4
    own = await client.get("/api/my/records", params=mine, headers=world.staff.auth)
    assert sorted(row["id"] for row in own.json()) == sorted(world.held)
    assert (own.headers["X-Total-Count"], "row_number" in own.json()[0]) == ("4", False)
    assert (await client.get("/api/my/groups", headers=world.other.auth)).json() == []
    assert (await client.get("/api/my/records", headers=world.other.auth)).json() == []
    foreign = await client.get("/api/my/records", params=mine, headers=world.other.auth)
    assert foreign.status_code == 404
    for path in ("/api/my/groups", "/api/my/records"):
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=world.admin.auth)).status_code == 403


async def test_batches_that_a_hand_out_may_be_added_to(
    database: Database, world: World, client: httpx.AsyncClient
) -> None:
    address = f"/api/pools/{MODULE}/databases/{world.stored.id}/batches"
    of_staff: dict[str, Any] = {"params": {"staff_id": world.staff.id}, "headers": world.admin.auth}
    elsewhere = await make_database(database, 3, module=MODULE)
    await support.deal(database, elsewhere, world.staff, 2)
    newer = await support.deal(database, world.stored, world.staff, 3)

    first, second = (await client.get(address, **of_staff)).json()

    assert (first["id"], first["record_count"]) == (newer.per_staff[0]["batch_id"], 3)
    assert second["record_count"] == 4
    await support.take_back(database, world.stored, world.held[:1])
    assert [batch["record_count"] for batch in (await client.get(address, **of_staff)).json()] == [3, 3]
    other = await client.get(address, params={"staff_id": world.other.id}, headers=world.admin.auth)
    assert other.json() == []
    unknown = f"/api/pools/{MODULE}/databases/unknown/batches"
    assert (await client.get(unknown, **of_staff)).status_code == 404
    assert (await client.get(address, headers=world.admin.auth)).status_code == 422


async def test_the_history_of_a_record_is_for_admins_and_its_holder(
    database: Database, world: World, client: httpx.AsyncClient
) -> None:
    address = f"/api/records/{world.held[0]}/history"

    seen = (await client.get(address, headers=world.admin.auth)).json()
    assert [(e["kind"], e["from_state"], e["to_state"]) for e in seen] == [
        ("import", None, "available"),
        ("assign", "available", "assigned"),
    ]
    assert (seen[0]["actor_name"], seen[1]["holder_name"]) == ("Importer", world.staff.name)
    assert [e["kind"] for e in (await client.get(address, headers=world.staff.auth)).json()] == ["assign"]
    assert (await client.get(address, headers=world.other.auth)).status_code == 404
    assert (await client.get("/api/records/unknown/history", headers=world.admin.auth)).status_code == 404
    assert (await client.get(address)).status_code == 401
    # What happened to it before does not concern the next holder.
    await support.take_back(database, world.stored, world.held[:1])
    await support.pick(database, world.stored, world.other, world.held[:1])
    assert len((await client.get(address, headers=world.other.auth)).json()) == 1
    assert (await client.get(address, headers=world.staff.auth)).status_code == 404
    assert [e["kind"] for e in (await client.get(address, headers=world.admin.auth)).json()] == [
        "import",
        "assign",
        "recall",
        "assign",
    ]


BAD = [
    ({"quantity": 0}, 422, "quantity"),
    ({"quantity": -1}, 422, "quantity"),
    ({"quantity": 10**9}, 422, "quantity"),
    ({"quantity": 1.5}, 422, "quantity"),
    ({"quantity": "7"}, 422, "quantity"),
    ({"quantity": None}, 422, "quantity"),
    ({"staff_ids": []}, 422, "staff_ids"),
    ({"staff_ids": ["$admin"]}, 422, "staff_ids"),
    ({"staff_ids": ["$staff", "$staff"]}, 422, "staff_ids"),
    ({"staff_ids": ["unknown"]}, 404, "staff_ids"),
    ({"weights": [1, 2]}, 422, "weights"),
    ({"weights": [0]}, 422, "weights.0"),
    ({"batch_id": "foreign"}, 422, "batch_id"),
    ({"batch_id": "$foreign_batch"}, 422, "batch_id"),
    ({"database_id": "unknown"}, 404, "database_id"),
    ({"database_id": "a\x00b"}, 422, "database_id"),
    ({"surprise": 1}, 422, "surprise"),
    ({"quantity": 17}, 409, "quantity"),
]


@pytest.mark.parametrize(("change", "status", "field"), BAD)
async def test_bad_input_names_its_field_and_writes_nothing(
    database: Database, world: World, client: httpx.AsyncClient, change: dict[str, Any], status: int, field: str
) -> None:
    foreign = await support.deal(database, world.stored, world.other, 0 + 1)
    await support.undo_it(database, world.stored, foreign.operation_id)
    known = {
        "$admin": world.admin.id,
        "$staff": world.staff.id,
        "$foreign_batch": foreign.per_staff[0]["batch_id"],
    }
    body = {"database_id": world.stored.id, "staff_ids": [world.staff.id], "quantity": 2, **change}
    body = {
        k: [known.get(str(x), x) for x in v] if isinstance(v, list) else known.get(str(v), v) for k, v in body.items()
    }
    before = await support.history_of(database, world.stored)

    answer = await client.post(f"/api/pools/{MODULE}/assign-random", json=body, headers=world.admin.auth)

    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in problem["errors"]]
    assert problem["detail"]
    assert await support.history_of(database, world.stored) == before


@pytest.mark.parametrize("record_ids", [[], [""], "x", [1], None])
async def test_record_ids_are_checked(world: World, client: httpx.AsyncClient, record_ids: Any) -> None:
    for path in ("assign", "recall", "records/trash", "records/restore"):
        body = {"record_ids": record_ids, **({"staff_ids": [world.staff.id]} if path == "assign" else {})}
        answer = await client.post(f"/api/pools/{MODULE}/{path}", json=body, headers=world.admin.auth)
        assert answer.status_code == 422, answer.text


async def test_more_than_100_000_records_are_refused(world: World, client: httpx.AsyncClient) -> None:
    body = {"record_ids": [f"{n}" for n in range(100_001)]}
    answer = await client.post(f"/api/pools/{MODULE}/recall", json=body, headers=world.admin.auth)
    assert answer.status_code == 422


async def test_too_few_eligible_says_how_many_there_are(world: World, client: httpx.AsyncClient) -> None:
    body = {"database_id": world.stored.id, "staff_ids": [world.staff.id], "quantity": 17}
    answer = await client.post(f"/api/pools/{MODULE}/assign-random", json=body, headers=world.admin.auth)

    assert answer.status_code == 409
    assert {"code": "not_enough_eligible", "requested_count": 17, "eligible_count": 16}.items() <= answer.json().items()
    part = await client.post(
        f"/api/pools/{MODULE}/assign-random", json={**body, "allow_partial": True}, headers=world.admin.auth
    )
    assert (part.status_code, part.json()["assigned_count"]) == (200, 16)


async def test_undo_of_other_peoples_objects_needs_their_permission(
    database: Database, world: World, client: httpx.AsyncClient
) -> None:
    barred = await make_user(database, "admin", blocked_pages=["member-wd"])
    address = f"/api/operations/{world.operation_id}/undo"

    assert (await client.post(address, headers=barred.auth)).status_code == 403
    assert (await client.post(f"/api/operations/{new_id()}/undo", headers=world.admin.auth)).status_code == 404
    done = await client.post(address, headers=world.admin.auth)
    assert {"undone_count": 4, "skipped_count": 0}.items() <= done.json().items()
    again = await client.post(address, headers=world.master.auth)
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")


async def test_eligibility_before_the_hand_out(database: Database, world: World, client: httpx.AsyncClient) -> None:
    limited = await make_user(database, capacity=7)
    await support.to_trash(database, world.stored, [i for i in world.stored.record_ids if i not in world.held][:1])
    address = f"/api/pools/{MODULE}/databases/{world.stored.id}/eligibility"

    answer = await client.get(address, params={"staff_id": [world.staff.id, limited.id]}, headers=world.admin.auth)

    assert answer.json() == {
        "eligible": 15,
        "excluded": [{"reason": "assigned", "count": 4}],
        "staff": [
            {
                "staff_id": world.staff.id,
                "staff_name": world.staff.name,
                "open_records": 4,
                "capacity": None,
                "room": None,
            },
            {"staff_id": limited.id, "staff_name": limited.name, "open_records": 0, "capacity": 7, "room": 7},
        ],
    }
    assert (await client.get(address, headers=world.admin.auth)).status_code == 422
    unknown = await client.get(address, params={"staff_id": "unknown"}, headers=world.admin.auth)
    assert unknown.status_code == 404
    admin = await client.get(address, params={"staff_id": world.admin.id}, headers=world.admin.auth)
    assert admin.status_code == 422


async def test_database_trash_and_restore_over_http(world: World, client: httpx.AsyncClient) -> None:
    address = f"/api/pools/{MODULE}/databases/{world.stored.id}"

    refused = await client.delete(address, headers=world.admin.auth)
    assert (refused.status_code, refused.json()["assigned_count"]) == (409, 4)
    done = await client.delete(f"{address}?force=true", headers=world.admin.auth)
    assert {"deleted_id": world.stored.id, "recalled_count": 4}.items() <= done.json().items()
    assert (await client.get("/api/my/records", headers=world.staff.auth)).json() == []
    restored = await client.post(f"{address}/restore", headers=world.admin.auth)
    assert restored.status_code == 200
    assert (await client.get(address, headers=world.admin.auth)).json()["available_count"] == 20
