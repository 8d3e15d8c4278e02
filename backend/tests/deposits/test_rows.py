"""Several deposits booked by one request: each as if it came alone (spec 4.2)."""

import asyncio
from typing import Any

import httpx

from crm_boost.db.engine import Database
from tests.deposits.checks import assert_sound
from tests.deposits.desk import PATH, book, done, rows, summary
from tests.reservations.desk import reserved, told
from tests.support.factories import Account, make_product, make_user
from tests.support.statements import recorded_statements

ROWS = f"{PATH}/rows"
TOLD = (
    "record_date", "customer_key", "customer_name", "nominal", "depo_total", "keterangan", "tambahan", "customer_type",
    "approval_status", "staff_name", "product_name",
)  # fmt: skip


def form(product_id: str, customer: str, day: str, nominal: float = 100, **more: Any) -> dict[str, Any]:
    return {"product_id": product_id, "record_date": day, "customer_id": customer, "nominal": nominal, **more}


async def send(client: httpx.AsyncClient, who: Account, forms: list[dict[str, Any]], **headers: str) -> httpx.Response:
    return await client.post(ROWS, json={"rows": forms}, headers={**who.auth, **headers})


async def test_rows_become_what_they_become_alone(client: httpx.AsyncClient, database: Database) -> None:
    staff, product = [await make_user(database, name="Ana") for _ in range(2)], await make_product(database)
    forms = [
        form(product, "sari", "2025-02-05"),
        form(product, "sari", "2025-02-01", 50, keterangan="depo tambahan"),
        form(product, "dewi", "2025-02-03", 20, depo_kelipatan=2, customer_name="Dewi"),
        form(product, "sari", "2025-02-02", 30),
        form(product, "sari", "2025-02-02", 40),
    ]
    for one in forms:
        assert (await client.post(PATH, json=one, headers=staff[0].auth)).status_code == 200
    answer = (await send(client, staff[1], forms)).json()["rows"]
    alone, together = [await rows(client, who) for who in staff]
    assert [[row.get(name) for name in TOLD] for row in together] == [[row.get(name) for name in TOLD] for row in alone]
    assert sorted(row["deposit"]["id"] for row in answer) == sorted(row["id"] for row in together)
    # In the order of the request.
    assert [row["deposit"]["customer_key"] for row in answer] == ["sari", "sari", "dewi", "sari", "sari"]
    assert [row["deposit"]["customer_type"] for row in answer] == ["RDP", "RDP", "NDP", "NDP", "NDP"]
    totals = [(await summary(client, who))["total"] for who in staff]
    assert totals[0] == totals[1]
    detail = await done(client, staff[1], "GET", f"/{answer[0]['deposit']['id']}")
    assert [event["kind"] for event in detail["events"]] == ["book"]
    assert await assert_sound(database) == 10


async def test_a_row_at_fault_says_why_and_keeps_nothing_else_from_being_booked(
    client: httpx.AsyncClient, database: Database
) -> None:
    staff, product = await make_user(database), await make_product(database)
    admin = await make_user(database, "admin")
    closed = {"ledger_closed_until": "2025-01-31"}
    assert (await client.put(f"{PATH}/settings", json=closed, headers=admin.auth)).status_code == 200
    forms = [
        form(product, "a", "2025-01-31"),
        form(product, "b", "2025-02-01", 0.001),
        form("nothing", "c", "2025-02-01"),
        form(product, "d", "2025-02-01"),
    ]
    found = (await send(client, staff, forms)).json()["rows"]
    said = [[(error["field"], error["code"]) for error in row.get("errors", [])] for row in found]
    assert said[0] == [("record_date", "closed_day")]
    assert said[1] == [("nominal", "amount_too_fine")]
    assert said[2] == [("product_id", "not_found")]
    assert "deposit" not in found[0]
    assert found[3]["deposit"]["customer_key"] == "d"
    assert [row["customer_key"] for row in await rows(client, staff)] == ["d"]
    # The same as the preview says.
    preview = await done(client, staff, "POST", "/preview", {"rows": forms})
    assert [row["errors"] for row in preview["rows"][:3]] == [row["errors"] for row in found[:3]]
    # What is no form at all refuses everything, and names the row and its field.
    refused = await send(client, staff, [form(product, "e", "2025-02-01"), form(product, "(", "2025-02-01")])
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "rows.1.customer_id"
    for wrong in ([], [form(product, "e", "2025-02-01")] * 201):
        assert (await send(client, staff, wrong)).status_code == 422
    assert len(await rows(client, staff)) == 1


