"""The life of a reservation through the API (spec 3.1, 7.6, 7.9)."""

import asyncio

import httpx
import pytest
from sqlalchemy import func, select

from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from crm_boost.reservations.models import Reservation, ReservationEvent, ReservationKey
from tests.reservations.desk import PATH, change, reserve, reserved, told
from tests.support.factories import make_product, make_user


async def test_an_admin_reserves_at_once(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, product = (
        await make_user(database, Role.ADMIN),
        await make_user(database),
        await make_product(database),
    )
    row = await reserved(client, admin, product, " Sari 01 ", staff, phone_number="0812", customer_name="Sari")

    assert (row["customer_id"], row["staff_id"], row["status"]) == (" Sari 01 ", staff.id, "approved")
    assert (row["customer_key"], row["approved_by_name"], row["remaining_days"]) == ("sari01", admin.name, 30)
    listed = (await client.get(PATH, headers=admin.auth)).json()
    assert [item["id"] for item in listed] == [row["id"]]
    assert listed[0]["is_permanent"] is False
    assert await told(client, staff) == ["reservation_approved"]


async def test_a_name_that_is_not_known_is_left_out(client: httpx.AsyncClient, database: Database) -> None:
    admin, product = await make_user(database, Role.ADMIN), await make_product(database)
    await reserved(client, admin, product, "sari", admin)

    assert "customer_name" not in (await client.get(PATH, headers=admin.auth)).json()[0]


async def test_a_staff_asks_and_an_admin_decides(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, product = (
        await make_user(database, Role.ADMIN),
        await make_user(database),
        await make_product(database),
    )
    first = await reserved(client, staff, product, "sari")
    second = await reserved(client, staff, product, "dewi")
    third = await reserved(client, staff, product, "budi")
    assert [first["status"], first["staff_id"]] == ["pending", staff.id]
    assert await told(client, admin) == ["reservation_waiting"] * 3

    assert (await change(client, admin, first["id"], "approve")).json()["status"] == "approved"
    again = await change(client, admin, first["id"], "approve")
    assert (again.status_code, again.json()["state"]) == (400, "approved")
    refused = await client.patch(f"{PATH}/{second['id']}/reject", json={"reason": "too many"}, headers=admin.auth)
    assert (refused.json()["status"], refused.json()["deleted_reason"]) == ("rejected", "too many")
    assert (await change(client, staff, third["id"], "cancel")).json()["status"] == "cancelled"
    assert (await change(client, admin, "nobody", "approve")).status_code == 404
    assert await told(client, staff) == ["reservation_rejected", "reservation_approved"]
    # What was rejected or cancelled is free again.
    await reserved(client, admin, product, "dewi", admin)
    await reserved(client, admin, product, "budi", admin)


async def test_one_owner_per_customer_and_product(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, other = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    product, elsewhere = await make_product(database), await make_product(database)
    await reserved(client, admin, product, "Sari", staff, aliases=["Sari's phone"])

    for text in ("sari", "ＳＡＲＩ", " s a r i", "SARI'S PHONE"):
        to_admin = await reserve(client, admin, product, text, other)
        assert (to_admin.status_code, to_admin.json()["reserved_by"]) == (409, staff.name)
        to_staff = await reserve(client, other, product, text)
        assert to_staff.status_code == 409
        assert staff.name not in to_staff.text
        assert staff.id not in to_staff.text
    assert (await reserve(client, admin, elsewhere, "sari", other)).status_code == 201


async def test_of_two_at_the_same_instant_one_wins(client: httpx.AsyncClient, database: Database) -> None:
    admin, product = await make_user(database, Role.ADMIN), await make_product(database)
    owners = [await make_user(database) for _ in range(6)]
    answers = await asyncio.gather(*(reserve(client, admin, product, "sari", owner) for owner in owners))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ReservationKey)) == 1
        assert await session.scalar(select(func.count()).select_from(Reservation)) == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"customer_id": "   "}, 422, "customer_id"),
        ({"customer_id": ""}, 422, "customer_id"),
        ({"product_id": "nothing"}, 404, None),
        ({"staff_id": "nobody"}, 404, None),
    ],
)
async def test_bad_input(
    client: httpx.AsyncClient, database: Database, body: dict[str, str], status: int, field: str | None
) -> None:
    admin, product = await make_user(database, Role.ADMIN), await make_product(database)
    wanted = {"customer_id": "sari", "product_id": product, "staff_id": admin.id, **body}
    refused = await client.post(PATH, json=wanted, headers=admin.auth)

    assert refused.status_code == status
    if field is not None:
        assert refused.json()["errors"][0]["field"] == field
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Reservation)) == 0


