"""Webhooks through the API: set up without showing the secret again, told of what happens, looked into."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crm_boost.contacts.events import RecordsRejected
from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.deposits.events import DepositBegan, DepositsImported
from crm_boost.jobs import tidying
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.reservations.events import ReservationsBegan
from crm_boost.settings import Settings
from crm_boost.webhooks import sender
from crm_boost.webhooks.courier import HookCourier
from crm_boost.webhooks.kinds import HookEvent
from crm_boost.webhooks.models import Webhook, WebhookDelivery
from crm_boost.webhooks.service import MOST, tell
from crm_boost.wiring import build_bus
from tests.support.factories import Account, make_database, make_product, make_user
from tests.support.statements import recorded_statements
from tests.webhooks.receiver import Receiver

PATH = "/api/webhooks"
NOON = datetime(2025, 3, 1, 5, 0, tzinfo=UTC)
ALL = [str(event) for event in HookEvent]


async def set_up(client: httpx.AsyncClient, admin: Account, url: str, *events: str) -> dict[str, Any]:
    body = {"name": "Warehouse", "url": url, "events": list(events or ALL)}
    answer = await client.post(PATH, json=body, headers=admin.auth)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def log_of(
    client: httpx.AsyncClient, admin: Account, hook: dict[str, Any], **params: Any
) -> list[dict[str, Any]]:
    answer = await client.get(f"{PATH}/{hook['id']}/deliveries", params=params, headers=admin.auth)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


async def until_arrived(other_side: Receiver, count: int) -> None:
    """The courier of the app sends after the answer; the receiver tells nobody."""
    async with asyncio.timeout(30):
        while len(other_side.received) < count:  # noqa: ASYNC110 - a server of another test object
            await asyncio.sleep(0.02)


async def test_everything_that_can_be_heard_is_told_with_ids_alone(
    client: httpx.AsyncClient, database: Database, other_side: Receiver
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 3, module="bonanza")
    hook = await set_up(client, admin, other_side.url)

    async def done(method: str, path: str, body: dict[str, Any], who: Account) -> Any:
        answer = await client.request(method, path, json=body, headers=who.auth)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    body: dict[str, Any] = {"database_id": stored.id, "staff_id": staff.id, "quantity": 2, "username_field": "username"}
    await done("POST", "/api/bonanza/assign-random", body, admin)
    mine = (await client.get("/api/bonanza/staff/records", headers=staff.auth)).json()
    body = {"record_ids": [mine[0]["id"]], "is_valid": False, "reason": "wrong_number"}
    await done("POST", "/api/bonanza/staff/validate", body, staff)
    body = {
        "customer_id": "Sari Dewi",
        "phone_number": "081234567890",
        "product_id": stored.product_id,
        "staff_id": staff.id,
    }
    reserved = await done("POST", "/api/reserved-members", body, admin)
    body = {
        "product_id": stored.product_id,
        "record_date": (utc_now() - timedelta(days=1)).date().isoformat(),
        "customer_name": "Sari Dewi",
        "customer_id": "Sari Dewi",
        "nominal": 50000,
        "depo_kelipatan": 1,
        "keterangan": "",
    }
    deposit = await done("POST", "/api/omset", body, staff)
    await until_arrived(other_side, 4)
    told = {one.body["type"]: one.body["data"] for one in other_side.received}
    assert set(told) == {"records.assigned", "records.invalid", "reservation.started", "deposit.counted"}
    assert [(part["staff_id"], part["count"]) for part in told["records.assigned"]["given"]] == [(staff.id, 2)]
    assert told["records.invalid"]["record_ids"] == [mine[0]["id"]]
    assert told["records.invalid"]["staff_id"] == staff.id
    assert told["reservation.started"]["reservations"] == [
        {"reservation_id": reserved["id"], "staff_id": staff.id, "product_id": stored.product_id}
    ]
    assert told["deposit.counted"] == {
        "deposit_id": deposit["id"],
        "staff_id": staff.id,
        "product_id": stored.product_id,
        "record_date": body["record_date"],
        "customer_type": "NDP",
    }
    for one in other_side.received:
        assert one.is_signed_with(hook["secret"])
        assert one.headers["content-type"] == "application/json"
        assert "Sari" not in one.raw.decode() and "1234567890" not in one.raw.decode()
    assert len({one.headers["webhook-id"] for one in other_side.received}) == 4


async def test_only_what_is_wanted_and_only_while_it_is_on(
    client: httpx.AsyncClient, database: Database, other_side: Receiver
) -> None:
    admin = await make_user(database, "admin")
    product = await make_product(database)
    hook = await set_up(client, admin, other_side.url, "deposit.counted")

    async def reserve(customer: str) -> None:
        body = {"customer_id": customer, "product_id": product, "staff_id": admin.id}
        assert (await client.post("/api/reserved-members", json=body, headers=admin.auth)).status_code == 201

    async def change(**body: Any) -> dict[str, Any]:
        answer = await client.patch(f"{PATH}/{hook['id']}", json=body, headers=admin.auth)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    await reserve("not wanted")
    assert (await change(events=["reservation.started"]))["events"] == ["reservation.started"]
    await reserve("wanted")
    await until_arrived(other_side, 1)
    assert not (await change(is_active=False))["is_active"]
    await reserve("while it is off")
    assert (await change(is_active=True))["is_active"]
    assert (await client.delete(f"{PATH}/{hook['id']}", headers=admin.auth)).status_code == 204
    await reserve("after it is gone")
    async with database.read() as session:
        events = (await session.scalars(select(WebhookDelivery.event))).all()
    assert list(events) == ["reservation.started"]
    assert (await client.get(PATH, headers=admin.auth)).json() == []


async def test_nothing_is_asked_while_nobody_listens(
    client: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    admin = await make_user(database, "admin")
    product = await make_product(database)
    body = {"customer_id": "somebody", "product_id": product, "staff_id": admin.id}
    with recorded_statements(database) as statements:
        assert (await client.post("/api/reserved-members", json=body, headers=admin.auth)).status_code == 201
    assert [statement for statement in statements if "INSERT INTO webhook" in str(statement)] == []
    assert [statement for statement in statements if "reserved_members" in str(statement)]


async def test_nobody_waits_for_one_that_is_slow(
    client: httpx.AsyncClient, database: Database, other_side: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than the test waits for anything: the slow one is never given up.
    monkeypatch.setattr(sender, "_SECONDS", 55.0)
    admin = await make_user(database, "admin")
    slow = await set_up(client, admin, other_side.url.replace("/hook", "/slow"), "deposit.counted")
    quick = await set_up(client, admin, other_side.url, "deposit.counted")
    for count, hook in enumerate((slow, slow, quick), start=1):
        assert (await client.post(f"{PATH}/{hook['id']}/ping", headers=admin.auth)).status_code == 202
        # The second for the slow one waits for its first, and the quick one for neither.
        await until_arrived(other_side, {1: 1, 2: 1, 3: 2}[count])
    assert [one.path.partition("?")[0] for one in other_side.received] == ["/slow", "/hook"]
    other_side.held.set()
    await until_arrived(other_side, 3)
    await until_settled(client, admin, slow)
    assert [row["state"] for row in await log_of(client, admin, slow)] == ["sent", "sent"]


async def test_the_secret_is_shown_once_and_sealed(
    client: httpx.AsyncClient, database: Database, other_side: Receiver, capfd: pytest.CaptureFixture[str]
) -> None:
    admin = await make_user(database, "admin")
    hook = await set_up(client, admin, other_side.url)
    renewed = (await client.post(f"{PATH}/{hook['id']}/secret", headers=admin.auth)).json()
    assert renewed["secret"] != hook["secret"]
    pinged = await client.post(f"{PATH}/{hook['id']}/ping", headers=admin.auth)
    assert (pinged.status_code, pinged.json()["state"]) == (202, "waiting")
    await until_arrived(other_side, 1)
    assert other_side.received[0].body["type"] == "ping"
    assert other_side.received[0].is_signed_with(renewed["secret"])
    assert not other_side.received[0].is_signed_with(hook["secret"])
    listed = (await client.get(PATH, headers=admin.auth)).json()
    async with database.read() as session:
        stored = (await session.scalars(select(Webhook.sealed_secret))).one()
        audited = {row.action: str(row.detail) for row in await session.scalars(select(AuditEntry))}
    assert {"webhook.created", "webhook.secret_changed"} <= audited.keys()
    log = "".join(capfd.readouterr())
    for secret in (hook["secret"], renewed["secret"]):
        assert secret.removeprefix("whsec_") not in f"{listed} {stored} {audited} {log}"
    # The path of an address can be a secret of the other side.
    assert "of-the-receiver" not in f"{audited} {log}"


async def test_the_log_shows_each_delivery_and_sends_it_again(
    client: httpx.AsyncClient, app: FastAPI, database: Database, other_side: Receiver
) -> None:
    admin = await make_user(database, "admin")
    hook = await set_up(client, admin, other_side.url)
    other_side.answers.append((410, ""))
    other = await set_up(client, admin, other_side.url.replace("/hook", "/other"), "deposit.counted")
    for _ in range(3):
        assert (await client.post(f"{PATH}/{other['id']}/ping", headers=admin.auth)).status_code in {202, 409}
        await until_settled(client, admin, other)
    # It wants to hear nothing any more: off at once, and admins are told.
    shown = next(one for one in (await client.get(PATH, headers=admin.auth)).json() if one["id"] == other["id"])
    assert (shown["is_active"], shown["off_reason"]) == (False, "gone")
    inbox = (await client.get("/api/notifications", headers=admin.auth)).json()["notifications"]
    assert [(one["type"], one["data"]["webhook_id"]) for one in inbox] == [("webhook_switched_off", other["id"])]
    failed = await log_of(client, admin, other)
    assert [(row["state"], row["status_code"], row["error"]) for row in failed] == [("failed", 410, "refused")]
    again = f"{PATH}/{other['id']}/deliveries/{failed[0]['id']}/redeliver"
    answer = await client.post(again, headers=admin.auth)
    assert (answer.status_code, answer.json()["code"]) == (409, "webhook_off")
    await client.patch(f"{PATH}/{other['id']}", json={"is_active": True}, headers=admin.auth)
    answer = await client.post(again, headers=admin.auth)
    assert (answer.status_code, answer.json()["event_id"]) == (202, failed[0]["event_id"])
    await until_settled(client, admin, other)
    rows = await log_of(client, admin, other)
    assert [(row["state"], row["event_id"]) for row in rows] == [
        ("sent", failed[0]["event_id"]),
        ("failed", failed[0]["event_id"]),
    ]
    assert await log_of(client, admin, other, state="sent") == rows[:1]
    first = await client.get(f"{PATH}/{other['id']}/deliveries?limit=1", headers=admin.auth)
    assert (first.headers["x-total-count"], "rel=" in first.headers["link"]) == ("2", True)
    following = await client.get(first.headers["link"].split(";")[0].strip("<>"), headers=admin.auth)
    assert (first.json(), following.json()) == (rows[:1], rows[1:])
    assert await log_of(client, admin, hook) == []


async def until_settled(client: httpx.AsyncClient, admin: Account, hook: dict[str, Any]) -> None:
    async with asyncio.timeout(30):
        while await log_of(client, admin, hook, state="waiting"):  # noqa: ASYNC110 - asked of the API, as a page does
            await asyncio.sleep(0.02)


async def test_who_may_and_what_is_accepted(
    client: httpx.AsyncClient, database: Database, other_side: Receiver
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    body: dict[str, Any] = {"name": "A", "url": "https://hooks.example.com/", "events": ["deposit.counted"]}
    for method, path, sent in (
        ("GET", PATH, None),
        ("POST", PATH, body),
        ("PATCH", f"{PATH}/x", {}),
        ("DELETE", f"{PATH}/x", None),
        ("POST", f"{PATH}/x/secret", None),
        ("POST", f"{PATH}/x/ping", None),
        ("GET", f"{PATH}/x/deliveries", None),
        ("POST", f"{PATH}/x/deliveries/y/redeliver", None),
    ):
        assert (await client.request(method, path, json=sent)).status_code == 401
        assert (await client.request(method, path, json=sent, headers=staff.auth)).status_code == 403
        if path != PATH:
            assert (await client.request(method, path, json=sent, headers=admin.auth)).status_code == 404
    bad: list[tuple[str, Any]] = [
        ("name", ""),
        ("url", "http://hooks.example.com/"),
        ("url", "https://10.0.0.1/"),
        ("url", "x" * 501),
        ("events", []),
        ("events", ["everything"]),
        ("surprise", 1),
    ]
    for field, value in bad:
        answer = await client.post(PATH, json={**body, field: value}, headers=admin.auth)
        assert answer.status_code == 422, (field, value)
        assert answer.json()["errors"][0]["field"].startswith(field)
    hook = await set_up(client, admin, other_side.url)
    answer = await client.patch(f"{PATH}/{hook['id']}", json={"url": "https://10.0.0.1/"}, headers=admin.auth)
    assert answer.status_code == 422
    assert (await client.post(f"{PATH}/{hook['id']}/deliveries/y/redeliver", headers=admin.auth)).status_code == 404
    for _ in range(MOST - 1):
        await set_up(client, admin, "https://hooks.example.com/")
    answer = await client.post(PATH, json=body, headers=admin.auth)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


# --- without the app: one courier, whose clock the test holds --------------------------------------------------------


@pytest.fixture
async def hook(database: Database, settings: Settings, other_side: Receiver) -> Account:
    from crm_boost.identity.permissions import Role
    from crm_boost.identity.principal import Principal
    from crm_boost.webhooks import service
    from crm_boost.webhooks.schemas import WebhookCreate

    admin = await make_user(database, "admin")
    principal = Principal(admin.id, admin.name, Role.ADMIN, frozenset(), "")
    wanted = WebhookCreate(name="Warehouse", url=other_side.url, events=list(HookEvent))
    async with database.write() as session:
        await service.create(session, settings, principal, wanted)
    return admin


async def states(database: Database) -> list[tuple[str, int, str | None]]:
    async with database.read() as session:
        rows = await session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.seq))
        return [(row.state, row.attempts, row.error) for row in rows]


async def happens(database: Database, *, count: int = 1) -> None:
    async with database.write() as session:
        await tell(session, HookEvent.DEPOSIT_COUNTED, [{"deposit_id": str(number)} for number in range(count)])


async def test_what_fails_is_tried_again_later(
    hook: Account, database: Database, settings: Settings, other_side: Receiver
) -> None:
    courier = HookCourier(database, settings)
    other_side.answers.extend([(500, ""), (302, "Location: http://127.0.0.1:1/\r\n")])
    with frozen(NOON):
        await happens(database)
        assert await courier.send_due() == 0
        assert await courier.send_due() == 0
    assert await states(database) == [("waiting", 1, "refused")]
    with frozen(NOON + timedelta(seconds=31)):
        await courier.send_due()
    # A redirect is not followed: it could lead to what only this server can reach.
    assert await states(database) == [("waiting", 2, "redirected")]
    with frozen(NOON + timedelta(seconds=120)):
        assert await courier.send_due() == 1
    assert await states(database) == [("sent", 3, None)]
    assert len({one.headers["webhook-id"] for one in other_side.received}) == 1
    assert len({one.headers["webhook-timestamp"] for one in other_side.received}) == 3
    assert len({one.raw for one in other_side.received}) == 1
    async with database.read() as session:
        assert (await session.scalars(select(Webhook.failures))).one() == 0


async def test_several_couriers_send_each_delivery_once(
    hook: Account, database: Database, settings: Settings, other_side: Receiver
) -> None:
    with frozen(NOON):
        await happens(database, count=6)
        couriers = [HookCourier(database, settings) for _ in range(3)]
        assert sum(await asyncio.gather(*(courier.send_due() for courier in couriers))) == 6
    assert sorted(one.body["data"]["deposit_id"] for one in other_side.received) == list("012345")
    assert await states(database) == [("sent", 1, None)] * 6


async def test_what_a_process_that_died_was_sending_is_taken_over(
    hook: Account, database: Database, settings: Settings, other_side: Receiver
) -> None:
    from crm_boost.webhooks import repository

    courier = HookCourier(database, settings)
    with frozen(NOON):
        await happens(database)
        async with database.write() as session:
            assert await repository.claim(session, NOON, NOON + timedelta(minutes=2), []) is not None
        assert await courier.send_due() == 0
    with frozen(NOON + timedelta(minutes=3)):
        assert await courier.send_due() == 1
    async with database.write() as session:
        assert not await repository.note(session, 1, 1, state="failed", ended_at=NOON, error="late")
    assert await states(database) == [("sent", 2, None)]


async def test_who_never_answers_is_switched_off_and_admins_are_told_once(
    hook: Account, database: Database, settings: Settings, other_side: Receiver
) -> None:
    from crm_boost.notifications.models import Notification

    courier = HookCourier(database, settings)
    other_side.answers.extend([(503, "")] * 40)
    with frozen(NOON):
        await happens(database, count=12)
        await courier.send_due()
    with frozen(NOON + timedelta(hours=24)):
        await courier.send_due()
        await happens(database)
    async with database.read() as session:
        row = (await session.scalars(select(Webhook))).one()
        told = (await session.scalars(select(Notification))).all()
        audited = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "webhook.switched_off"))).one()
    assert (row.is_active, row.off_reason, row.failures) == (False, "failing", 20)
    assert [(one.type, one.user_id) for one in told] == [("webhook_switched_off", hook.id)]
    assert (audited.actor_name, audited.detail) == ("system", {"name": "Warehouse", "reason": "failing"})
    # The rest waits no longer, and what happens from now on is not written down for it.
    assert len(other_side.received) == 20
    assert [state for state, *_ in await states(database)] == ["off"] * 12


async def test_what_was_rolled_back_is_never_told_and_old_deliveries_go(
    hook: Account, database: Database, settings: Settings, other_side: Receiver
) -> None:
    courier = HookCourier(database, settings)
    async with database.write() as session:
        await tell(session, HookEvent.DEPOSIT_COUNTED, [{}])
        await session.rollback()
    with frozen(NOON):
        assert await courier.send_due() == 0
        await happens(database)
        assert await courier.send_due() == 1
    for days, gone in ((30, 0), (31, 1)):
        with frozen(NOON + timedelta(days=days)):
            assert (await tidying.session_cleanup(database))["webhook_deliveries"] == gone
    assert len(other_side.received) == 1


async def test_a_process_hears_what_another_one_registered_once_it_has_read_it(
    hook: Account, settings: Settings, other_side: Receiver
) -> None:
    # A process of its own: with its own handlers, which know nothing at first.
    database = Database(settings, build_bus())

    async def counted() -> int:
        async with database.write() as session:
            await session.emit(DepositBegan("d", "s", "p", NOON.date(), "NDP"))
            await session.emit(DepositsImported("i", 2, 1))
        return len(await states(database))

    try:
        assert await counted() == 0
        await HookCourier(database, settings).listen()
        assert await counted() == 2
        async with database.read() as session:
            data = (await session.scalars(select(WebhookDelivery.data).order_by(WebhookDelivery.seq))).all()
        assert list(data) == [
            {
                "deposit_id": "d",
                "staff_id": "s",
                "product_id": "p",
                "record_date": "2025-03-01",
                "customer_type": "NDP",
            },
            {"import_id": "i", "approved": 2, "pending": 1},
        ]
    finally:
        await database.dispose()


async def test_of_many_things_there_are_several_events(hook: Account, settings: Settings) -> None:
    database = Database(settings, build_bus())
    try:
        await HookCourier(database, settings).listen()
        async with database.write() as session:
            await session.emit(ReservationsBegan(tuple((f"r{number}", "s", "p") for number in range(201))))
            rejected = [(f"a{number}", "normal", "one") for number in range(100)] + [("b", "normal", "two")]
            await session.emit(RecordsRejected("wrong_number", tuple(rejected)))
        async with database.read() as session:
            rows = (await session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.seq))).all()
        assert [len(row.data["reservations"]) for row in rows if row.event == "reservation.started"] == [100, 100, 1]
        found = [(row.data["staff_id"], len(row.data["record_ids"])) for row in rows if row.event == "records.invalid"]
        assert found == [("one", 100), ("two", 1)]
        assert len({row.event_id for row in rows}) == 5
    finally:
        await database.dispose()
