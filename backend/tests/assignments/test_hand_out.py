"""Handing out: who gets what, what is kept back and why, and what is refused with nothing written (spec 2, 2.1)."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, event, update

from crm_boost.assignments.errors import (
    DatabaseNotReady,
    ForeignBatch,
    NoRoom,
    NotAReceiver,
    NotEnoughEligible,
    UnknownDatabase,
    UnknownRecords,
    UnknownStaff,
)
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.recall import recall
from crm_boost.assignments.selection import draw
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import InvalidInput, Problem
from crm_boost.reservations.models import ReservationKey
from tests.assignments import support
from tests.support.factories import Account, Stored, make_database, make_user, records_of, reserve_customer


async def holders(database: Database, stored: Stored) -> Counter[str | None]:
    return Counter(record.assigned_to for record in (await records_of(database, stored)).values())


async def change_user(database: Database, account: Account, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(update(User).where(User.id == account.id).values(**values))


async def test_a_random_hand_out_assigns_exactly_what_it_reports(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 200, module="memberwd")

    done = await support.deal(database, stored, staff, 50)

    assert (done.requested, done.assigned, done.excluded) == (
        50,
        50,
        {"no_room": 0, "not_eligible": 0, "changed_meanwhile": 0},
    )
    assert await holders(database, stored) == {staff.id: 50, None: 150}
    dealt = [r for r in (await records_of(database, stored)).values() if r.assigned_to]
    assert {r.batch_id for r in dealt} == {done.per_staff[0]["batch_id"]}
    assert all(r.assigned_at and r.deal_rank and r.state == "assigned" for r in dealt)
    assert len(await support.history_of(database, stored)) == 50


async def test_several_people_get_fair_shares_each_in_a_batch_of_their_own(database: Database) -> None:
    people = [await make_user(database) for _ in range(3)]
    stored = await make_database(database, 100, module="memberwd")

    done = await support.deal(database, stored, people, 50)

    shares = [row["assigned_count"] for row in done.per_staff]
    assert sorted(shares) == [16, 17, 17]
    expected: dict[str | None, int] = {row["staff_id"]: row["assigned_count"] for row in done.per_staff}
    assert await holders(database, stored) == {**expected, None: 50}
    batches = {r.assigned_to: r.batch_id for r in (await records_of(database, stored)).values() if r.assigned_to}
    assert batches == {row["staff_id"]: row["batch_id"] for row in done.per_staff}
    assert len(set(batches.values())) == 3


async def test_weights_are_obeyed(database: Database) -> None:
    people = [await make_user(database) for _ in range(2)]
    stored = await make_database(database, 100)

    done = await support.deal(database, stored, people, 40, weights=[1, 3])

    assert [row["assigned_count"] for row in done.per_staff] == [10, 30]


async def test_asking_for_more_than_eligible_changes_nothing(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 20)

    with pytest.raises(NotEnoughEligible) as refused:
        await support.deal(database, stored, staff, 21)

    assert refused.value.extras == {"requested_count": 21, "eligible_count": 20}
    assert await holders(database, stored) == {None: 20}
    assert await support.history_of(database, stored) == []


async def test_allow_partial_takes_what_there_is_and_says_what_is_missing(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 20)

    done = await support.deal(database, stored, staff, 30, allow_partial=True)

    assert (done.requested, done.assigned) == (30, 20)
    assert done.as_answer()["excluded"] == [{"reason": "not_eligible", "count": 10}]
    with pytest.raises(NotEnoughEligible):
        await support.deal(database, stored, staff, 1, allow_partial=True)


@pytest.mark.parametrize("quantity", [0, -1, 10**9, 100_001])
async def test_senseless_quantities_are_refused(database: Database, quantity: int) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 5)

    with pytest.raises(InvalidInput) as refused:
        await support.deal(database, stored, staff, quantity)

    assert refused.value.errors[0].field == "quantity"


async def draw_then_rival(session: Any, *rest: Any) -> list[int]:
    """A rival approves every reservation between the draw and the write."""
    drawn = await draw(session, *rest)
    await session.execute(update(ReservationKey).values(approved=True))
    return drawn


class TestReservations:
    async def test_the_owner_gets_the_reserved_record_and_nobody_else_does(self, database: Database) -> None:
        owner, other = await make_user(database), await make_user(database)
        stored = await make_database(database, 10, reserved=range(1))
        await reserve_customer(database, stored, "customer0", owner.id)

        with pytest.raises(NotEnoughEligible) as refused:
            await support.deal(database, stored, other, 10)
        assert refused.value.extras["eligible_count"] == 9
        done = await support.deal(database, stored, owner, 10)

        assert done.assigned == 10

    async def test_a_reservation_the_state_does_not_know_yet_counts(self, database: Database) -> None:
        owner, other = await make_user(database), await make_user(database)
        stored = await make_database(database, 4)
        await reserve_customer(database, stored, "customer2", owner.id)

        done = await support.deal(database, stored, other, 4, allow_partial=True)

        assert done.assigned == 3
        assert (await records_of(database, stored))[stored.record_ids[2]].assigned_to is None

    async def test_a_pending_reservation_keeps_nobody_away(self, database: Database) -> None:
        owner, other = await make_user(database), await make_user(database)
        stored = await make_database(database, 3)
        await reserve_customer(database, stored, "customer2", owner.id, approved=False)

        assert (await support.deal(database, stored, other, 3)).assigned == 3

    async def test_several_people_never_get_reserved_records(self, database: Database) -> None:
        owner, other = await make_user(database), await make_user(database)
        stored = await make_database(database, 10, reserved=range(3))
        for i in range(3):
            await reserve_customer(database, stored, f"customer{i}", owner.id)

        done = await support.deal(database, stored, [owner, other], 10, allow_partial=True)

        assert done.assigned == 7
        records = await records_of(database, stored)
        assert [records[i].state for i in stored.record_ids[:3]] == ["reserved"] * 3

    async def test_picked_records_of_somebody_else_are_blocked_by_name(self, database: Database) -> None:
        owner, other = await make_user(database, name="Owner"), await make_user(database)
        stored = await make_database(database, 5, module="bonanza", reserved=range(1))
        await reserve_customer(database, stored, "customer0", owner.id)

        done = await support.pick(database, stored, other, stored.record_ids[:3])

        assert done.assigned == 2
        assert done.blocked == [{"record_id": stored.record_ids[0], "customer": "customer0", "reserved_by": "Owner"}]
        assert done.as_answer()["excluded"] == [{"reason": "reserved", "count": 1}]
        with pytest.raises(NotEnoughEligible) as refused:
            await support.pick(database, stored, other, stored.record_ids[:1])
        assert refused.value.extras["blocked_records"] == done.blocked

    async def test_a_reservation_made_between_the_draw_and_the_write_is_obeyed(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A rival approves a reservation mid-flow: the write looks again, and the hand-out is refused whole."""
        owner, staff = await make_user(database), await make_user(database)
        stored = await make_database(database, 5)
        await reserve_customer(database, stored, "customer3", owner.id, approved=False)

        monkeypatch.setattr("crm_boost.assignments.hand_out.draw", draw_then_rival)
        with pytest.raises(NotEnoughEligible):
            await support.deal(database, stored, staff, 5)
        done = await support.deal(database, stored, staff, 5, allow_partial=True)

        assert done.assigned == 4
        assert done.excluded["changed_meanwhile"] == 1
        assert (await records_of(database, stored))[stored.record_ids[3]].assigned_to is None
        assert len(await support.history_of(database, stored)) == 4

    async def test_a_record_taken_back_while_its_customer_is_reserved_is_kept_for_the_owner(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        """Neither of the two transactions sees what the other one has not committed yet: one has to wait."""
        admin, owner, staff = await make_user(database, "admin"), await make_user(database), await make_user(database)
        stored = await make_database(database, 5)
        await support.deal(database, stored, staff, 5)
        body = {"customer_id": "customer3", "product_id": stored.product_id, "staff_id": owner.id}

        async with database.write() as session:
            await recall(session, policy_of("normal"), stored.record_ids)
            reserving = asyncio.create_task(client.post("/api/reserved-members", json=body, headers=admin.auth))
            await asyncio.wait([reserving], timeout=0.5)
        assert (await reserving).status_code < 300

        states = {record.state for record in (await records_of(database, stored)).values()}
        assert (await records_of(database, stored))[stored.record_ids[3]].state == RecordState.RESERVED
        assert states == {RecordState.RESERVED, RecordState.AVAILABLE}

    async def test_history_keeps_only_what_the_write_really_did(self, database: Database) -> None:
        """A rival between the two statements of a move: what the update leaves alone has no history either."""
        if not database.is_sqlite:  # there it is one statement
            return
        owner, staff = await make_user(database), await make_user(database)
        stored = await make_database(database, 5)
        await reserve_customer(database, stored, "customer3", owner.id, approved=False)

        def rival(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "INTO record_history" in statement:
                connection.exec_driver_sql("UPDATE reservation_keys SET approved = true")

        engines = [engine.sync_engine for engine in database.engines]
        for engine in engines:
            event.listen(engine, "after_cursor_execute", rival)
        try:
            done = await support.deal(database, stored, staff, 5, allow_partial=True)
        finally:
            for engine in engines:
                event.remove(engine, "after_cursor_execute", rival)

        assert (done.assigned, done.excluded["changed_meanwhile"]) == (4, 1)
        assert stored.first_seq + 3 not in [step[0] for step in await support.history_of(database, stored)]

    async def test_what_a_rival_changes_while_the_write_waits_for_it_has_no_history(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if database.is_sqlite:  # writers queue there: nobody waits for a record
            return
        staff = await make_user(database)
        stored = await make_database(database, 5)
        first = stored.first_seq

        async def draw_without_locking(*_rest: Any) -> list[int]:
            return list(range(first, first + 5))

        monkeypatch.setattr("crm_boost.assignments.hand_out.draw", draw_without_locking)
        async with database.write() as session:
            await session.execute(update(Record).where(Record.seq == first + 3).values(state=RecordState.TRASHED))
            dealing = asyncio.create_task(support.deal(database, stored, staff, 5, allow_partial=True))
            await asyncio.wait([dealing], timeout=0.5)
            assert not dealing.done()
        done = await dealing

        assert (done.assigned, done.excluded["changed_meanwhile"]) == (4, 1)
        moved = {step[0] for step in await support.history_of(database, stored)}
        assert moved == {first, first + 1, first + 2, first + 4}
        assert await holders(database, stored) == {staff.id: 4, None: 1}

    async def test_what_could_move_only_after_its_history_was_written_does_not(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A rival's reservation begins after the draw and ends between the two statements of the move."""
        owner, staff = await make_user(database), await make_user(database)
        stored = await make_database(database, 5)
        await reserve_customer(database, stored, "customer3", owner.id, approved=False)

        def rival(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "INTO record_history" in statement:
                connection.exec_driver_sql("UPDATE reservation_keys SET approved = false")

        monkeypatch.setattr("crm_boost.assignments.hand_out.draw", draw_then_rival)
        engine = database.engines[0].sync_engine
        event.listen(engine, "after_cursor_execute", rival)
        try:
            done = await support.deal(database, stored, staff, 5, allow_partial=True)
        finally:
            event.remove(engine, "after_cursor_execute", rival)

        assert (done.assigned, done.excluded["changed_meanwhile"]) == (4, 1)
        assert len(await support.history_of(database, stored)) == 4
        assert (await records_of(database, stored))[stored.record_ids[3]].state == "available"


class TestReceivers:
    async def test_only_active_staff_receive(self, database: Database) -> None:
        admin, staff = await make_user(database, "admin"), await make_user(database)
        stored = await make_database(database, 5)

        with pytest.raises(NotAReceiver) as refused:
            await support.deal(database, stored, [staff, admin], 2)
        assert refused.value.errors[0].field == "staff_ids"
        assert refused.value.extras["staff_ids"] == [admin.id]
        await change_user(database, staff, is_active=False)
        with pytest.raises(NotAReceiver):
            await support.deal(database, stored, staff, 2)
        await change_user(database, staff, is_active=False, deleted_at=utc_now())
        with pytest.raises(UnknownStaff) as unknown:
            await support.deal(database, stored, staff, 2)
        assert unknown.value.status == 404
        assert await holders(database, stored) == {None: 5}

    async def test_unknown_and_repeated_people_are_refused(self, database: Database) -> None:
        staff = await make_user(database)
        stored = await make_database(database, 5)
        stranger = Account("nobody", "", "", staff.role, "")

        with pytest.raises(UnknownStaff):
            await support.deal(database, stored, [staff, stranger], 2)
        with pytest.raises(InvalidInput, match="twice"):
            await support.deal(database, stored, [staff, staff], 2)

    async def test_nobody_gets_more_than_fits(self, database: Database) -> None:
        small, large = await make_user(database, capacity=3), await make_user(database)
        stored = await make_database(database, 40)

        done = await support.deal(database, stored, [small, large], 20)
        assert [row["assigned_count"] for row in done.per_staff] == [3, 17]
        with pytest.raises(NoRoom) as refused:
            await support.deal(database, stored, small, 1)
        assert refused.value.extras["room"] == 0
        with pytest.raises(NoRoom):
            await support.pick(database, stored, small, stored.record_ids)

    async def test_room_counts_all_modules_and_recall_makes_room(self, database: Database) -> None:
        staff = await make_user(database, capacity=5)
        one = await make_database(database, 10, module="normal")
        two = await make_database(database, 10, module="bonanza", prefix="other")
        await support.deal(database, one, staff, 4)

        with pytest.raises(NoRoom):
            await support.deal(database, two, staff, 2)
        partial = await support.deal(database, two, staff, 2, allow_partial=True)
        assert partial.assigned == 1
        assert partial.as_answer()["excluded"] == [{"reason": "no_room", "count": 1}]
        held = [i for i, r in (await records_of(database, one)).items() if r.assigned_to]
        await support.take_back(database, one, held)
        assert (await support.deal(database, two, staff, 4)).assigned == 4


class TestTarget:
    async def test_the_database_must_be_of_the_module_complete_and_not_in_the_trash(self, database: Database) -> None:
        staff = await make_user(database)
        stored = await make_database(database, 5, module="bonanza")
        elsewhere = replace(stored, module="memberwd")

        with pytest.raises(UnknownDatabase):
            await support.deal(database, elsewhere, staff, 1)
        with pytest.raises(UnknownRecords):
            await support.pick(database, elsewhere, staff, stored.record_ids)
        for values in ({"deleted_at": utc_now()}, {"state": DatabaseState.IMPORTING, "deleted_at": None}):
            async with database.write() as session:
                await session.execute(update(CustomerDatabase).values(**values))
            with pytest.raises(DatabaseNotReady):
                await support.deal(database, stored, staff, 1)
        assert await holders(database, stored) == {None: 5}

    async def test_a_batch_is_extended_only_for_its_own_staff_and_database(self, database: Database) -> None:
        staff, other = await make_user(database), await make_user(database)
        stored = await make_database(database, 30, module="memberwd")
        second = await make_database(database, 30, module="memberwd", prefix="second")
        batch_id = (await support.deal(database, stored, staff, 5)).per_staff[0]["batch_id"]

        more = await support.deal(database, stored, staff, 5, batch_id=batch_id)
        picked = await support.pick(
            database,
            stored,
            staff,
            [i for i, r in (await records_of(database, stored)).items() if r.state == "available"][:2],
            batch_id=batch_id,
        )

        assert more.per_staff[0]["batch_id"] == picked.per_staff[0]["batch_id"] == batch_id
        rows = (await records_of(database, stored)).values()
        assert Counter(r.batch_id for r in rows if r.assigned_to) == {batch_id: 12}
        for source, receivers, batch in (
            (stored, other, batch_id),
            (second, staff, batch_id),
            (stored, staff, "no such batch"),
            (stored, [staff, other], batch_id),
        ):
            with pytest.raises(ForeignBatch) as refused:
                await support.deal(database, source, receivers, 1, batch_id=batch)
            assert refused.value.errors[0].field == "batch_id"

    @pytest.mark.parametrize("module", ["normal", "bonanza"])
    async def test_modules_without_extendable_batches_refuse_one(self, database: Database, module: str) -> None:
        staff = await make_user(database)
        stored = await make_database(database, 5, module=module)

        with pytest.raises(ForeignBatch):
            await support.deal(database, stored, staff, 1, batch_id="any")

    async def test_picked_records_of_two_databases_make_two_batches(self, database: Database) -> None:
        staff = await make_user(database)
        one = await make_database(database, 3, module="memberwd")
        two = await make_database(database, 3, module="memberwd", prefix="other")

        done = await support.pick(database, one, staff, [*one.record_ids, *two.record_ids])

        assert done.assigned == 6
        batches = [{r.batch_id for r in (await records_of(database, db)).values()} for db in (one, two)]
        assert all(len(found) == 1 for found in batches)
        assert batches[0] != batches[1]

    async def test_of_picked_records_those_not_free_are_left_alone_and_counted(self, database: Database) -> None:
        staff, other = await make_user(database), await make_user(database)
        stored = await make_database(database, 6)
        await support.pick(database, stored, other, stored.record_ids[:2])
        await support.to_trash(database, stored, stored.record_ids[2:3])

        done = await support.pick(database, stored, staff, [*stored.record_ids, "unknown"])

        assert done.assigned == 3
        assert done.as_answer()["excluded"] == [
            {"reason": "assigned", "count": 2},
            {"reason": "trashed", "count": 1},
            {"reason": "unknown", "count": 1},
        ]
        assert (await holders(database, stored))[other.id] == 2


async def test_a_refused_hand_out_writes_nothing_at_all(database: Database) -> None:
    """Whatever a rule finds, no batch, operation, notification or announcement is left behind."""
    from sqlalchemy import func, select

    from crm_boost.assignments.models import Batch, Operation
    from crm_boost.db.outbox import OutboxMessage
    from crm_boost.notifications.models import Notification

    staff = await make_user(database, capacity=2)
    stored = await make_database(database, 3, module="memberwd")
    for quantity in (3, 5):
        with pytest.raises(Problem):
            await support.deal(database, stored, staff, quantity)
    with pytest.raises(Problem):
        await support.deal(database, stored, staff, 2, batch_id="foreign")

    async with database.read() as session:
        for table in (Batch, Operation, Notification, OutboxMessage):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    assert await support.count_states(database, stored) == {RecordState.AVAILABLE: 3}
