"""The life of a deposit: edits, reviews, trash, closed periods, and what it does to reservations (spec 4.2, 3.3)."""

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select

from crm_boost.db.engine import Database
from crm_boost.deposits.models import DepositEvent
from crm_boost.jobs.registry import JOBS
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.reservations.models import Reservation
from tests.deposits.checks import assert_sound
from tests.deposits.desk import PATH, book, booked, done, rows, summary, types
from tests.reservations.desk import PATH as RESERVATIONS
from tests.reservations.desk import reserved, told
from tests.support.factories import make_product, make_user


async def test_an_edit_works_everything_out_anew(client: httpx.AsyncClient, database: Database) -> None:
    one, two, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product, elsewhere = await make_product(database), await make_product(database)
    first = await booked(client, one, product, "x", "2025-02-01")
    await booked(client, one, product, "x", "2025-02-05")
    moves: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
        ({"record_date": "2025-02-08"}, [("2025-02-05", "x", "NDP"), ("2025-02-08", "x", "RDP")]),
        ({"product_id": elsewhere}, [("2025-02-05", "x", "NDP"), ("2025-02-08", "x", "NDP")]),
        ({"staff_id": two.id, "product_id": product}, [("2025-02-05", "x", "NDP"), ("2025-02-08", "x", "NDP")]),
        ({"staff_id": one.id, "customer_id": " X"}, [("2025-02-05", "x", "NDP"), ("2025-02-08", "x", "RDP")]),
        ({"nominal": 7, "depo_kelipatan": 3}, [("2025-02-05", "x", "NDP"), ("2025-02-08", "x", "RDP")]),
    ]
    for change, expected in moves:
        await done(client, admin, "PUT", f"/{first['id']}", change)
        assert await types(client, admin) == expected
        await assert_sound(database)
    assert (await summary(client, admin))["total"]["total_depo"] == 100_021
    detail = await done(client, admin, "GET", f"/{first['id']}")
    assert [event["kind"] for event in detail["events"]] == ["book", *["edit"] * 5]
    assert detail["events"][1]["detail"] == {"record_date": {"from": "2025-02-01", "to": "2025-02-08"}}
    assert set(detail["events"][5]["detail"]) == {"nominal", "depo_kelipatan"}
    stale = await client.put(f"{PATH}/{first['id']}", json={"nominal": 8, "version": 1}, headers=admin.auth)
    assert (stale.status_code, stale.json()["version"]) == (409, 6)
    fresh = await client.put(f"{PATH}/{first['id']}", json={"nominal": 8, "version": 6}, headers=admin.auth)
    assert fresh.status_code == 200


async def test_an_edit_to_a_reserved_customer_has_to_be_decided(client: httpx.AsyncClient, database: Database) -> None:
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    row = await booked(client, staff, product, "free", "2025-02-01")
    reservation = await reserved(client, admin, product, "taken", other)
    edited = await done(client, staff, "PUT", f"/{row['id']}", {"customer_id": "Taken"})
    assert (edited["approval_status"], edited["customer_type"]) == ("pending", None)
    assert edited["conflict_info"]["reserved_by_staff_id"] == other.id
    assert await told(client, admin) == ["deposit_waiting"]
    assert (await summary(client, admin))["total"]["total_records"] == await assert_sound(database) == 0
    approved = await done(client, admin, "POST", f"/{row['id']}/approve")
    assert (approved["approval_status"], approved["customer_type"]) == ("approved", "NDP")
    assert await told(client, staff) == ["deposit_approved"]
    # What was decided stands while customer, product and person stay.
    assert (await done(client, staff, "PUT", f"/{row['id']}", {"nominal": 9}))["approval_status"] == "approved"
    # The deposit of somebody else moves no clock of the reservation.
    assert "last_omset_date" not in (await client.get(f"{RESERVATIONS}/{reservation['id']}", headers=admin.auth)).json()
    own = await booked(client, other, product, "taken", "2025-02-02")
    assert own["approval_status"] == "approved"


