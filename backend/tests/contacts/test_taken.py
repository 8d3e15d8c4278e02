"""A record whose customer is reserved for somebody else cannot be marked further (spec 3.2); ending it reverses that."""

import httpx

from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from tests.assignments import support
from tests.reservations.desk import PATH, reserved
from tests.support.factories import make_database, make_user


async def test_a_conflict_stops_marks_and_verdicts(client: httpx.AsyncClient, database: Database) -> None:
    admin, owner, holder = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    stored = await make_database(database, 2)
    await support.pick(database, stored, holder, stored.record_ids)
    mine, free = stored.record_ids
    row = await reserved(client, admin, stored.product_id, "customer0", owner)

    refused = await client.patch(f"/api/records/{mine}", json={"whatsapp_status": "ada"}, headers=holder.auth)
    assert (refused.status_code, refused.json()["code"]) == (409, "taken_by_reservation")
    assert owner.name not in refused.text
    judged = {"record_ids": [free, mine], "is_valid": True}
    assert (await client.post("/api/my/validate", json=judged, headers=holder.auth)).status_code == 409
    marks = {"marks": [{"record_id": record_id, "respond_status": "ya"} for record_id in stored.record_ids]}
    done = (await client.post("/api/my/marks", json=marks, headers=holder.auth)).json()
    assert done["missing"] == [mine]
    assert {r["id"]: r["respond_status"] for r in done["records"]} == {mine: None, free: "ya"}
    shown = (await client.get(f"/api/records/{mine}", headers=holder.auth)).json()
    assert (shown["version"], shown["validation_status"], shown["is_reservation_conflict"]) == (0, None, True)

    await client.delete(f"{PATH}/{row['id']}", headers=admin.auth)
    again = await client.patch(f"/api/records/{mine}", json={"whatsapp_status": "ada"}, headers=holder.auth)
    assert again.json()["whatsapp_status"] == "ada"
