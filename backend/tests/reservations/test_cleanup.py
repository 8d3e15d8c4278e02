"""Grace and expiry over days, with a clock held still (spec 3.3)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import frozen
from crm_boost.reservations import cleanup, service
from crm_boost.reservations.schemas import Reserve
from tests.reservations.desk import PATH, told
from tests.support.factories import Account, make_product, make_user

ZONE = ZoneInfo("Asia/Jakarta")
PREVIEW = "/api/scheduled-reports/reserved-member-cleanup-preview"
RUN = "/api/scheduled-reports/reserved-member-cleanup-run"


def at(day: date, hour: int = 0, minute: int = 1) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


async def approved_at(
    database: Database, admin: Account, owner: Account, product: str, name: str, when: datetime
) -> str:
    principal = Principal(admin.id, admin.name, admin.role, frozenset(), "x")
    with frozen(when):
        async with database.write() as session:
            wanted = Reserve(customer_id=name, product_id=product, staff_id=owner.id)
            return (await service.reserve(session, principal, wanted)).ids[0]


async def run_on(database: Database, day: date) -> cleanup.Cleanup:
    with frozen(at(day)):
        async with database.write() as session:
            return await cleanup.run(session)


async def test_approved_a_minute_before_midnight(client: httpx.AsyncClient, database: Database) -> None:
    admin, owner, product = (
        await make_user(database, Role.ADMIN),
        await make_user(database),
        await make_product(database),
    )
    first = date(2024, 2, 10)
    reservation = await approved_at(database, admin, owner, product, "sari", at(first, 23, 59))

    warned = []
    for number in range(1, 31):
        found = await run_on(database, first + timedelta(days=number))
        again = await run_on(database, first + timedelta(days=number))
        assert (found.over, again.warned) == ([], 0)
        warned += [number] * found.warned
    assert warned == [23, 24, 25, 26, 27, 28, 29]
    assert (await told(client, owner)).count("reservation_expiring") == 7

    found = await run_on(database, first + timedelta(days=31))
    assert [row.id for row, _ in found.over] == [reservation]
    (kept,) = (await client.get(f"{PATH}/deleted", headers=admin.auth)).json()
    assert (kept["deleted_reason"], kept["status"], kept["grace_days_used"]) == ("no_deposit", "expired", 31)
    assert (await told(client, owner))[0] == "reservation_expired"


async def test_a_deposit_moves_the_clock_and_a_back_dated_one_does_not(
    client: httpx.AsyncClient, database: Database
) -> None:
    admin, owner, product = (
        await make_user(database, Role.ADMIN),
        await make_user(database),
        await make_product(database),
    )
    first = date(2025, 1, 1)
    await approved_at(database, admin, owner, product, "sari", at(first))
    async with database.write() as session:
        await cleanup.deposit_counted(session, product, "sari", owner.id, date(2025, 1, 20))
        await cleanup.deposit_counted(session, product, "sari", owner.id, date(2025, 1, 5))

    assert (await run_on(database, date(2025, 2, 19))).over == []
    assert len((await run_on(database, date(2025, 2, 20))).over) == 1
    (kept,) = (await client.get(f"{PATH}/deleted", headers=admin.auth)).json()
    assert (kept["deleted_reason"], kept["last_omset_date"]) == ("no_omset_grace_period", "2025-01-20")


async def test_permanent_ones_stay_and_are_listed(client: httpx.AsyncClient, database: Database) -> None:
    admin, owner, product = (
        await make_user(database, Role.ADMIN),
        await make_user(database),
        await make_product(database),
    )
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    stays = await approved_at(database, admin, owner, product, "sari", long_ago)
    goes = await approved_at(database, admin, owner, product, "dewi", long_ago)
    soon = await approved_at(database, admin, owner, product, "budi", datetime.now(UTC) - timedelta(days=25))
    await client.patch(f"{PATH}/{stays}/permanent", json={"is_permanent": True}, headers=admin.auth)

    preview = (await client.get(PREVIEW, headers=admin.auth)).json()
    assert preview["config"]["global_grace_days"] == 30
    counts = [preview[k] for k in ("total_approved_members", "permanent_members_count", "will_be_deleted_count")]
    assert counts == [3, 1, 1]
    named = {k: [row["id"] for row in preview[k]] for k in ("permanent_members", "will_be_deleted", "expiring_soon")}
    assert named == {"permanent_members": [stays], "will_be_deleted": [goes], "expiring_soon": [soon]}
    assert len((await client.get(PATH, headers=admin.auth)).json()) == 3  # a preview changes nothing

    ran = (await client.post(RUN, headers=admin.auth)).json()
    assert (ran["success"], ran["expired_count"], ran["warned_count"]) == (True, 1, 1)
    assert {row["id"] for row in (await client.get(PATH, headers=admin.auth)).json()} == {stays, soon}
    # Restored: a fresh grace.
    await client.post(f"{PATH}/deleted/{goes}/restore", headers=admin.auth)
    assert (await client.post(RUN, headers=admin.auth)).json()["expired_count"] == 0


async def test_the_days_of_grace_are_settings(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, Role.ADMIN)
    address = f"{PATH}/cleanup-config"
    assert (await client.get(address, headers=admin.auth)).json()["warning_days"] == 7
    changed = await client.put(address, json={"global_grace_days": 10, "warning_days": 3}, headers=admin.auth)
    assert changed.json()["updated_by"] == admin.name
    bad = await client.put(address, json={"global_grace_days": 10, "warning_days": 10}, headers=admin.auth)
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "warning_days")
    assert (await client.get(address, headers=admin.auth)).json()["warning_days"] == 3


@pytest.mark.parametrize("by", ["deposit", "extension"])
async def test_who_comes_between_is_spared(client: httpx.AsyncClient, database: Database, by: str) -> None:
    """What counts is what holds when the run claims the reservation."""
    admin, owner, product = (
        await make_user(database, Role.ADMIN),
        await make_user(database),
        await make_product(database),
    )
    reservation = await approved_at(database, admin, owner, product, "sari", datetime(2024, 1, 1, tzinfo=UTC))
    async with database.read() as session:
        assert len((await cleanup.preview(session)).over) == 1
    if by == "deposit":
        async with database.write() as session:
            await cleanup.deposit_counted(session, product, "sari", owner.id, datetime.now(UTC).date())
    else:
        await client.patch(f"{PATH}/{reservation}/extend", headers=admin.auth)

    assert (await client.post(RUN, headers=admin.auth)).json()["expired_count"] == 0