async def test_a_review_is_made_once(client: httpx.AsyncClient, database: Database) -> None:
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    await reserved(client, admin, product, "x", other)
    row = await booked(client, staff, product, "x", "2025-02-01")
    await done(client, admin, "POST", f"/{row['id']}/decline", {"reason": "not yours"})
    for command in ("approve", "decline"):
        again = await client.post(f"{PATH}/{row['id']}/{command}", headers=admin.auth)
        assert (again.status_code, again.json()["code"], again.json()["state"]) == (400, "stale_transition", "declined")
    refused = await client.put(f"{PATH}/{row['id']}", json={"nominal": 8}, headers=staff.auth)
    assert (refused.status_code, refused.json()["state"]) == (409, "declined")
    assert await told(client, staff) == ["deposit_declined"]
    assert (await client.get(f"{PATH}/pending", headers=admin.auth)).json() == []


async def test_the_trash(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin, master = [await make_user(database, role) for role in ("staff", "admin", "master_admin")]
    product = await make_product(database)
    made = [await booked(client, staff, product, f"c{i}", "2025-02-01") for i in range(4)]
    for row in made[:3]:
        answer = await done(client, staff, "DELETE", f"/{row['id']}")
        assert (answer["deleted_id"], answer["can_restore"]) == (row["id"], True)
    again = await client.delete(f"{PATH}/{made[0]['id']}", headers=staff.auth)
    assert (again.status_code, again.json()["state"]) == (409, "trash")
    trash = await done(client, admin, "GET", "/trash")
    assert (trash["count"], {row["id"] for row in trash["records"]}) == (3, {row["id"] for row in made[:3]})
    assert (await summary(client, admin))["total"]["total_records"] == await assert_sound(database) == 1
    assert {row["id"] for row in await rows(client, staff)} == {made[3]["id"]}
    back = await done(client, admin, "POST", f"/restore/{made[0]['id']}")
    assert (back["customer_type"], "deleted_at" in back) == ("NDP", False)
    assert (await client.post(f"{PATH}/restore/{made[0]['id']}", headers=admin.auth)).status_code == 409
    assert (await client.delete(f"{PATH}/trash/{made[0]['id']}", headers=admin.auth)).status_code == 409
    gone = await done(client, admin, "DELETE", f"/trash/{made[1]['id']}")
    assert gone["can_restore"] is False
    assert (await client.post(f"{PATH}/restore/{made[1]['id']}", headers=admin.auth)).status_code == 404
    assert (await JOBS["trash_purge"].run(database))["deposits"] == 0
    with frozen(utc_now() + timedelta(days=31)):
        assert (await JOBS["trash_purge"].run(database))["deposits"] == 1
    assert await done(client, master, "DELETE", "/trash") == {"message": "0 deposits purged.", "deleted_count": 0}
    assert (await done(client, admin, "GET", "/trash"))["count"] == 0
    async with database.read() as session:
        kinds = await session.scalars(
            select(DepositEvent.kind).where(DepositEvent.deposit_id == made[1]["id"]).order_by(DepositEvent.seq)
        )
        assert kinds.all() == ["book", "delete", "purge"]
    assert await assert_sound(database) == 2


async def test_closed_books_do_not_change(client: httpx.AsyncClient, database: Database) -> None:
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    await reserved(client, admin, product, "w", other)
    old, trashed = [await booked(client, staff, product, f"c{i}", "2025-01-31") for i in range(2)]
    waiting = await booked(client, staff, product, "w", "2025-01-31")
    fresh = await booked(client, staff, product, "c0", "2025-02-01")
    await done(client, staff, "DELETE", f"/{trashed['id']}")
    before = await summary(client, admin)
    answer = await done(client, admin, "PUT", "/settings", {"ledger_closed_until": "2025-01-31"})
    assert (answer["ledger_closed_until"], answer["updated_by"]) == ("2025-01-31", admin.name)
    refused = await book(client, staff, product, "y", "2025-01-31")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "record_date")
    back = await client.put(f"{PATH}/{fresh['id']}", json={"record_date": "2025-01-31"}, headers=admin.auth)
    assert (back.status_code, back.json()["errors"][0]["field"]) == (422, "record_date")
    forth = await client.put(f"{PATH}/{old['id']}", json={"record_date": "2025-02-03"}, headers=admin.auth)
    assert (forth.status_code, forth.json()["code"]) == (409, "period_closed")
    for method, path in (
        ("DELETE", old["id"]), ("POST", f"restore/{trashed['id']}"), ("POST", f"{waiting['id']}/approve")
    ):  # fmt: skip
        answer_ = await client.request(method, f"{PATH}/{path}", headers=admin.auth)
        assert (answer_.status_code, answer_.json()["code"]) == (409, "period_closed"), path
    assert await summary(client, admin) == before
    # What does not count can still be put in order, and the next day can be booked.
    await done(client, admin, "POST", f"/{waiting['id']}/decline")
    await booked(client, staff, product, "y", "2025-02-01")
    for bad in ("2999-01-01", "banana"):
        wrong = await client.put(f"{PATH}/settings", json={"ledger_closed_until": bad}, headers=admin.auth)
        assert wrong.json()["errors"][0]["field"] == "ledger_closed_until"
    await done(client, admin, "PUT", "/settings", {"ledger_closed_until": None})
    await booked(client, staff, product, "y", "2025-01-31")
    await assert_sound(database)


