"""A desk in good order, and the damage that is planted into it by raw SQL: one recipe for each check."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text

from crm_boost.analytics import rebuild as work_figures
from crm_boost.db.engine import Database
from crm_boost.db.types import UtcDateTime
from crm_boost.health.catalog import all_checks
from crm_boost.health.service import ask
from crm_boost.identity.permissions import Role
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from crm_boost.notifications.service import tell
from tests.assignments import support
from tests.reservations.desk import reserved
from tests.support.factories import Account, Stored, count_anew, make_database, make_product, make_user

PATH = "/api/data-sync"


@dataclass(frozen=True, slots=True)
class Desk:
    """Records 0-1 with the holder, 2-3 free, 4 reserved for the owner, 5 in conflict, 6-7 held for a live request."""

    client: httpx.AsyncClient
    database: Database
    admin: Account
    holder: Account
    owner: Account
    stored: Stored
    reservation_id: str

    async def sql(self, statement: str, **values: Any) -> None:
        """Do what no path of the product does."""
        async with self.database.write() as session:
            bound = {name: value for name, value in values.items() if f":{name}" in statement}
            await session.execute(text(statement), bound)
            if statement.startswith("UPDATE customer_records SET state"):
                # How many records are in which state is counted apart; here it is to know of it.
                await count_anew(session)

    def seq(self, number: int) -> int:
        return self.stored.first_seq + number

    async def remove(self, who: Account) -> None:
        """Remove somebody behind the back of everything that should follow."""
        async with self.database.write() as session:
            now = UtcDateTime().process_bind_param(utc_now(), session.get_bind().dialect)
            await session.execute(text("UPDATE users SET deleted_at = :now WHERE id = :id"), {"now": now, "id": who.id})

    async def found(self, module: str | None = None) -> dict[str, int]:
        """What the checks find, those that find nothing left out."""
        async with self.database.read() as session:
            every = [await ask(session, check, module) for check in all_checks() if module is None or check.of_records]
        return {finding.check.name: finding.count for finding in every if finding.count}

    async def post(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.client.post(f"{PATH}{path}", params=params, headers=self.admin.auth)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.client.get(f"{PATH}{path}", params=params, headers=self.admin.auth)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def make_desk(client: httpx.AsyncClient, database: Database, module: str = "normal") -> Desk:
    """Make the desk through the product's own paths."""
    admin, holder = await make_user(database, Role.ADMIN), await make_user(database, name="Holder")
    owner = await make_user(database, name="Owner")
    stored = await make_database(database, 8, module=module)
    ids = stored.record_ids
    await support.pick(database, stored, holder, [*ids[:2], ids[5]])
    reservation = await reserved(client, admin, stored.product_id, "customer4", owner)
    await reserved(client, admin, stored.product_id, "customer5", owner)
    body = {"database_id": stored.id, "record_count": 2}
    if module == "normal":
        answer = await client.post("/api/download-requests", json=body, headers=holder.auth)
        assert answer.status_code == 200, answer.text
    return Desk(client, database, admin, holder, owner, stored, reservation["id"])


Plant = Callable[[Desk], Awaitable[int]]
PLANTS: dict[str, Plant] = {}
"""By check: plants damage, and returns how often the check must fire then."""


def plants(name: str) -> Callable[[Plant], Plant]:
    def keep(plant: Plant) -> Plant:
        PLANTS[name] = plant
        return plant

    return keep


@plants("orphan_holders")
async def _orphans(desk: Desk) -> int:
    ghost = await make_user(desk.database)
    await desk.remove(ghost)
    batch = "UPDATE batches SET staff_id = :ghost WHERE staff_id = :holder"
    await desk.sql(batch, ghost=ghost.id, holder=desk.holder.id)
    moved = "UPDATE customer_records SET assigned_to = :ghost WHERE assigned_to = :holder AND seq < :end"
    await desk.sql(moved, ghost=ghost.id, holder=desk.holder.id, end=desk.seq(2))
    await desk.sql(
        "UPDATE batches SET staff_id = :holder WHERE staff_id = :ghost", ghost=ghost.id, holder=desk.holder.id
    )
    await desk.sql("UPDATE customer_records SET batch_id = NULL WHERE assigned_to = :ghost", ghost=ghost.id)
    # The figures of work notice a hand-out to somebody else too; here they are to know of it.
    await work_figures.rebuild(desk.database)
    return 2


@plants("inactive_holders")
async def _switched_off(desk: Desk) -> int:
    await desk.sql("UPDATE users SET is_active = :off WHERE id = :id", off=False, id=desk.holder.id)
    return 3


