"""The addresses of the ledger: who may, bad input, filters, paging, fields (spec 4.2, 7.2)."""

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import func, select

from crm_boost.db.engine import Database
from crm_boost.deposits.models import Deposit, DepositDay, DepositEvent, DepositKey
from crm_boost.kit.clock import business_date, utc_now
from tests.deposits.desk import PATH, book, booked, done, rows, summary
from tests.reservations.desk import reserved, told
from tests.support.factories import make_product, make_user
from tests.support.statements import recorded_statements

FIELDS = {
    "id", "product_id", "product_name", "staff_id", "staff_name", "record_date", "customer_id", "nominal",
    "depo_kelipatan", "depo_total", "keterangan", "tambahan", "customer_type", "approval_status", "possible_duplicate",
}  # fmt: skip


async def test_a_row_has_the_fields_of_the_contract(client: httpx.AsyncClient, database: Database) -> None:
    staff, product = await make_user(database), await make_product(database, "Brand")
    row = await booked(
        client, staff, product, " Sari  01 ", "2025-02-01", 29.34, depo_kelipatan=2.5, customer_name="Sari",
        keterangan="first", unknown_field="ignored",
    )  # fmt: skip
    assert set(row) >= FIELDS
    assert None not in row.values()
    assert (row["customer_id"], row["customer_key"], row["customer_name"]) == ("Sari  01", "sari01", "Sari")
    assert (row["staff_id"], row["staff_name"], row["product_name"]) == (staff.id, staff.name, "Brand")
    assert (row["nominal"], row["depo_kelipatan"], row["depo_total"]) == (29.34, 2.5, 73.35)
    assert (row["customer_type"], row["approval_status"]) == ("NDP", "approved")
    assert (await rows(client, staff)) == [row]
    detail = await done(client, staff, "GET", f"/{row['id']}")
    assert {name: detail[name] for name in row} == row
    assert [event["kind"] for event in detail["events"]] == ["book"]


BAD: list[tuple[str, Any]] = [
    ("nominal", "NaN"), ("nominal", "1e309"), ("nominal", -5), ("nominal", 0), ("nominal", "banana"), ("nominal", True),
    ("nominal", 0.001), ("nominal", 1e13), ("nominal", None), ("depo_kelipatan", 0), ("depo_kelipatan", 1000.5),
    ("depo_kelipatan", 0.001), ("record_date", "banana"), ("record_date", "2025-02-30"), ("record_date", "1999-12-31"),
    ("record_date", 20250201), ("record_date", "2025-02-01T10:00:00"), ("record_date", "tomorrow"),
    ("customer_id", "   "), ("customer_id", "x" * 10_000), ("customer_id", "("), ("customer_id", ".*"),
    ("customer_id", "=cmd"), ("customer_id", "a\x00b"), ("customer_id", 5), ("customer_name", "x" * 10_000),
    ("keterangan", "x" * 10_000), ("product_id", ""), ("tambahan", "perhaps"),
]  # fmt: skip


async def test_bad_input_is_a_field_error_and_leaves_nothing(client: httpx.AsyncClient, database: Database) -> None:
    staff, product = await make_user(database), await make_product(database)
    good = {"product_id": product, "record_date": "2025-02-01", "customer_id": "sari", "nominal": 5}
    kept = await booked(client, staff, product, "dewi", "2025-02-01")
    tomorrow = business_date(database.business.tz) + timedelta(days=1)
    for field, value in [*BAD, ("record_date", tomorrow.isoformat())]:
        refused = await client.post(PATH, json={**good, field: value}, headers=staff.auth)
        assert refused.status_code == 422, (field, value, refused.text)
        assert field in {error["field"] for error in refused.json()["errors"]}, (field, value)
        if value is not None:
            refused = await client.put(f"{PATH}/{kept['id']}", json={field: value}, headers=staff.auth)
            assert refused.status_code in (403, 422), (field, value, refused.text)
    for literal in ("NaN", "Infinity", "1e309"):
        body = f'{{"product_id": "{product}", "record_date": "2025-02-01", "customer_id": "s", "nominal": {literal}}}'
        headers = {**staff.auth, "Content-Type": "application/json"}
        refused = await client.post(PATH, content=body, headers=headers)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "nominal"
    assert (await book(client, staff, "nothing", "sari", "2025-02-01")).status_code == 404
    retired = await make_product(database, is_active=False)
    assert (await book(client, staff, retired, "sari", "2025-02-01")).json()["errors"][0]["field"] == "product_id"
    both = await book(client, staff, product, "sari", "1999-01-01", 0.001)
    assert {error["field"] for error in both.json()["errors"]} == {"record_date", "nominal"}
    async with database.read() as session:
        counts = [
            await session.scalar(select(func.count()).select_from(t)) for t in (Deposit, DepositDay, DepositEvent)
        ]
    assert counts == [1, 1, 1]
    assert (await rows(client, staff)) == [kept]