async def test_reserved_customers_wait_and_what_repeats_is_flagged(
    client: httpx.AsyncClient, database: Database
) -> None:
    admin, owner, staff = await make_user(database, "admin"), await make_user(database), await make_user(database)
    product = await make_product(database)
    await reserved(client, admin, product, "x", owner)
    mine = await reserved(client, admin, product, "y", staff)
    forms = [form(product, name, "2025-02-01") for name in ("x", "y", "z", "z")]
    found = [row["deposit"] for row in (await send(client, staff, forms)).json()["rows"]]
    assert [row["approval_status"] for row in found] == ["pending", "approved", "approved", "approved"]
    assert [row["possible_duplicate"] for row in found] == [False, False, False, True]
    assert "deposit_waiting" in await told(client, admin)
    listed = (await client.get("/api/reserved-members", params={"q": "y"}, headers=admin.auth)).json()
    assert [(row["id"], row["last_omset_date"]) for row in listed] == [(mine["id"], "2025-02-01")]
    again = [row["deposit"] for row in (await send(client, staff, forms[2:3])).json()["rows"]]
    assert again[0]["possible_duplicate"]
    await assert_sound(database)


async def test_who_may_and_for_whom(client: httpx.AsyncClient, database: Database) -> None:
    admin, one, two = await make_user(database, "admin"), await make_user(database), await make_user(database)
    forms = [form(await make_product(database), "a", "2025-02-01", staff_id=two.id)]
    assert (await client.post(ROWS, json={"rows": forms})).status_code == 401
    blocked = await make_user(database, blocked_pages=["omset"])
    assert (await send(client, blocked, forms)).status_code == 403
    # Staff book for themselves, whomever they name; an admin for others, and each is checked.
    assert (await send(client, one, forms)).json()["rows"][0]["deposit"]["staff_id"] == one.id
    assert (await send(client, admin, forms)).json()["rows"][0]["deposit"]["staff_id"] == two.id
    nobody = (await send(client, admin, [{**forms[0], "staff_id": "nobody"}])).json()["rows"]
    assert nobody[0]["errors"][0]["field"] == "staff_id"


async def test_the_same_key_has_one_effect(client: httpx.AsyncClient, database: Database) -> None:
    staff, product = await make_user(database), await make_product(database)
    forms = [form(product, f"c{number}", "2025-02-01") for number in range(3)]
    key = {"Idempotency-Key": "paste-1"}
    answers = await asyncio.gather(*(send(client, staff, forms, **key) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert len(await rows(client, staff)) == 3
    assert (await send(client, staff, forms[:1], **key)).status_code == 422


async def test_rows_side_by_side_with_single_ones(client: httpx.AsyncClient, database: Database) -> None:
    staff = [await make_user(database) for _ in range(2)]
    product, admin = await make_product(database), await make_user(database, "admin")
    customers = [f"c{number}" for number in range(4)]
    for who in staff:
        await reserved(client, admin, product, customers[staff.index(who)], who)
    calls = [
        send(client, who, [form(product, name, f"2025-02-0{day}", day) for name in order])
        for who in staff
        for day, order in enumerate((customers, customers[::-1]), 1)
    ]
    calls += [book(client, who, product, name, "2025-01-31") for who in staff for name in customers]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    # Of each staff three wait: the other one has reserved that customer.
    assert await assert_sound(database) == 18


async def test_the_number_of_statements_follows_no_rows(client: httpx.AsyncClient, database: Database) -> None:
    staff, product = await make_user(database), await make_product(database)
    counts = []
    for size in (2, 10, 50):
        forms = [form(product, f"{size}-{number}", "2025-02-01") for number in range(size)]
        with recorded_statements(database) as statements:
            assert (await send(client, staff, forms)).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2]
