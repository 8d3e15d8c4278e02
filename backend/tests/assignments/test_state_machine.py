"""Any sequence of commands leaves a desk in which the counts add up and the history explains every state."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.databases.models import Record
from crm_boost.databases.states import COUNTED_STATES, RecordState
from crm_boost.db.engine import Database
from crm_boost.kit.errors import Problem
from crm_boost.settings import DatabaseSettings, Settings
from crm_boost.wiring import build_bus
from tests.assignments import support
from tests.support.databases import Provider
from tests.support.factories import Account, Stored, make_database, make_user, records_of, reserve_customer

SIZE = 24
some_records = st.sets(st.integers(0, SIZE - 1), min_size=1, max_size=SIZE)


class Desk(RuleBasedStateMachine):
    """Two databases' worth of rules on one: deals, recalls, undoes, holds, trashes, archives, in any order."""

    provider: Provider

    @initialize(capacity=st.sampled_from([None, 3, 9]))
    def open(self, capacity: int | None) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="crm-desk-"))
        url = self.provider.fresh(self.folder)
        self.database = Database(Settings(data_dir=self.folder, database=DatabaseSettings(url=url)), build_bus())
        self.operations: list[str] = []
        self.requests: list[tuple[str, Account]] = []
        self.people: list[Account] = []
        self.capacity = capacity
        for limit in (None, capacity):
            self.people.append(self.run(make_user(self.database, capacity=limit)))
        self.stored: Stored = self.run(make_database(self.database, SIZE, module="memberwd"))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> Any:
        """A refusal is an answer too; it must leave everything as it was, which the invariants check."""
        try:
            return self.run(work)
        except Problem:
            return None

    def ids(self, chosen: set[int]) -> list[str]:
        return [self.stored.record_ids[i] for i in sorted(chosen)]

    @rule(quantity=st.integers(1, SIZE), several=st.booleans(), partial=st.booleans(), person=st.integers(0, 1))
    def deal(self, quantity: int, several: bool, partial: bool, person: int) -> None:
        people = self.people if several else [self.people[person]]
        done = self.attempt(support.deal(self.database, self.stored, people, quantity, allow_partial=partial))
        if done is not None:
            assert done.assigned == sum(row["assigned_count"] for row in done.per_staff)
            self.operations.append(done.operation_id)

    @rule(chosen=some_records, person=st.integers(0, 1))
    def pick(self, chosen: set[int], person: int) -> None:
        done = self.attempt(support.pick(self.database, self.stored, self.people[person], self.ids(chosen)))
        if done is not None:
            assert done.requested == done.assigned + sum(done.excluded.values())
            self.operations.append(done.operation_id)

    @rule(chosen=some_records)
    def recall(self, chosen: set[int]) -> None:
        done = self.attempt(support.take_back(self.database, self.stored, self.ids(chosen)))
        if done is not None:
            self.operations.append(done["operation_id"])

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        if self.operations:
            self.attempt(support.undo_it(self.database, self.stored, data.draw(st.sampled_from(self.operations))))

    @rule(chosen=some_records, force=st.booleans())
    def trash(self, chosen: set[int], force: bool) -> None:
        done = self.attempt(support.to_trash(self.database, self.stored, self.ids(chosen), force=force))
        if done is not None:
            self.operations.append(done["operation_id"])

    @rule(chosen=some_records)
    def restore(self, chosen: set[int]) -> None:
        self.attempt(support.from_trash(self.database, self.stored, self.ids(chosen)))

    @rule(quantity=st.integers(1, 6), person=st.integers(0, 1))
    def hold(self, quantity: int, person: int) -> None:
        request_id = self.attempt(support.hold(self.database, self.stored, self.people[person], quantity))
        if request_id is not None:
            self.requests.append((request_id, self.people[person]))

    @rule(data=st.data(), give=st.booleans())
    def end_hold(self, data: st.DataObject, give: bool) -> None:
        if self.requests:
            request_id, person = data.draw(st.sampled_from(self.requests))
            if give:
                self.attempt(support.give_held(self.database, self.stored, request_id, person))
            else:
                self.attempt(support.release(self.database, request_id))

    @rule(chosen=some_records, replace=st.integers(0, 3))
    def archive(self, chosen: set[int], replace: int) -> None:
        held = [i for i in self.ids(chosen) if self.records()[i].state == RecordState.ASSIGNED]
        if held:
            self.run(support.judge_invalid(self.database, held))
            self.attempt(support.archive_them(self.database, self.stored, held, replace=replace))

    @rule(chosen=some_records)
    def unarchive(self, chosen: set[int]) -> None:
        self.attempt(support.unarchive(self.database, self.stored, self.ids(chosen)))

    @rule(customer=st.integers(0, SIZE - 1), person=st.integers(0, 1))
    def reserve(self, customer: int, person: int) -> None:
        try:
            self.run(reserve_customer(self.database, self.stored, f"customer{customer}", self.people[person].id))
        except Exception as error:
            # The promise of one owner per customer is the database's (unique key).
            if "reservation_keys" not in str(error):
                raise

    def records(self) -> dict[str, Record]:
        found: dict[str, Record] = self.run(records_of(self.database, self.stored))
        return found

    @invariant()
    def counts_add_up(self) -> None:
        states = self.run(support.count_states(self.database, self.stored))
        assert sum(states.values()) == SIZE
        assert set(states) <= {*COUNTED_STATES, RecordState.TRASHED}

    @invariant()
    def who_is_assigned_has_a_holder_and_a_batch(self) -> None:
        for record in self.records().values():
            if record.state == RecordState.ASSIGNED:
                assert record.assigned_to
                assert record.batch_id
                assert record.deal_rank
            elif record.state in (RecordState.AVAILABLE, RecordState.RESERVED, RecordState.REQUESTED):
                left = (record.assigned_to, record.batch_id, record.deal_rank, record.validation_status)
                assert left == (None, None, None, None)
            assert (record.state == RecordState.REQUESTED) == (record.held_for is not None)
            assert (record.state == RecordState.ARCHIVED) <= (record.archived_at is not None)

    @invariant()
    def nobody_holds_more_than_his_capacity(self) -> None:
        if self.capacity is not None:
            held = [r for r in self.records().values() if r.assigned_to == self.people[1].id]
            assert sum(r.state == RecordState.ASSIGNED for r in held) <= self.capacity

    @invariant()
    def replacements_are_linked_one_to_one(self) -> None:
        links = [r.replaced_by for r in self.records().values() if r.replaced_by]
        assert len(links) == len(set(links))

    @invariant()
    def the_history_explains_every_state(self) -> None:
        for steps, record in self.run(self.histories()):
            state, holder = str(RecordState.AVAILABLE), None
            for step in steps:
                assert (step.from_state, step.from_holder) == (state, holder)
                state, holder = step.to_state, step.to_holder
            assert (record.state, record.assigned_to or record.held_for) == (state, holder)

    async def histories(self) -> list[tuple[list[Any], Record]]:
        records = {r.seq: r for r in (await records_of(self.database, self.stored)).values()}
        steps: dict[int, list[Any]] = {seq: [] for seq in records}
        async with self.database.read() as session:
            statement = (
                select(RecordHistory)
                .join(Operation, Operation.seq == RecordHistory.operation_seq)
                .order_by(RecordHistory.operation_seq)
            )
            for step in await session.scalars(statement):
                steps[step.record_seq].append(step)
        return [(steps[seq], record) for seq, record in records.items()]

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.run(self.database.dispose())
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_any_sequence_of_commands_keeps_the_invariants(databases: Provider) -> None:
    """Without the running app: the machine opens a desk of its own for every sequence."""
    random.seed(0)
    machine = type("DeskOnThisDatabase", (Desk,), {"provider": databases})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
