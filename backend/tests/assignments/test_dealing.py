"""Random hand-outs that several people want at once are made together, and each is what it would be alone (ADR 58)."""

import asyncio
import random
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from crm_boost.assignments import dealing, hand_out
from crm_boost.assignments.dealing import Dealing
from crm_boost.assignments.errors import NoRoom, NotAReceiver, NotEnoughEligible
from crm_boost.assignments.models import Operation
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.selection import Pool, Shares, Wish, draw_each
from crm_boost.db.engine import Database
from crm_boost.db.idempotency import Idempotency
from crm_boost.db.session import WriteSession
from crm_boost.kit.context import ActionContext
from crm_boost.notifications.models import Notification
from tests.assignments import support
from tests.assignments.test_selection import chi_square, limit
from tests.support.factories import Account, Stored, make_database, make_user, records_of, reserve_customer
from tests.support.invariants import broken
from tests.support.statements import recorded_statements

WITHOUT_KEY = Idempotency(None, "")
Wanted = tuple[list[Account], int]


async def deal_at_once(
    database: Database, stored: Stored, wanted: list[Wanted], **options: Any
) -> list[dict[str, Any] | BaseException]:
    """Ask for these hand-outs (to whom, how many) at the same moment, each in the name of another admin."""
    desk, policy = Dealing(database), policy_of(stored.module)
    orders = [
        hand_out.Order(
            hand_out.Receivers([person.id for person in people]),
            quantity,
            by=ActionContext(actor_name=f"Admin {number}", correlation_id=f"request {number}"),
            **options,
        )
        for number, (people, quantity) in enumerate(wanted)
    ]
    asked = (desk.deal(policy, stored.id, order, WITHOUT_KEY) for order in orders)
    return await asyncio.gather(*asked, return_exceptions=True)


async def holders(database: Database, stored: Stored) -> Counter[str | None]:
    return Counter(record.assigned_to for record in (await records_of(database, stored)).values())


def having(people: list[Account], each: int, *, free: int) -> dict[str | None, int]:
    return {None: free, **dict.fromkeys((person.id for person in people), each)}


async def found_broken(database: Database) -> list[str]:
    async with database.read() as session:
        return await broken(session, database)


async def operations(database: Database) -> list[Operation]:
    async with database.read() as session:
        return list((await session.scalars(select(Operation).order_by(Operation.seq))).all())


@pytest.mark.parametrize("module", ["normal", "memberwd"])
async def test_each_gets_what_it_asked_for_in_its_own_name(database: Database, module: str) -> None:
    people = [await make_user(database) for _ in range(4)]
    stored = await make_database(database, 2000, module=module)
    wanted: list[Wanted] = [([people[0]], 50), (people[:3], 30), ([people[3]], 7), ([people[0]], 50)]

    answers = await deal_at_once(database, stored, wanted)

    assert [answer["assigned_count"] for answer in answers if isinstance(answer, dict)] == [50, 30, 7, 50]
    assert await holders(database, stored) == {
        people[0].id: 110, people[1].id: 10, people[2].id: 10, people[3].id: 7, None: 1863
    }  # fmt: skip
    made = await operations(database)
    assert [(row.actor_name, row.correlation_id) for row in made] == [
        (f"Admin {number}", f"request {number}") for number in range(4)
    ]
    assert [row.id for row in made] == [answer["operation_id"] for answer in answers if isinstance(answer, dict)]
    async with database.read() as session:
        told = (await session.scalars(select(Notification))).all()
    assert Counter((row.user_id, row.data["count"]) for row in told) == {
        (people[0].id, 50): 2, (people[0].id, 10): 1, (people[1].id, 10): 1, (people[2].id, 10): 1, (people[3].id, 7): 1
    }  # fmt: skip
    assert await found_broken(database) == []
    # One of them is undone by itself.
    undone = await support.undo_it(database, stored, made[1].id)
    assert undone["undone_count"] == 30
    assert (await holders(database, stored))[people[0].id] == 100


async def test_twenty_hand_outs_take_the_statements_of_one(database: Database) -> None:
    people = [await make_user(database) for _ in range(20)]
    stored = await make_database(database, 5000, module="memberwd")
    with recorded_statements(database) as statements:
        await deal_at_once(database, stored, [([person], 50) for person in people])

    assert len(statements) <= 12, statements
    assert await holders(database, stored) == having(people, 50, free=4000)


