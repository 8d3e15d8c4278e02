"""Any sequence of asking and deciding: what was ever held for a request is given, let go, or held still."""

import asyncio
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.configuration.service import write
from crm_boost.databases.models import Record
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.identity.events import UserRemoved
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.kit.errors import Problem
from crm_boost.requests import review_service, service
from crm_boost.requests.auto_approval import SETTINGS, AutoApproval
from crm_boost.requests.models import RecordRequest, RequestEvent
from crm_boost.requests.schemas import Ask
from crm_boost.requests.states import RequestStatus
from crm_boost.requests.transitions import RequestCommand
from crm_boost.settings import DatabaseSettings, Settings
from crm_boost.wiring import build_bus
from tests.assignments import support
from tests.support.databases import Provider
from tests.support.factories import Account, Stored, make_database, make_user, reserve_customer

SIZE = 16
PEOPLE = 3
person = st.integers(0, PEOPLE - 1)


class Desk(RuleBasedStateMachine):
    """Three people, one of them with little room, ask of one database; time passes."""

    provider: Provider

    @initialize(at_once=st.booleans(), per_day=st.sampled_from([None, 6]))
    def open(self, at_once: bool, per_day: int | None) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="crm-requests-"))
        url = self.provider.fresh(self.folder)
        self.database = Database(Settings(data_dir=self.folder, database=DatabaseSettings(url=url)), build_bus())
        self.now: datetime = utc_now()
        self.asked: list[str] = []
        self.per_day = per_day
        self.people: list[Account] = [self.run(make_user(self.database, capacity=limit)) for limit in (None, None, 7)]
        self.stored: Stored = self.run(make_database(self.database, SIZE))
        self.run(self.configure(AutoApproval(enabled=at_once, max_records_per_staff_per_day=per_day)))

    async def configure(self, value: AutoApproval) -> None:
        async with self.database.write() as session:
            await write(session, SETTINGS, value)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        with frozen(self.now):
            return self.loop.run_until_complete(work)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> Any:
        """A refusal is an answer too; it must leave everything as it was, which the invariants check."""
        try:
            return self.run(work)
        except Problem:
            return None

    @rule(who=person, count=st.integers(1, 8))
    def ask(self, who: int, count: int) -> None:
        account = self.people[who]
        principal = Principal(account.id, account.name, account.role, frozenset(), "")

        async def asking() -> str:
            async with self.database.write() as session:
                row = await service.ask(session, principal, Ask(database_id=self.stored.id, record_count=count))
                return str(row["id"])

        request_id = self.attempt(asking())
        if request_id is not None:
            self.asked.append(request_id)

    @rule(data=st.data(), command=st.sampled_from([c for c in RequestCommand if c is not RequestCommand.EXPIRE]))
    def decide(self, data: st.DataObject, command: RequestCommand) -> None:
        if self.asked:
            request_id = data.draw(st.sampled_from(self.asked))
            self.attempt(review_service.review(self.database, request_id, command, "because"))

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def expire(self) -> None:
        async def expiring() -> None:
            async with self.database.write() as session:
                await review_service.expire_due(session)

        self.run(expiring())

    @rule(who=person)
    def remove(self, who: int) -> None:
        async def removing() -> None:
            async with self.database.write() as session:
                await session.emit(UserRemoved(self.people[who].id))

        self.run(removing())

    @rule(customer=st.integers(0, SIZE - 1), who=person)
    def reserve(self, customer: int, who: int) -> None:
        try:
            self.run(reserve_customer(self.database, self.stored, f"customer{customer}", self.people[who].id))
        except Exception as error:
            # The promise of one owner per customer is the database's (unique key).
            if "reservation_keys" not in str(error):
                raise

    @rule(chosen=st.sets(st.integers(0, SIZE - 1), min_size=1, max_size=4), who=person, away=st.booleans())
    def admin_at_work(self, chosen: set[int], who: int, away: bool) -> None:
        ids = [self.stored.record_ids[i] for i in chosen]
        if away:
            self.attempt(support.to_trash(self.database, self.stored, ids))
        else:
            self.attempt(support.pick(self.database, self.stored, self.people[who], ids))

    @invariant()
    def what_was_held_is_given_let_go_or_held_still(self) -> None:
        requests, fates = self.run(self.fates())
        for request in requests:
            fate = fates[request.id]
            assert sum(fate.values()) == request.record_count
            assert request.assigned_count == fate["assign_held"]
            match RequestStatus(request.status):
                case RequestStatus.PENDING:
                    assert set(fate) <= {"held", "trash"}
                    assert request.expires_at is not None
                case RequestStatus.APPROVED:
                    assert set(fate) <= {"assign_held", "release", "trash"}
                    assert request.skipped_reserved_count == fate["release"]
                    assert fate["assign_held"] > 0
                case _:
                    assert set(fate) <= {"release", "trash"}
                    assert request.expires_at is None

    @invariant()
    def every_request_was_closed_once_at_most(self) -> None:
        requests, events = self.run(self.events())
        for request in requests:
            steps = events[request.seq]
            assert steps[0] == (None, "pending")
            assert steps[1:] == ([] if request.status == "pending" else [("pending", request.status)])

    @invariant()
    def nobody_got_more_at_once_than_the_day_allows(self) -> None:
        if self.per_day is None:
            return
        requests, _ = self.run(self.events())
        zone = self.database.business.tz
        given = Counter[Any]()
        for request in requests:
            if request.auto_approved:
                given[request.staff_id, request.reviewed_at.astimezone(zone).date()] += request.assigned_count
        assert all(count <= self.per_day for count in given.values())

    @invariant()
    def nothing_is_held_for_nobody(self) -> None:
        pending, held = self.run(self.held())
        assert held <= pending

    async def held(self) -> tuple[set[str], set[str]]:
        async with self.database.read() as session:
            pending = await session.scalars(select(RecordRequest.id).where(RecordRequest.status == "pending"))
            held = await session.scalars(select(Record.request_id).where(Record.state == RecordState.REQUESTED))
            return set(pending.all()), {str(request_id) for request_id in held}

    async def events(self) -> tuple[list[RecordRequest], dict[int, list[tuple[str | None, str]]]]:
        async with self.database.read() as session:
            requests = list((await session.scalars(select(RecordRequest))).all())
            found: dict[int, list[tuple[str | None, str]]] = {request.seq: [] for request in requests}
            for event in await session.scalars(select(RequestEvent).order_by(RequestEvent.seq)):
                found[event.request_seq].append((event.from_status, event.to_status))
        return requests, found

    async def fates(self) -> tuple[list[RecordRequest], dict[str, Counter[str]]]:
        """By request: what became of each record that was ever held for it, from the history of records alone."""
        fates: dict[str, Counter[str]] = {}
        open_holds: dict[int, str] = {}
        async with self.database.read() as session:
            requests = list((await session.scalars(select(RecordRequest))).all())
            fates = {request.id: Counter() for request in requests}
            statement = (
                select(RecordHistory.record_seq, Operation.kind, Operation.detail)
                .join(Operation, Operation.seq == RecordHistory.operation_seq)
                .order_by(RecordHistory.operation_seq)
            )
            for seq, kind, detail in await session.execute(statement):
                if kind == "hold":
                    assert seq not in open_holds, "held twice at the same time"
                    open_holds[seq] = detail["request_id"]
                elif seq in open_holds:
                    fates[open_holds.pop(seq)][kind] += 1
        for request_id in open_holds.values():
            fates[request_id]["held"] += 1
        return requests, fates

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.loop.run_until_complete(self.database.dispose())
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_any_sequence_of_requests_keeps_the_invariants(databases: Provider) -> None:
    """Without the running app: the machine opens a desk of its own for every sequence."""
    random.seed(0)
    machine = type("DeskOnThisDatabase", (Desk,), {"provider": databases})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            # The draw is random: a failure is not made smaller by trying again.
            phases=(Phase.generate,),
        ),
    )