async def test_staff_see_and_change_their_own_only(client: httpx.AsyncClient, database: Database) -> None:
    one, two, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    mine, theirs = [await booked(client, who, product, "x", "2025-02-01") for who in (one, two)]
    assert [row["id"] for row in await rows(client, one, staff_id=two.id)] == [mine["id"]]
    assert {row["id"] for row in await rows(client, admin)} == {mine["id"], theirs["id"]}
    for params in ({"staff_id": two.id}, {}):
        assert (await summary(client, one, **params))["total"]["total_records"] == 1
    for method, path in (("GET", ""), ("GET", "/explain"), ("PUT", ""), ("DELETE", "")):
        answer = await client.request(method, f"{PATH}/{theirs['id']}{path}", json={"nominal": 7}, headers=one.auth)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_deposit")
    # From staff, whom a deposit is for is ignored.
    assert (await booked(client, one, product, "y", "2025-02-01", staff_id=two.id))["staff_id"] == one.id
    edited = await done(client, one, "PUT", f"/{mine['id']}", {"staff_id": two.id, "nominal": 7})
    assert (edited["staff_id"], edited["nominal"], edited["version"]) == (one.id, 7, 2)
    for field, value in (("product_id", await make_product(database)), ("record_date", "2025-02-02")):
        refused = await client.put(f"{PATH}/{mine['id']}", json={field: value}, headers=one.auth)
        assert (refused.status_code, refused.json()["code"]) == (403, "for_admins_only")
    same = {"product_id": product, "record_date": "2025-02-01"}
    assert (await client.put(f"{PATH}/{mine['id']}", json=same, headers=one.auth)).status_code == 200


async def test_what_is_for_admins_asks_for_the_role_before_it_looks(
    client: httpx.AsyncClient, database: Database
) -> None:
    staff, admin, master = [await make_user(database, role) for role in ("staff", "admin", "master_admin")]
    for method, path in (
        ("GET", "/pending"), ("POST", "/nothing/approve"), ("POST", "/nothing/decline"), ("GET", "/duplicates"),
        ("GET", "/trash"), ("DELETE", "/trash/nothing"), ("DELETE", "/trash"), ("POST", "/restore/nothing"),
        ("POST", "/migrate-normalize"), ("GET", "/migrate-normalize"), ("PUT", "/settings"),
    ):  # fmt: skip
        answer = await client.request(method, f"{PATH}{path}", headers=staff.auth, json={})
        assert answer.status_code == 403, path
        answer = await client.request(method, f"{PATH}{path}", headers=admin.auth, json={})
        expected = 404 if "nothing" in path else 403 if (method, path) == ("DELETE", "/trash") else 200
        assert answer.status_code == expected, path
    assert (await client.delete(f"{PATH}/trash", headers=master.auth)).status_code == 200
    blocked = await make_user(database, blocked_pages=["omset"])
    assert (await client.get(PATH, headers=blocked.auth)).status_code == 403
    assert (await client.get("/api/daily-summary", headers=blocked.auth)).status_code == 200
    assert (await client.post("/api/daily-summary/generate", headers=staff.auth)).status_code == 403