@plants("dead_requests")
async def _dead(desk: Desk) -> int:
    await desk.sql("UPDATE record_requests SET status = 'rejected'")
    return 2


@plants("owned_but_available")
async def _free(desk: Desk) -> int:
    await desk.sql("UPDATE customer_records SET state = 'available' WHERE seq = :seq", seq=desk.seq(4))
    return 1


@plants("reserved_without_owner")
async def _kept_back(desk: Desk) -> int:
    statement = "UPDATE customer_records SET state = 'reserved' WHERE state = 'available' AND database_id = :id"
    await desk.sql(statement, id=desk.stored.id)
    return 2 if desk.stored.module != "normal" else await _count(desk, "state = 'reserved'") - 1


@plants("dead_reservation_keys")
async def _dead_keys(desk: Desk) -> int:
    await desk.sql("UPDATE reserved_members SET status = 'released' WHERE id = :id", id=desk.reservation_id)
    return 1


@plants("record_counts")
async def _miscounted(desk: Desk) -> int:
    statement = "INSERT INTO record_counts (database_id, state, part, records) VALUES (:id, 'assigned', -1, 1)"
    await desk.sql(statement, id=desk.stored.id)
    return 1


@plants("unprotected_reservations")
async def _unprotected(desk: Desk) -> int:
    await desk.sql("DELETE FROM reservation_keys WHERE reservation_id = :id", id=desk.reservation_id)
    # Nobody protects the customer, so nothing else may look out of step.
    await desk.sql("UPDATE customer_records SET state = 'available' WHERE seq = :seq", seq=desk.seq(4))
    return 1


@plants("duplicate_reservations")
async def _twice(desk: Desk) -> int:
    await desk.sql("UPDATE reserved_members SET customer_key = 'customer4' WHERE customer_key = 'customer5'")
    return 1


@plants("orphan_reservations")
async def _orphan_reservations(desk: Desk) -> int:
    await desk.remove(desk.owner)
    await desk.sql("UPDATE notifications SET read_at = created_at WHERE user_id = :id", id=desk.owner.id)
    return 2


@plants("past_grace")
async def _over(desk: Desk) -> int:
    async with desk.database.write() as session:
        long_ago = UtcDateTime().process_bind_param(utc_now() - timedelta(days=40), session.get_bind().dialect)
        statement = "UPDATE reserved_members SET claimed_at = :at, approved_at = :at WHERE id = :id"
        await session.execute(text(statement), {"at": long_ago, "id": desk.reservation_id})
    return 1


@plants("stale_conflicts")
async def _stale(desk: Desk) -> int:
    await desk.sql(
        "INSERT INTO reservation_conflicts (record_seq, product_id, customer_key, staff_id, owner_id, began_at)"
        " SELECT :seq, product_id, customer_key, staff_id, owner_id, began_at FROM reservation_conflicts"
        " WHERE record_seq = :other",
        seq=desk.seq(0),
        other=desk.seq(5),
    )
    return 1


@plants("unlogged_conflicts")
async def _unlogged(desk: Desk) -> int:
    await desk.sql("UPDATE reservation_conflicts SET ended_at = began_at")
    return 1


@plants("foreign_batches")
async def _foreign(desk: Desk) -> int:
    await desk.sql("UPDATE batches SET staff_id = :owner", owner=desk.owner.id)
    return 3


@plants("customer_keys")
async def _keys(desk: Desk) -> int:
    await desk.sql("UPDATE customer_records SET customer_key = 'wrong' WHERE seq = :seq", seq=desk.seq(2))
    await desk.sql("DELETE FROM record_keys WHERE record_seq = :seq", seq=desk.seq(3))
    return 2


@plants("product_mismatch")
async def _products(desk: Desk) -> int:
    other = await make_product(desk.database)
    await desk.sql(
        "UPDATE customer_records SET product_id = :other WHERE seq IN (:a, :b)",
        other=other,
        a=desk.seq(0),
        b=desk.seq(1),
    )
    return 2


@plants("notifications_to_nobody")
async def _unread(desk: Desk) -> int:
    ghost = await make_user(desk.database)
    async with desk.database.write() as session:
        await tell(session, ghost.id, "records_assigned", {"count": 1, "id": new_id()})
    await desk.remove(ghost)
    return 1


async def _count(desk: Desk, condition: str) -> int:
    async with desk.database.read() as session:
        return int(
            (await session.execute(text(f"SELECT count(*) FROM customer_records WHERE {condition}"))).scalar_one()
        )
