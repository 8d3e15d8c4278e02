"""Renaming a database, and moving it to another product, which matches reservations anew (spec 3.2)."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from crm_boost.databases.models import Record
from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from tests.support.factories import Account, make_database, make_product, make_user, records_of, reserve_customer


@pytest.mark.parametrize("kept", [False, True])
async def test_a_move_matches_reservations_anew(
    admin: Account, client: httpx.AsyncClient, database: Database, kept: bool
) -> None:
    stored = await make_database(database, 4, module="memberwd", reserved=range(1))
    other = await make_database(database, 1, module="memberwd", prefix="x")
    owner = await make_user(database)
    await reserve_customer(database, stored, "customer0", owner.id)
    await reserve_customer(database, other, "customer2", owner.id)
    body = {"product_id": other.product_id}
    path = f"/api/memberwd/databases/{stored.id}/product" if kept else f"/api/pools/memberwd/databases/{stored.id}"
    answer = await client.patch(path, json=body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["product_id"], answer.json()["excluded_count"]) == (other.product_id, 1)
    records = await records_of(database, stored)
    assert {record.customer_key: record.state for record in records.values()} == {
        "customer0": "available", "customer1": "available", "customer2": "reserved", "customer3": "available",
    }  # fmt: skip
    assert {record.product_id for record in records.values()} == {other.product_id}
    async with database.read() as session:
        elsewhere = await session.scalar(select(Record.product_id).where(Record.database_id == other.id))
        audited = (await session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == stored.id))).all()
    assert elsewhere == other.product_id and audited == ["database.updated"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": ""}, 422, "name"),
        ({"name": "x" * 201}, 422, "name"),
        ({"name": "a\x00b"}, 422, "name"),
        ({"description": "x" * 2001}, 422, "description"),
        ({"product_id": "nobody"}, 404, None),
        ({"product_id": "retired"}, 422, "product_id"),
        ({"state": "ready"}, 422, "state"),
    ],
)
async def test_refusals(
    admin: Account, client: httpx.AsyncClient, database: Database, body: dict[str, Any], status: int, field: str | None
) -> None:
    stored = await make_database(database, 1)
    if body.get("product_id") == "retired":
        body = {"product_id": await make_product(database, is_active=False)}
    answer = await client.patch(f"/api/pools/normal/databases/{stored.id}", json=body)
    assert answer.status_code == status, answer.text
    if field:
        assert answer.json()["errors"][0]["field"] == field
    shown = (await client.get(f"/api/databases/{stored.id}")).json()
    assert (shown["name"], shown["product_id"]) == ("Customers", stored.product_id)


async def test_rename(admin: Account, client: httpx.AsyncClient, database: Database) -> None:
    stored = await make_database(database, 1)
    path = f"/api/pools/normal/databases/{stored.id}"
    answer = await client.patch(path, json={"name": "  July  ", "description": "Two\nlines"})
    assert (answer.json()["name"], answer.json()["description"]) == ("July", "Two\nlines")
    assert (await client.patch(f"/api/databases/{stored.id}/product", json={})).status_code == 422
    assert (await client.patch("/api/pools/normal/databases/nobody", json={"name": "A"})).status_code == 404
    assert (await client.patch(f"/api/pools/bonanza/databases/{stored.id}", json={"name": "A"})).status_code == 404
