"""Any sequence of commands leaves a desk in which the counts add up and the history explains every state.

`CRM_TEST_COMMANDS` says how many commands there are to be (200 unless told; 10,000 take some minutes).
"""

import asyncio
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.assignments.policies import policy_of, registered
from crm_boost.contacts.errors import TakenByReservation
from crm_boost.databases.counts_repository import counts_by_state
from crm_boost.databases.models import Record
from crm_boost.databases.states import COUNTED_STATES, RecordState
from crm_boost.db.engine import Database
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.errors import Problem
from crm_boost.replacement.models import InvalidAlert, Replacement
from crm_boost.settings import DatabaseSettings, Settings
from crm_boost.wiring import build_bus
from tests.assignments import support
from tests.assignments.test_policies import FOURTH, MODULES
from tests.replacement import support as replacing
from tests.support.databases import Provider
from tests.support.factories import Account, Stored, make_database, make_user, records_of, reserve_customer

SIZE = 24
some_records = st.sets(st.integers(0, SIZE - 1), min_size=8, max_size=SIZE)
few_records = st.sets(st.integers(0, SIZE - 1), min_size=1, max_size=3)
COMMANDS = "CRM_TEST_COMMANDS"
VERBS = (
    support.deal,
    support.pick,
    support.pass_on,
    support.take_back,
    support.undo_it,
    support.to_trash,
    support.from_trash,
    support.hold,
    support.give_held,
    support.release,
    replacing.rule,
    replacing.judge,
    replacing.work_off,
    replacing.give_back,
    replacing.dismiss,
    support.unarchive,
)