async def test_who_is_refused_hears_it_and_the_others_are_dealt(database: Database) -> None:
    active, inactive = await make_user(database), await make_user(database, is_active=False)
    stored = await make_database(database, 500)

    first, refused, last = await deal_at_once(database, stored, [([active], 5), ([inactive], 5), ([active], 6)])

    assert isinstance(first, dict) and isinstance(last, dict)
    assert isinstance(refused, NotAReceiver)
    assert await holders(database, stored) == {active.id: 11, None: 489}
    assert len(await operations(database)) == 2


async def test_a_pool_that_is_too_small_is_dealt_to_those_who_came_first(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 100)

    answers = await deal_at_once(database, stored, [([staff], 40), ([staff], 40), ([staff], 40)])

    assert [type(answer) for answer in answers] == [dict, dict, NotEnoughEligible]
    assert isinstance(answers[2], NotEnoughEligible)
    assert answers[2].extras["eligible_count"] == 20


async def test_a_pool_is_dealt_to_its_last_record(database: Database) -> None:
    """Whatever part of it is left, and whatever is looked up for that."""
    people = [await make_user(database) for _ in range(4)]
    stored = await make_database(database, 3000)
    for _ in range(15):
        answers = await deal_at_once(database, stored, [([person], 50) for person in people], allow_partial=True)
        assert [answer["assigned_count"] for answer in answers if isinstance(answer, dict)] == [50] * 4

    assert await holders(database, stored) == {person.id: 750 for person in people}
    assert await found_broken(database) == []


async def test_capacity_holds_for_all_of_them_together(database: Database) -> None:
    limited = await make_user(database, capacity=12)
    stored = await make_database(database, 200)

    whole = await deal_at_once(database, stored, [([limited], 8), ([limited], 8)])
    part = await deal_at_once(database, stored, [([limited], 3), ([limited], 3)], allow_partial=True)

    assert [type(answer) for answer in whole] == [dict, NoRoom]
    assert [answer["assigned_count"] for answer in part if isinstance(answer, dict)] == [3, 1]
    assert (await holders(database, stored))[limited.id] == 12


async def test_reserved_records_go_to_their_owner_only(database: Database) -> None:
    owner, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 100, reserved=range(50))
    for number in range(50):
        await reserve_customer(database, stored, f"customer{number}", owner.id)

    answers = await deal_at_once(database, stored, [([other], 25), ([owner], 70)])

    assert [answer["assigned_count"] for answer in answers if isinstance(answer, dict)] == [25, 70]
    records = await records_of(database, stored)
    assert {records[i].assigned_to for i in stored.record_ids[:50]} <= {owner.id, None}


async def test_small_hand_outs_do_not_wait_for_a_large_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [await make_user(database) for _ in range(3)]
    stored = await make_database(database, 4000)
    together: list[list[int]] = []

    async def noting(session: WriteSession, policy: Policy, database_id: str, orders: Any) -> Any:
        together.append(sorted(order.quantity for order in orders))
        return await assign_each(session, policy, database_id, orders)

    assign_each = hand_out.assign_each
    monkeypatch.setattr(dealing, "assign_each", noting)
    await deal_at_once(database, stored, [([people[0]], 1001), ([people[1]], 5), ([people[2]], 1000)])

    # Whom a rival on PostgreSQL leaves with too little is dealt alone after that.
    assert [5, 1000] in together
    assert [group for group in together if 1001 in group] == [[1001]]


async def test_a_request_sent_twice_at_once_has_one_effect(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 200)
    desk, policy = Dealing(database), policy_of(stored.module)
    order = hand_out.Order(hand_out.Receivers([staff.id]), 5, by=ActionContext(actor_id=staff.id))
    keyed = Idempotency("key", "the same")
    answers = await asyncio.gather(*(desk.deal(policy, stored.id, order, keyed) for _ in range(3)))

    assert answers[0] == answers[1] == answers[2]
    assert (await holders(database, stored))[staff.id] == 5