async def test_deposits_move_the_clock_of_the_owners_reservation(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    product, elsewhere = await make_product(database), await make_product(database)
    row = await reserved(client, admin, product, "x", staff, aliases=["x2"])

    async def last() -> Any:
        return (await client.get(f"{RESERVATIONS}/{row['id']}", headers=admin.auth)).json().get("last_omset_date")

    assert await last() is None
    latest = await booked(client, staff, product, "x", "2025-02-20")
    await booked(client, staff, product, "x", "2025-02-05")
    assert await last() == "2025-02-20"
    await booked(client, staff, elsewhere, "x", "2025-02-25")
    await booked(client, admin, product, "other", "2025-02-25")
    by_alias = await booked(client, staff, product, "X2", "2025-02-22")
    assert await last() == "2025-02-22"
    await done(client, staff, "DELETE", f"/{by_alias['id']}")
    assert await last() == "2025-02-20"
    await done(client, admin, "PUT", f"/{latest['id']}", {"record_date": "2025-02-03"})
    assert await last() == "2025-02-05"
    await done(client, admin, "POST", f"/restore/{by_alias['id']}")
    assert await last() == "2025-02-22"
    for found in await rows(client, admin, product_id=product, staff_id=staff.id):
        await done(client, admin, "DELETE", f"/{found['id']}")
    assert await last() is None


async def test_a_deposit_brings_an_archived_reservation_back(client: httpx.AsyncClient, database: Database) -> None:
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    row = await reserved(client, admin, product, "x", staff, aliases=["x2"])
    await client.delete(f"{RESERVATIONS}/{row['id']}", headers=admin.auth)
    # Nobody's archive but the owner's, and no alias that somebody else has meanwhile.
    await booked(client, other, product, "x", "2025-02-01")
    blocking = await reserved(client, admin, product, "x2", other)
    await booked(client, staff, product, "x", "2025-02-02")
    assert (await client.get(RESERVATIONS, headers=staff.auth)).json() == []
    await client.delete(f"{RESERVATIONS}/{blocking['id']}", headers=admin.auth)
    await booked(client, staff, product, "x", "2025-02-03")
    (back,) = (await client.get(RESERVATIONS, headers=staff.auth)).json()
    assert (back["status"], back["created_by"], back["approved_by_name"]) == ("approved", "system", "Auto-Reassignment")
    assert (back["last_omset_date"], back["auto_reassigned"]) == ("2025-02-03", True)
    assert (await told(client, staff))[0] == "reservation_auto_restored"
    # If somebody else has the customer, the deposit waits and nothing comes back.
    await client.delete(f"{RESERVATIONS}/{back['id']}", headers=admin.auth)
    await reserved(client, admin, product, "x", other)
    assert (await booked(client, staff, product, "x", "2025-02-04"))["approval_status"] == "pending"
    async with database.read() as session:
        statuses = await session.scalars(select(Reservation.status).where(Reservation.staff_id == staff.id))
        assert statuses.all() == ["released"]


async def test_a_reservation_that_begins_or_moves_knows_its_owners_last_deposit(
    client: httpx.AsyncClient, database: Database
) -> None:
    one, two, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    for who, day in ((one, "2025-02-01"), (one, "2025-02-07"), (two, "2025-02-09")):
        await booked(client, who, product, "x", day)
    row = await reserved(client, admin, product, "X", one)
    assert row["last_omset_date"] == "2025-02-07"
    moved = await client.patch(f"{RESERVATIONS}/{row['id']}/move", params={"new_staff_id": two.id}, headers=admin.auth)
    assert moved.json()["last_omset_date"] == "2025-02-09"
    moved = await client.patch(
        f"{RESERVATIONS}/{row['id']}/move", params={"new_staff_id": admin.id}, headers=admin.auth
    )
    assert "last_omset_date" not in moved.json()