class Desk(RuleBasedStateMachine):
    """One database of one module: deals, recalls, hand-overs, undoes, holds, trashes, verdicts, replacements, in any
    order. Every command has an actor of its own, whom its history must name."""

    provider: Provider
    commands: ClassVar[Counter[str]] = Counter()

    @initialize(
        module=st.sampled_from(MODULES), capacity=st.sampled_from([None, 3, 9]), quota=st.sampled_from([0, 2, 1000])
    )
    def open(self, module: str, capacity: int | None, quota: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="crm-desk-"))
        url = self.provider.fresh(self.folder)
        self.database = Database(Settings(data_dir=self.folder, database=DatabaseSettings(url=url)), build_bus())
        self.operations: list[str] = []
        self.requests: list[tuple[str, Account]] = []
        self.people: list[Account] = []
        self.policy, self.capacity, self.quota = policy_of(module), capacity, quota
        for limit in (None, capacity):
            self.people.append(self.run(make_user(self.database, capacity=limit)))
        self.stored: Stored = self.run(make_database(self.database, SIZE, module=module))
        self.known = {self.stored.first_seq + i: (str(RecordState.AVAILABLE), None) for i in range(SIZE)}
        self.last_operation = 0
        self.actors: set[tuple[str | None, str]] = set()
        # A desk at work: some records are dealt.
        self.deal(8, several=True, partial=True, person=0)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> Any:
        """A refusal is an answer too; it must leave everything as it was, which the invariants check."""
        name = getattr(work, "__name__", "")
        number = sum(self.commands.values())
        actor = ActionContext(actor_id=f"actor-{number}", actor_name=f"Actor {number}")
        self.actors.add((actor.actor_id, actor.actor_name))
        enter_context(actor)
        try:
            done = self.run(work)
        except Problem as error:
            self.refusal = error
            self.commands[f"{name} refused"] += 1
            return None
        self.commands[name] += 1
        return done

    def ids(self, chosen: set[int]) -> list[str]:
        return [self.stored.record_ids[i] for i in sorted(chosen)]

    def held(self, chosen: set[int], person: Account | None = None) -> list[str]:
        """Those of the records chosen that this person (anybody) holds; others would only be refused."""
        records = self.run(records_of(self.database, self.stored))
        return [
            i
            for i in self.ids(chosen)
            if records[i].state == RecordState.ASSIGNED and (person is None or records[i].assigned_to == person.id)
        ]

    @rule(quantity=st.integers(1, 10), several=st.booleans(), partial=st.booleans(), person=st.integers(0, 1))
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

    @rule(chosen=some_records, person=st.integers(0, 1))
    def hand_over(self, chosen: set[int], person: int) -> None:
        done = self.attempt(support.pass_on(self.database, self.stored, self.ids(chosen), self.people[person]))
        if done is not None:
            assert len(chosen) == done.moved + sum(done.excluded.values())
            self.operations.append(done.operation_id)

    @rule(chosen=some_records)
    def recall(self, chosen: set[int]) -> None:
        done = self.attempt(support.take_back(self.database, self.stored, self.ids(chosen)))
        if done is not None:
            self.operations.append(done["operation_id"])

    @rule(back=st.integers(1, 3))
    def undo(self, back: int) -> None:
        if len(self.operations) >= back:
            self.attempt(support.undo_it(self.database, self.stored, self.operations[-back]))

    @rule(chosen=few_records, force=st.booleans())
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

    @rule(back=st.integers(1, 3), give=st.booleans())
    def end_hold(self, back: int, give: bool) -> None:
        if len(self.requests) >= back:
            request_id, person = self.requests[-back]
            if give:
                self.attempt(support.give_held(self.database, self.stored, request_id, person))
            else:
                self.attempt(support.release(self.database, request_id))

    @rule(on=st.sampled_from([True, True, False]))
    def switch_the_rule(self, on: bool) -> None:
        self.attempt(replacing.rule(self.database, self.stored.module, self.quota, on=on))

    @rule(chosen=some_records, person=st.integers(0, 1), is_valid=st.sampled_from([True, False, False, None]))
    def judge(self, chosen: set[int], person: int, is_valid: bool | None) -> None:
        held = self.held(chosen, self.people[person])
        if held:
            done = self.attempt(replacing.judge(self.database, self.people[person], held, is_valid))
            if done is None:
                # What a reservation took cannot be judged any more.
                assert isinstance(self.refusal, TakenByReservation)
                return
            details = done["replacement_details"]
            assert done["auto_replaced"] + done["replacement_failed"] <= len(details) <= len(held)

    @rule(chosen=some_records, person=st.integers(0, 1), replace=st.integers(0, 3))
    def process(self, chosen: set[int], person: int, replace: int) -> None:
        self.judge(chosen, person, False)
        done = self.attempt(replacing.work_off(self.database, self.stored, self.people[person], replace))
        if done is not None:
            missing = sum(row["missing"] for row in done["shortage"])
            assert done["new_assigned_count"] + missing == min(replace, done["archived_count"])

    @rule(chosen=some_records)
    def give_back(self, chosen: set[int]) -> None:
        self.attempt(replacing.give_back(self.database, self.stored, self.ids(chosen)))

    @rule()
    def dismiss(self) -> None:
        self.attempt(replacing.dismiss(self.database, self.stored.module))

    @rule(some=st.booleans(), chosen=some_records)
    def unarchive(self, some: bool, chosen: set[int]) -> None:
        ids = self.ids(chosen) if some else self.stored.record_ids
        self.attempt(support.unarchive(self.database, self.stored, ids))

    @rule(customer=st.integers(0, SIZE - 1), person=st.integers(0, 1))
    def reserve(self, customer: int, person: int) -> None:
        try:
            self.run(reserve_customer(self.database, self.stored, f"customer{customer}", self.people[person].id))
        except Exception as error:
            # The promise of one owner per customer is the database's (unique key).
            if "reservation_keys" not in str(error):
                raise

    @invariant()
    def the_desk_is_sound(self) -> None:
        self.run(self.look())

    async def look(self) -> None:
        async with self.database.read() as session:
            found = await session.scalars(select(Record).where(Record.database_id == self.stored.id))
            records = list(found)
            steps = await session.execute(
                select(RecordHistory, Operation.actor_id, Operation.actor_name)
                .join(Operation, Operation.seq == RecordHistory.operation_seq)
                .where(RecordHistory.operation_seq > self.last_operation)
                .order_by(RecordHistory.operation_seq)
            )
            history = [tuple(step) for step in steps]
            alerts = Counter(await session.scalars(select(InvalidAlert.staff_id).where(InvalidAlert.status == "open")))
            by_rule = await session.scalars(select(Replacement.quota_key).where(Replacement.by_rule))
            quotas = Counter(by_rule)
            stored = (await counts_by_state(session, [self.stored.id]))[self.stored.id]
        self.counts_add_up(records, stored)
        self.every_record_is_whole(records)
        self.history_explains_every_state(records, history)
        self.nobody_holds_more_than_fits(records)
        self.alerts_tell_the_truth(records, alerts)
        links = [r.replaced_by for r in records if r.replaced_by]
        assert len(links) == len(set(links)), "a record replaces one at a time"
        assert max(quotas.values(), default=0) <= self.quota

    def counts_add_up(self, records: list[Record], stored: dict[str, int]) -> None:
        states = Counter(record.state for record in records)
        assert {state: count for state, count in stored.items() if count} == states
        assert sum(states.values()) == SIZE
        assert set(states) <= {*COUNTED_STATES, RecordState.TRASHED}

    def every_record_is_whole(self, records: list[Record]) -> None:
        for record in records:
            if record.state == RecordState.ASSIGNED:
                assert record.assigned_to
                assert record.deal_rank
                assert (record.batch_id is not None) == self.policy.batched
            elif record.state in (RecordState.AVAILABLE, RecordState.RESERVED, RecordState.REQUESTED):
                left = (record.assigned_to, record.batch_id, record.deal_rank, record.validation_status)
                assert left == (None, None, None, None)
            assert (record.state == RecordState.REQUESTED) == (record.held_for is not None)
            assert (record.state == RecordState.ARCHIVED) <= (record.archived_at is not None)

    def history_explains_every_state(self, records: list[Record], history: list[Any]) -> None:
        for step, actor_id, actor_name in history:
            assert (step.from_state, step.from_holder) == self.known[step.record_seq]
            assert (actor_id, actor_name) in self.actors
            self.known[step.record_seq] = (step.to_state, step.to_holder)
            self.last_operation = step.operation_seq
        self.actors.clear()
        for record in records:
            assert self.known[record.seq] == (record.state, record.assigned_to or record.held_for)

    def nobody_holds_more_than_fits(self, records: list[Record]) -> None:
        if self.capacity is not None:
            held = [r for r in records if r.assigned_to == self.people[1].id and r.state == RecordState.ASSIGNED]
            assert len(held) <= self.capacity

    def alerts_tell_the_truth(self, records: list[Record], alerts: Counter[str]) -> None:
        rejected = {
            r.assigned_to for r in records if r.state == RecordState.ASSIGNED and r.validation_status == "invalid"
        }
        assert set(alerts) <= rejected
        assert max(alerts.values(), default=1) == 1

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.run(self.database.dispose())
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_any_sequence_of_commands_keeps_the_invariants(databases: Provider) -> None:
    """Without the running app: the machine opens a desk of its own for every sequence."""
    random.seed(0)
    wanted = int(os.environ.get(COMMANDS, "200"))
    steps = 20 if wanted <= 1000 else 50
    machine = type("DeskOnThisDatabase", (Desk,), {"provider": databases, "commands": Counter()})
    with registered(FOURTH):
        run_state_machine_as_test(
            machine,
            settings=settings(
                # Some steps find nothing to do and are no commands.
                max_examples=wanted * 4 // (3 * steps) + 1,
                stateful_step_count=steps,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    done: Counter[str] = machine.commands  # type: ignore[attr-defined]
    assert sum(done.values()) >= wanted
    if wanted >= 5000:
        # Each command was not only tried: it happened.
        assert {verb.__name__ for verb in VERBS} <= set(done), done