async def test_keys_that_were_used_are_answered_beside_new_ones(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 200)
    desk, policy = Dealing(database), policy_of(stored.module)
    order = hand_out.Order(hand_out.Receivers([staff.id]), 5, by=ActionContext(actor_id=staff.id))
    known = await desk.deal(policy, stored.id, order, Idempotency("old", "print"))

    again, new = await asyncio.gather(
        desk.deal(policy, stored.id, order, Idempotency("old", "print")),
        desk.deal(policy, stored.id, order, Idempotency("new", "print")),
    )

    assert again == known
    assert new["operation_id"] != known["operation_id"]
    assert (await holders(database, stored))[staff.id] == 10


async def test_requests_at_once_by_http(database: Database, client: httpx.AsyncClient) -> None:
    admins = [await make_user(database, "admin") for _ in range(3)]
    people = [await make_user(database) for _ in range(6)]
    stored = await make_database(database, 1000, module="bonanza")

    async def ask(number: int) -> httpx.Response:
        person, admin = people[number % 6], admins[number % 3]
        body = {"database_id": stored.id, "quantity": 20, "staff_ids": [person.id]}
        headers = {**admin.auth, "Idempotency-Key": f"key {number}"}
        return await client.post("/api/pools/bonanza/assign-random", json=body, headers=headers)

    answers = await asyncio.gather(*(ask(number) for number in range(12)))

    assert [answer.status_code for answer in answers] == [200] * 12
    assert [answer.json()["per_staff"][0]["staff_id"] for answer in answers] == [people[n % 6].id for n in range(12)]
    assert await holders(database, stored) == having(people, 40, free=760)
    assert Counter(row.actor_id for row in await operations(database)) == {admin.id: 4 for admin in admins}
    assert (await ask(3)).json() == answers[3].json()
    assert await found_broken(database) == []


async def test_the_rest_of_a_pool_is_not_chosen_together_for_an_owner(database: Database) -> None:
    """From the index, the second one would be more likely to get own records than others: it is a draw for one alone."""
    owner, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 4000, reserved=range(20))
    for number in range(20):
        await reserve_customer(database, stored, f"customer{number}", owner.id)
    await support.deal(database, stored, other, 3950)
    pool = Pool(stored.id, stored.first_seq, stored.first_seq + 3999)
    shares = Shares()
    shares.learn(stored.id, 0.01)

    async with database.write() as session:
        wishes = [Wish([other.id], 10), Wish([owner.id], 10)]
        assert await draw_each(session, pool, wishes, random.Random(1), shares) == [[], []]
    answers = await deal_at_once(database, stored, [([other], 10), ([owner], 40)])

    assert [answer["assigned_count"] for answer in answers if isinstance(answer, dict)] == [10, 40]


@pytest.mark.slow
@pytest.mark.parametrize("share", [1.0, 0.2])
async def test_draws_made_together_are_uniform(database: Database, share: float) -> None:
    """Every record as often as any other in every place, the own reserved ones of one of the receivers among them."""
    owner, others = await make_user(database), [await make_user(database) for _ in range(2)]
    stored = await make_database(database, 600, reserved=range(60) if share == 1 else range(0))
    if share == 1:
        for number in range(60):
            await reserve_customer(database, stored, f"customer{number}", owner.id)
    else:
        await support.deal(database, stored, others[0], 480)
    free = {i for i, record in (await records_of(database, stored)).items() if record.assigned_to is None}
    eligible = [number for number, record_id in enumerate(stored.record_ids) if record_id in free]
    pool = Pool(stored.id, stored.first_seq, stored.first_seq + 599)
    rng, shares = random.Random(3), Shares()
    wishes = [Wish([others[0].id], 20), Wish([owner.id], 20), Wish([others[1].id, owner.id], 20)]
    hits: list[Counter[int]] = [Counter() for _ in wishes]
    for _ in range(400):
        async with database.write() as session:
            drawn = await draw_each(session, pool, wishes, rng, shares)
        assert len({seq for keys in drawn for seq in keys}) == 60
        for place, keys in enumerate(drawn):
            hits[place].update(seq - stored.first_seq for seq in keys)

    for place, counted in enumerate(hits):
        mine = eligible if share < 1 or place == 1 else [number for number in eligible if number >= 60]
        assert set(counted) <= set(mine)
        cells = [sum(counted[i] for i in mine[start : start + 10]) for start in range(0, len(mine) - 9, 10)]
        assert chi_square(cells, [1] * len(cells)) < limit(len(cells)), place