async def test_an_admin_enters_for_a_staff(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    row = await booked(client, admin, product, "x", "2025-02-01", staff_id=staff.id)
    assert (row["staff_id"], row["created_by_name"]) == (staff.id, admin.name)
    assert (await booked(client, admin, product, "x", "2025-02-01"))["staff_id"] == admin.id
    assert (await book(client, admin, product, "x", "2025-02-01", staff_id="nobody")).status_code == 404
    away = await make_user(database, is_active=False)
    refused = await book(client, admin, product, "x", "2025-02-01", staff_id=away.id)
    assert refused.json()["errors"][0]["field"] == "staff_id"


async def test_lists_are_filtered_counted_and_paged(client: httpx.AsyncClient, database: Database) -> None:
    one, two, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    products = [await make_product(database), await make_product(database)]
    made = [
        await booked(client, who, products[day % 2], f"c{day}", f"2025-02-0{day}", keterangan=f"n{day}%")
        for day in range(1, 5)
        for who in (one, two)
    ]
    await reserved(client, admin, products[0], "w", two)
    waiting = await booked(client, one, products[0], "w", "2025-02-04")

    async def found(**params: Any) -> tuple[int, str | None]:
        answer = await client.get(PATH, params=params, headers=admin.auth)
        return len(answer.json()), answer.headers.get("X-Total-Count")

    assert await found() == (9, "9")
    assert await found(status="approved") == (8, "8")
    assert await found(status="pending") == (1, "1")
    assert await found(status="declined") == (0, "0")
    assert await found(staff_id=one.id) == (5, "5")
    assert await found(product_id=products[0]) == (5, "5")
    assert await found(record_date="2025-02-04") == (3, "3")
    assert await found(start_date="2025-02-02", end_date="2025-02-03") == (4, "4")
    assert await found(customer_type="NDP") == (8, "8")
    assert await found(customer_type="RDP") == (0, "0")
    assert await found(q="C1") == (2, "2")
    assert await found(customer_key=" C 1") == (2, "2")
    assert await found(customer_key="c1", status="pending") == (0, "0")
    assert await found(customer_key="c") == await found(customer_key="") == (0, "0")
    assert await found(q="n2%") == (2, "2")
    assert await found(q="n_") == (0, "0")
    assert await found(staff_id="nobody") == await found(product_id="nothing") == (0, "0")
    assert (await client.get(PATH, params={"status": "lost"}, headers=admin.auth)).status_code == 422
    assert (await client.get(PATH, params={"start_date": "banana"}, headers=admin.auth)).status_code == 422
    seen, url = [], f"{PATH}?limit=4"
    while url:
        answer = await client.get(url, headers=admin.auth)
        seen += [row["id"] for row in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    assert len(seen) == len(set(seen)) == 9
    assert set(seen) == {row["id"] for row in [*made, waiting]}
    for cursor in ("nothing", "WyJub25lIiwgImEiXQ"):
        assert (await client.get(PATH, params={"cursor": cursor}, headers=admin.auth)).status_code == 422
    types = await client.get(
        f"{PATH}/record-types", params={"product_id": products[0], "record_date": "2025-02-04"}, headers=admin.auth
    )
    assert [row["record_type"] for row in types.json()] == ["NDP", "NDP"]


async def test_the_statements_of_a_list_do_not_follow_its_rows(client: httpx.AsyncClient, database: Database) -> None:
    admin, product = await make_user(database, "admin"), await make_product(database)
    counts = []
    for number in (2, 20):
        for index in range(number):
            await booked(client, admin, product, f"c{number}-{index}", "2025-02-01")
        screen = f"{PATH}?limit=50"
        for path in (screen, f"{PATH}/summary", f"{PATH}/pending", f"{PATH}/duplicates", "/api/daily-summary"):
            with recorded_statements(database) as statements:
                assert (await client.get(path, headers=admin.auth)).status_code == 200
            counts.append(len([s for s in statements if "FROM outbox" not in s and not s.startswith("UPDATE users")]))
    assert counts[:5] == counts[5:] == [4, 5, 3, 3, 4]


async def test_the_same_form_twice(client: httpx.AsyncClient, database: Database) -> None:
    staff, product = await make_user(database), await make_product(database)
    form = {"product_id": product, "record_date": "2025-02-01", "customer_id": "sari", "nominal": 5}
    headers = {**staff.auth, "Idempotency-Key": "k1"}
    first, again = [await client.post(PATH, json=form, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    other = await client.post(PATH, json={**form, "nominal": 6}, headers=headers)
    assert other.status_code == 422
    assert first.json()["possible_duplicate"] is False
    second = await booked(client, staff, product, "SARI ", "2025-02-01", 5)
    assert second["possible_duplicate"] is True
    assert (await booked(client, staff, product, "sari", "2025-02-01", 6))["possible_duplicate"] is False
    assert len(await rows(client, staff)) == 3


async def test_a_preview_says_what_a_form_would_be(client: httpx.AsyncClient, database: Database) -> None:
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    await booked(client, staff, product, "x", "2025-02-05")
    await reserved(client, admin, product, "taken", other)
    form = {"product_id": product, "record_date": "2025-02-05", "customer_id": "x", "nominal": 5}
    forms = [
        form,
        {**form, "record_date": "2025-02-06"},
        {**form, "record_date": "2025-02-01"},
        {**form, "keterangan": "tambahan"},
        {**form, "customer_id": "taken"},
        {**form, "record_date": "1999-01-01"},
        {**form, "product_id": "nothing"},
        {**form, "nominal": 100_000},
    ]
    answer = await done(client, staff, "POST", "/preview", {"rows": forms})
    found = [(row["customer_type"], row["reason"], row["approval_status"]) for row in answer["rows"]]
    assert found == [
        ("NDP", "first_day", "approved"),
        ("RDP", "after_first_day", "approved"),
        ("NDP", "first_day", "approved"),
        ("RDP", "tambahan", "approved"),
        ("NDP", "first_day", "pending"),
        (None, None, None),
        (None, None, None),
        ("NDP", "first_day", "approved"),
    ]
    assert [row["errors"][0]["field"] for row in answer["rows"] if row["errors"]] == ["record_date", "product_id"]
    assert [row["possible_duplicate"] for row in answer["rows"]] == [False] * 7 + [True]
    assert answer["rows"][1]["first_date"] == "2025-02-05"
    assert len(await rows(client, staff)) == 1


async def test_a_deposit_explains_itself(client: httpx.AsyncClient, database: Database) -> None:
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    first = await booked(client, staff, product, "x", "2025-02-01")
    later = await booked(client, staff, product, "X", "2025-02-03")
    more = await booked(client, staff, product, "x", "2025-01-03", keterangan="tambahan")
    await reserved(client, admin, product, "w", other)
    waiting = await booked(client, staff, product, "w", "2025-02-03")
    for row, reason, decided in (
        (first, "first_day", first), (later, "after_first_day", first), (more, "tambahan", first),
        (waiting, "does_not_count", None),
    ):  # fmt: skip
        why = await done(client, staff, "GET", f"/{row['id']}/explain")
        assert (why["reason"], why["customer_key"]) == (reason, row["customer_key"])
        assert (why.get("decided_by") or {}).get("id") == (decided and decided["id"])
    # Whose the customer is, is not for staff to know by name.
    assert set(waiting["conflict_info"]) == {"reserved_by_staff_id", "reason"}
    (shown,) = (await client.get(f"{PATH}/pending", headers=admin.auth)).json()
    assert shown["conflict_info"]["reserved_by_staff_name"] == other.name
    assert await told(client, admin) == ["deposit_waiting"]


async def test_customers_booked_before_are_suggested(client: httpx.AsyncClient, database: Database) -> None:
    staff, other = await make_user(database), await make_user(database)
    product, elsewhere = await make_product(database), await make_product(database)
    for customer, day in (
        ("Sari 1", "2025-02-01"),
        ("SARI1", "2025-02-03"),
        ("sari2", "2025-02-02"),
        ("dewi", "2025-02-04"),
    ):
        await booked(client, staff, product, customer, day, customer_name=f"N {customer}")
    await booked(client, other, product, "sari3", "2025-02-05")

    async def names(**params: str) -> list[str]:
        answer = await client.get(f"{PATH}/customers", params=params, headers=staff.auth)
        return [row["customer_id"] for row in answer.json()]

    assert await names(q="S ari") == ["SARI1", "sari2"]
    assert await names(q="%") == []
    assert await names() == ["dewi", "SARI1", "sari2"]
    assert await names(q="sari", product_id=elsewhere) == []


async def test_figures_of_days(client: httpx.AsyncClient, database: Database) -> None:
    one, two, admin = (
        await make_user(database, name="One"),
        await make_user(database),
        await make_user(database, "admin"),
    )
    product = await make_product(database)
    today = business_date(database.business.tz, utc_now())
    for who, customer, nominal in ((one, "x", 100), (one, "y", 50), (two, "x", 150), (two, "z", 400)):
        await booked(client, who, product, customer, today.isoformat(), nominal)
    whole = (await client.get("/api/daily-summary", headers=admin.auth)).json()
    assert (whole["date"], whole["total_forms"], whole["total_ndp"], whole["total_omset"]) == (
        today.isoformat(),
        4,
        4,
        700,
    )
    assert [row["rank"] for row in whole["staff_breakdown"]] == [1, 2]
    assert sum(row["ndp_count"] for row in whole["product_breakdown"]) == 4
    own = (await client.get("/api/daily-summary", params={"date": today.isoformat()}, headers=one.auth)).json()
    assert ([row["staff_name"] for row in own["staff_breakdown"]], own["total_omset"], own["rank"]) == (["One"], 150, 2)
    assert (own["team"]["total_omset"], own["team"]["staff_count"]) == (700, 2)
    empty = (await client.get("/api/daily-summary", params={"date": "2024-02-01"}, headers=admin.auth)).json()
    assert (empty["total_forms"], empty["staff_breakdown"], empty["product_breakdown"]) == (0, [], [])
    made = await client.post("/api/daily-summary/generate", params={"date": today.isoformat()}, headers=admin.auth)
    assert made.json()["summary"] == whole
    none = await client.post("/api/daily-summary/generate", params={"date": "2024-02-01"}, headers=admin.auth)
    assert none.json()["summary"] is None
    history = (await client.get("/api/daily-summary/history", params={"days": 3}, headers=one.auth)).json()
    assert [day["total_omset"] for day in history["history"]] == [0, 0, 150]
    stats = (await client.get(f"{PATH}/dashboard-stats", headers=admin.auth)).json()
    assert (stats["today"]["total_omset"], stats["month"]["total_ndp"], stats["pending_count"]) == (700, 4, 0)
    assert stats["best_day"] == {"date": today.isoformat(), "total_omset": 700}
    assert (await client.get(f"{PATH}/dashboard-stats", headers=one.auth)).json()["today"]["total_omset"] == 150
    days = (await client.get(f"{PATH}/dates", headers=two.auth)).json()
    assert [(day["date"], day["count"], day["total_depo"]) for day in days] == [(today.isoformat(), 2, 550)]
    cell = await done(client, admin, "GET", "/ndp-rdp", product_id=product, record_date=today.isoformat())
    assert (cell["ndp_count"], cell["ndp_total"], cell["rdp_count"], cell["total_records"]) == (4, 700, 0, 4)
    zeros = await summary(client, admin, start_date="2030-01-01", end_date="2030-12-31")
    assert (zeros["total"]["total_records"], zeros["daily"], zeros["by_staff"]) == (0, [], [])
    crossed = {"start_date": "2025-02-02", "end_date": "2025-02-01"}
    assert (await client.get(f"{PATH}/summary", params=crossed, headers=admin.auth)).status_code == 422
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(DepositKey).where(DepositKey.forms > 0)) == 4