async def test_many_at_once(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, product = (
        await make_user(database, Role.ADMIN),
        await make_user(database),
        await make_product(database),
    )
    await reserved(client, admin, product, "dewi", admin)
    body = {"customer_ids": ["Sari", "sari ", "dewi", " ", "budi"], "product_id": product, "staff_id": staff.id}
    answer = (await client.post(f"{PATH}/bulk", json=body, headers=admin.auth)).json()

    assert (answer["success"], answer["added_count"], answer["skipped_count"]) == (True, 2, 3)
    assert answer["added"] == ["Sari", "budi"]
    assert {(item["customer_id"], item["reason"]) for item in answer["skipped"]} == {
        ("sari ", "listed_twice"),
        ("dewi", "taken"),
        (" ", "no_identity"),
    }
    assert len((await client.get(PATH, headers=staff.auth)).json()) == 2


async def test_the_archive_and_back(client: httpx.AsyncClient, database: Database) -> None:
    master, admin = await make_user(database, Role.MASTER_ADMIN), await make_user(database, Role.ADMIN)
    staff, product = await make_user(database), await make_product(database)
    row = await reserved(client, admin, product, "sari", staff)
    assert (await client.delete(f"{PATH}/{row['id']}", headers=admin.auth)).status_code == 200
    assert (await client.get(PATH, headers=admin.auth)).json() == []
    (kept,) = (await client.get(f"{PATH}/deleted", headers=admin.auth)).json()
    assert (kept["customer_id"], kept["deleted_reason"], kept["ended_by_name"]) == (
        "sari",
        "admin_manual_delete",
        admin.name,
    )

    taken = await reserved(client, admin, product, "sari", admin)
    refused = await client.post(f"{PATH}/deleted/{row['id']}/restore", headers=admin.auth)
    assert refused.status_code == 409
    assert (await client.get(f"{PATH}/deleted", headers=admin.auth)).json()[0]["id"] == row["id"]
    await client.delete(f"{PATH}/{taken['id']}", headers=admin.auth)
    back = (await client.post(f"{PATH}/deleted/{row['id']}/restore", headers=admin.auth)).json()
    assert (back["status"], back["staff_id"], "deleted_reason" in back) == ("approved", staff.id, False)

    await client.delete(f"{PATH}/{row['id']}", headers=admin.auth)
    assert (await client.delete(f"{PATH}/deleted/{row['id']}", headers=admin.auth)).status_code == 403
    assert (await client.delete(f"{PATH}/deleted/{row['id']}", headers=master.auth)).status_code == 204
    assert row["id"] not in (await client.get(f"{PATH}/deleted", headers=master.auth)).text
    async with database.read() as session:
        kinds = await session.scalars(
            select(ReservationEvent.kind)
            .where(ReservationEvent.reservation_id == row["id"])
            .order_by(ReservationEvent.seq)
        )
        assert kinds.all() == ["create", "release", "restore", "release", "purge"]


async def test_moving_extending_and_keeping_for_ever(client: httpx.AsyncClient, database: Database) -> None:
    admin, first, second = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    product = await make_product(database)
    row = await reserved(client, admin, product, "sari", first)

    moved = (await change(client, admin, row["id"], "move", new_staff_id=second.id)).json()
    assert (moved["staff_id"], moved["staff_name"]) == (second.id, second.name)
    assert (await change(client, admin, row["id"], "move", new_staff_id="nobody")).status_code == 404
    assert (await change(client, admin, row["id"], "extend")).status_code == 200
    for expected in (True, False):
        toggled = (await change(client, admin, row["id"], "permanent")).json()
        assert toggled["is_permanent"] is expected
        assert toggled["message"]
    said = await client.patch(f"{PATH}/{row['id']}/permanent", json={"is_permanent": True}, headers=admin.auth)
    assert said.json()["is_permanent"] is True
    said = await client.patch(f"{PATH}/{row['id']}/permanent", json={"is_permanent": True}, headers=admin.auth)
    assert said.json()["is_permanent"] is True
    assert (await change(client, first, row["id"], "permanent")).status_code == 403
    assert (await change(client, admin, "nothing", "permanent")).status_code == 404
    detail = (await client.get(f"{PATH}/{row['id']}", headers=second.auth)).json()
    assert [event["kind"] for event in detail["events"]] == [
        "create", "move", "extend", "permanent", "permanent", "permanent",
    ]  # fmt: skip
    assert (await client.get(f"{PATH}/{row['id']}", headers=first.auth)).status_code == 404


async def test_staff_see_their_own_only(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, other = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    product = await make_product(database)
    await reserved(client, admin, product, "sari", staff)
    await reserved(client, admin, product, "dewi", other)

    own = await client.get(PATH, headers=staff.auth, params={"staff_id": other.id})
    assert [row["customer_id"] for row in own.json()] == ["sari"]
    assert (await client.get(f"{PATH}/counts", headers=staff.auth)).json()["approved"] == 1
    assert (await client.get(f"{PATH}/counts", headers=admin.auth)).json()["approved"] == 2
    assert (await reserve(client, staff, product, "budi", other)).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH), ("POST", PATH), ("GET", f"{PATH}/deleted"), ("GET", f"{PATH}/counts"), ("POST", f"{PATH}/bulk"),
        ("POST", f"{PATH}/bulk-review"), ("GET", f"{PATH}/duplicates"), ("GET", f"{PATH}/impact"),
        ("GET", f"{PATH}/conflicts"), ("GET", f"{PATH}/cleanup-config"), ("PUT", f"{PATH}/cleanup-config"),
        ("PATCH", f"{PATH}/x/approve"), ("PATCH", f"{PATH}/x/reject"), ("PATCH", f"{PATH}/x/cancel"),
        ("PATCH", f"{PATH}/x/move"), ("PATCH", f"{PATH}/x/extend"), ("PATCH", f"{PATH}/x/permanent"),
        ("DELETE", f"{PATH}/x"), ("POST", f"{PATH}/deleted/x/restore"), ("DELETE", f"{PATH}/deleted/x"),
        ("GET", f"{PATH}/x"), ("GET", f"{PATH}/x/impact"),
        ("GET", "/api/scheduled-reports/reserved-member-cleanup-preview"),
        ("POST", "/api/scheduled-reports/reserved-member-cleanup-run"),
    ],
)  # fmt: skip
async def test_who_may(client: httpx.AsyncClient, database: Database, method: str, path: str) -> None:
    assert (await client.request(method, path)).status_code == 401
    blocked = await make_user(database, Role.ADMIN, blocked_pages=["reserved"])
    assert (await client.request(method, path, headers=blocked.auth)).status_code == 403
    staff = await make_user(database)
    open_to_staff = {PATH, f"{PATH}/deleted", f"{PATH}/counts", f"{PATH}/x", f"{PATH}/x/cancel"}
    if not (path in open_to_staff and method != "DELETE"):
        assert (await client.request(method, path, headers=staff.auth)).status_code == 403


