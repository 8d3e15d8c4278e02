"""Reservations that begin or end while an import is under way are honoured (spec 2.1, 3.2)."""

import pytest
from sqlalchemy import delete

from crm_boost.assignments.reserve import match_customers
from crm_boost.assignments.transitions import Command
from crm_boost.databases import counting
from crm_boost.db.engine import Database
from crm_boost.reservations.models import ReservationKey
from crm_boost.settings import BusinessSettings, Settings
from tests.support.factories import Stored, make_product, make_user, reserve_customer
from tests.uploads.conftest import PauseAt
from tests.uploads.desk import Desk, csv_bytes, people


def at(desk: Desk) -> Stored:
    """What the factory wants to know of a database: its product."""
    return Stored("", desk.product_id, desk.module, [], 0)


async def statuses(desk: Desk, item: dict[str, object]) -> dict[str, str]:
    return {record["customer_id"]: record["status"] for record in await desk.records(item)}


@pytest.mark.parametrize("reserved", ["store", "skip"])
async def test_approved_between_report_and_commit(desk: Desk, database: Database, reserved: str) -> None:
    item = await desk.upload(csv_bytes(people(3)))
    assert item["report"]["reserved"] == 0
    await reserve_customer(database, at(desk), "sari1", (await make_user(database)).id)
    done = await desk.commit(item["id"], reserved=reserved)
    found = await statuses(desk, done)
    if reserved == "store":
        assert found == {"sari0": "available", "sari1": "reserved", "sari2": "available"}
        assert (done["result"]["reserved_stored"], done["result"]["reserved_skipped"]) == (1, 0)
    else:
        assert found == {"sari0": "available", "sari2": "available"}
        assert (done["result"]["reserved_stored"], done["result"]["reserved_skipped"]) == (0, 1)


async def test_approved_and_ended_while_storing(desk: Desk, database: Database, pause_at: PauseAt) -> None:
    owner = await make_user(database)
    await reserve_customer(database, at(desk), "sari0", owner.id)
    item = await desk.upload(csv_bytes(people(4)))
    pause = pause_at("_store_rows", after=True)
    await desk.post_commit(item["id"])
    await pause.reached.wait()
    for customer in ("sari2", "sari3"):
        await reserve_customer(database, at(desk), customer, owner.id)
    async with database.write() as session:
        await session.execute(delete(ReservationKey).where(ReservationKey.customer_key == "sari0"))
        # One of those who begin one finds the record already, and counts it.
        assert (await match_customers(session, ["sari3"]))[Command.RESERVE] == 1
    pause.go.set()
    done = await desk.settled(item["id"])
    free, reserved = dict.fromkeys(("sari0", "sari1"), "available"), dict.fromkeys(("sari2", "sari3"), "reserved")
    assert await statuses(desk, done) == free | reserved
    assert done["result"]["reserved_stored"] == 2
    assert await counting.check(database) == {"counters": 0}


async def test_one_not_approved_does_not_protect(desk: Desk, database: Database) -> None:
    await reserve_customer(database, at(desk), "sari1", (await make_user(database)).id, approved=False)
    item = await desk.upload(csv_bytes(people(3)))
    assert item["report"]["reserved"] == 0
    assert set((await statuses(desk, await desk.commit(item["id"]))).values()) == {"available"}


class TestEverywhere:
    """With `reservation_scope = everywhere` a reservation of another product protects too."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"business": BusinessSettings(reservation_scope="everywhere")})

    async def test_another_product(self, desk: Desk, database: Database) -> None:
        other = Stored("", await make_product(database), "normal", [], 0)
        await reserve_customer(database, other, "sari1", (await make_user(database, name="Wati")).id)
        done = await desk.imported(csv_bytes(people(3)))
        assert done["report"]["reserved_by"][0]["staff_name"] == "Wati"
        assert (await statuses(desk, done))["sari1"] == "reserved"


async def test_another_product_does_not_protect(desk: Desk, database: Database) -> None:
    other = Stored("", await make_product(database), "normal", [], 0)
    await reserve_customer(database, other, "sari1", (await make_user(database)).id)
    done = await desk.imported(csv_bytes(people(3)))
    assert done["report"]["reserved"] == 0 and (await statuses(desk, done))["sari1"] == "available"
