"""What the product does by itself is never damage, whatever the sequence of commands (spec 3.5).

`CRM_TEST_STEPS` says how many commands there are to be, `CRM_TEST_SEED` which ones. The demo is looked at where it is
seeded (tests/demo).
"""

import os
import random
from datetime import timedelta
from functools import partial
from typing import Any

import httpx

from crm_boost.assignments.policies import all_policies
from crm_boost.assignments.repositories.conflicts import open_conflicts
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession
from crm_boost.health.catalog import all_checks
from crm_boost.health.checks import Check
from crm_boost.health.service import ask
from crm_boost.identity.permissions import Role
from crm_boost.kit.clock import frozen, utc_now
from tests.reservations.desk import PATH as RESERVED
from tests.support.factories import make_database, make_product, make_user
from tests.support.plans import plans_of
from tests.support.statements import recorded_statements


async def found(database: Database) -> dict[str, int]:
    async with database.read() as session:
        every = [await ask(session, check) for check in all_checks()]
    return {finding.check.name: finding.count for finding in every if finding.count}


async def test_a_walk_through_the_product_leaves_nothing_at_fault(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Random commands by random people, through the API, refused ones included."""
    rng = random.Random(int(os.environ.get("CRM_TEST_SEED", "1")))
    admin = await make_user(database, Role.ADMIN)
    staff = [await make_user(database) for _ in range(4)]
    product = await make_product(database)
    pools = [await make_database(database, 12, module=policy.module, product_id=product) for policy in all_policies()]
    reservations: list[str] = []
    operations: list[str] = []

    async def call(method: str, path: str, who: Any = admin, **sent: Any) -> Any:
        answer = await client.request(method, path, headers=who.auth, **sent)
        assert answer.status_code < 500, answer.text
        body = answer.json() if answer.content else {}
        if isinstance(body, dict) and answer.status_code < 300 and "operation_id" in body:
            operations.append(body["operation_id"])
        return body

    async def deal() -> None:
        pool = rng.choice(pools)
        body = {"database_id": pool.id, "staff_ids": [rng.choice(staff).id], "quantity": rng.randint(1, 4)}
        await call("POST", f"/api/pools/{pool.module}/assign-random", json={**body, "allow_partial": True})

    async def recall() -> None:
        pool = rng.choice(pools)
        await call("POST", f"/api/pools/{pool.module}/recall", json={"record_ids": rng.sample(pool.record_ids, 4)})

    async def pass_on() -> None:
        pool = rng.choice(pools)
        body = {"record_ids": rng.sample(pool.record_ids, 4), "staff_id": rng.choice(staff).id}
        await call("POST", f"/api/pools/{pool.module}/hand-over", json=body)

    async def reserve() -> None:
        body = {"customer_id": f"Customer {rng.randrange(12)}", "product_id": product, "staff_id": rng.choice(staff).id}
        made = await call("POST", RESERVED, json=body)
        if "id" in made:
            reservations.append(made["id"])

    async def end_or_move() -> None:
        if not reservations:
            return
        chosen = rng.choice(reservations)
        if rng.random() < 0.5:
            await call("DELETE", f"{RESERVED}/{chosen}")
        else:
            await call("PATCH", f"{RESERVED}/{chosen}/move", params={"new_staff_id": rng.choice(staff).id})

    async def restore() -> None:
        if reservations:
            await call("POST", f"{RESERVED}/deleted/{rng.choice(reservations)}/restore")

    async def settle() -> None:
        ids = [record_id for pool in pools for record_id in pool.record_ids]
        body = {"record_ids": ids, "action": rng.choice(["hand_to_owner", "recall"])}
        done = await call("POST", f"{RESERVED}/conflicts/settle", json=body)
        operations.extend(done["operation_ids"])

    async def undo() -> None:
        if operations:
            await call("POST", f"/api/operations/{rng.choice(operations)}/undo")

    async def request() -> None:
        who = rng.choice(staff)
        body = {"database_id": pools[0].id, "record_count": 2}
        made = await call("POST", "/api/download-requests", who, json=body)
        if "id" in made:
            await call("PATCH", f"/api/download-requests/{made['id']}/{rng.choice(['approve', 'reject'])}")

    async def trash() -> None:
        pool = rng.choice(pools)
        body = {"record_ids": rng.sample(pool.record_ids, 2)}
        await call("POST", f"/api/pools/{pool.module}/records/{rng.choice(['trash', 'restore'])}", json=body)

    steps = [deal, deal, recall, pass_on, reserve, reserve, end_or_move, restore, settle, undo, request, trash]
    for number in range(int(os.environ.get("CRM_TEST_STEPS", "30"))):
        await rng.choice(steps)()
        if number % 10 == 9:
            assert await found(database) == {}
    removed = await client.delete(f"/api/users/{staff[0].id}", headers=admin.auth)
    assert removed.status_code < 300
    with frozen(utc_now() + timedelta(days=1)):
        assert await found(database) == {}, "a person was removed, a day has passed"


async def test_a_check_is_one_statement_and_a_clean_desk_costs_the_same_at_any_size(database: Database) -> None:
    """Checks that are not deep start from what is few: none of them reads the records from end to end."""
    await make_user(database)
    await make_database(database, 50)
    for check in all_checks():
        with recorded_statements(database) as statements:
            async with database.read() as session:
                await ask(session, check)
        # The days of grace are settings; those of the ledger's checks are its own.
        assert len(statements) <= (2 if check.name == "past_grace" else 1), check.name
        if check.deep or not database.is_sqlite:
            continue
        plans = await plans_of(database, partial(_ask, check))
        lines = [line for plan in plans for line in plan.splitlines() if " customer_records" in line]
        # By key, by holder, what is held; and, where that is the question, by the state "reserved".
        few = ["INTEGER PRIMARY KEY", "ix_customer_records_holder", "ix_customer_records_held"]
        few += ["ix_customer_records_reserved"] if check.name == "reserved_without_owner" else []
        assert [line for line in lines if not any(name in line for name in few)] == [], (check.name, plans)
    if database.is_sqlite:
        (plan,) = await plans_of(database, partial(_conflicts, [policy.module for policy in all_policies()]))
        assert "SEARCH customer_records USING INTEGER PRIMARY KEY" in plan


async def _ask(check: Check, session: ReadSession) -> None:
    await ask(session, check)


async def _conflicts(modules: list[str], session: ReadSession) -> None:
    await open_conflicts(session, modules)