async def test_lists_are_paged_by_two_statements_more_or_less(client: httpx.AsyncClient, database: Database) -> None:
    admin, product = await make_user(database, Role.ADMIN), await make_product(database)
    body = {"customer_ids": [f"c{i}" for i in range(120)], "product_id": product, "staff_id": admin.id}
    await client.post(f"{PATH}/bulk", json=body, headers=admin.auth)

    seen: list[str] = []
    url: str | None = f"{PATH}?limit=50"
    while url:
        page = await client.get(url, headers=admin.auth)
        seen += [row["customer_id"] for row in page.json()]
        url = page.links.get("next", {}).get("url")
    assert sorted(seen) == sorted(f"c{i}" for i in range(120))
    assert (await client.get(f"{PATH}?q=C11", headers=admin.auth)).headers["X-Total-Count"] == "11"


async def test_duplicates_are_shown(client: httpx.AsyncClient, database: Database) -> None:
    admin, first, second = (
        await make_user(database, Role.ADMIN),
        await make_product(database),
        await make_product(database),
    )
    await reserved(client, admin, first, "sari", admin, phone_number="0811")
    await reserved(client, admin, second, "sari", admin)
    await reserved(client, admin, second, "dewi", admin, phone_number="0811")

    found = (await client.get(f"{PATH}/duplicates", headers=admin.auth)).json()
    assert found["total"] == 2
    shown = {(group["kind"], group["value"], len(group["reservations"])) for group in found["duplicates"]}
    assert shown == {("identity", "sari", 2), ("phone", "0811", 2)}


async def test_many_are_reviewed_one_by_one(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, product = (
        await make_user(database, Role.ADMIN),
        await make_user(database),
        await make_product(database),
    )
    waiting = [await reserved(client, staff, product, name) for name in ("a", "b")]
    ids = [waiting[0]["id"], "nobody", waiting[1]["id"], waiting[0]["id"]]
    body = {"reservation_ids": ids, "action": "approve"}
    answer = (await client.post(f"{PATH}/bulk-review", json=body, headers=admin.auth)).json()

    assert (answer["success_count"], answer["failed_count"]) == (2, 1)
    assert [item["status"] for item in answer["results"]] == ["approved", None, "approved"]
    again = (await client.post(f"{PATH}/bulk-review", json=body, headers=admin.auth)).json()
    assert (again["success_count"], again["results"][0]["status"]) == (0, "approved")
