"""Any sequence of commands and midnights leaves follow-ups that are what the specification says of all tables together.

`CRM_TEST_COMMANDS` says how many commands there are to be (40 unless told; thousands take some minutes).
"""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm_boost.contacts.models import Contact
from crm_boost.databases.models import Record
from crm_boost.db.engine import Database
from crm_boost.deposits import booking
from crm_boost.deposits import rebuild as ledger
from crm_boost.deposits import service as deposits
from crm_boost.deposits.schemas import DepositChange, DepositForm
from crm_boost.deposits.states import DepositStatus
from crm_boost.followups import service
from crm_boost.followups.ladder import Urgency
from crm_boost.followups.reading_repository import FollowUpFilter
from crm_boost.followups.rebuild import rebuild
from crm_boost.followups.rebuild_repository import drifts
from crm_boost.followups.states import Shown
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date, frozen
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.errors import Problem
from crm_boost.settings import DatabaseSettings, Settings
from crm_boost.wiring import build_bus
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.followups.desk import LEVELS, Said, expected, level
from tests.replacement import support as replacing
from tests.support.databases import Provider
from tests.support.factories import Account, make_database, make_product, make_user, reserve_customer

COMMANDS = "CRM_TEST_COMMANDS"
START = datetime(2025, 2, 3, 14, 30, tzinfo=UTC)
RECORDS = 4
STEPS = 20
SHOWN: tuple[Shown, ...] = ("open", "snoozed", "deposited", "done", "lost")

records = st.integers(0, 3 * RECORDS - 1)
people = st.integers(0, 1)
back = st.integers(1, 4)


def command(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(st.just(name), *arguments)


mark = command("mark", records, st.sampled_from(["ya", "ya", "ya", "tidak", None]))
book = command("book", people, st.integers(0, 1), st.integers(0, RECORDS - 1), st.integers(0, 4))
commands = st.one_of(
    mark,
    mark,
    mark,
    book,
    book,
    command("edit", back, st.sampled_from(["who", "day", "customer", "product"]), st.integers(0, 4)),
    *(command(name, back) for name in ("delete", "restore", "approve", "decline")),
    command("pass_on", records, people),
    command("take_back", records),
    command("undo", back),
    command("archive", records),
    command("give_back", records),
    command("trash", records),
    command("snooze", records, st.integers(1, 3)),
    command("close", records, st.sampled_from(["done", "lost"])),
    command("reopen", records),
    command("wait", st.sampled_from([1, 3, 9, 24, 24, 48, 72, 200])),
    command("wait", st.sampled_from([3, 24])),
)


def principal(person: Account) -> Principal:
    return Principal(person.id, person.name, person.role, frozenset(), "")


class World:
    """Two staff, two products, three databases in which the same customers are: a deposit concerns several records."""

    def __init__(self, provider: Provider, done: Counter[str]) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="crm-followups-"))
        self.done, self.now = done, START
        url = provider.fresh(self.folder)
        self.database = Database(Settings(data_dir=self.folder, database=DatabaseSettings(url=url)), build_bus())
        self.run(self.open())
        self.said: Said = {}
        self.booked: list[str] = []
        self.waiting: list[str] = []
        self.operations: list[tuple[Any, str]] = []

    async def open(self) -> None:
        self.accounts = [await make_user(self.database) for _ in range(2)]
        self.staff = [principal(account) for account in self.accounts]
        self.admin, self.master = [principal(await make_user(self.database, r)) for r in ("admin", "master_admin")]
        enter_context(ActionContext(actor_id=self.admin.id, actor_name=self.admin.name))
        self.products = [await make_product(self.database) for _ in range(2)]
        self.stored = [
            await make_database(self.database, RECORDS, module=module, product_id=self.products[product])
            for module, product in (("memberwd", 0), ("normal", 0), ("bonanza", 1))
        ]
        for number, stored in enumerate(self.stored):
            for i, account in enumerate(self.accounts):
                await engine.pick(
                    self.database,
                    stored,
                    account,
                    stored.record_ids[i::2] if number else stored.record_ids[2 * i : 2 * i + 2],
                )
        # Deposits of the first staff for this customer wait for a decision.
        await reserve_customer(self.database, self.stored[0], "customer1", self.accounts[1].id)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        with frozen(self.now):
            return self.loop.run_until_complete(work)

    def attempt(self, name: str, work: Coroutine[Any, Any, Any]) -> Any:
        """A refusal is an answer too; it must leave everything as it was."""
        try:
            found = self.run(work)
        except Problem:
            self.done[f"{name} refused"] += 1
            return None
        self.done[name] += 1
        return found

    def service(self, name: str, verb: Any, *arguments: Any) -> Any:
        async def work() -> Any:
            async with self.database.write() as session:
                return await verb(session, *arguments)

        return self.attempt(name, work())

    def place(self, number: int) -> tuple[Any, str]:
        stored = self.stored[number // RECORDS]
        return stored, stored.record_ids[number % RECORDS]

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.done["wait"] += 1

    def mark(self, number: int, value: str | None) -> None:
        _, record_id = self.place(number)
        self.attempt("mark", contacts.mark(self.database, None, record_id, {contacts.RESPOND: value}))

    def book(self, who: int, product: int, customer: int, days_ago: int) -> None:
        form = DepositForm.model_validate(
            {
                "product_id": self.products[product],
                "record_date": self.today() - timedelta(days=days_ago),
                "customer_id": f" Customer{customer}",
                "nominal": 1000,
                "keterangan": "tambahan" if days_ago == 1 else "",
            }
        )
        deposit = self.service("book", booking.book, self.staff[who], form)
        if deposit is not None:
            self.booked.append(deposit.id)
            if deposit.status == DepositStatus.PENDING:
                self.waiting.append(deposit.id)

    def today(self) -> Any:
        return business_date(self.database.business.tz, self.now)

    def recent(self, back: int) -> str:
        return self.booked[-back] if len(self.booked) >= back else "nothing"

    def edit(self, back: int, field: str, number: int) -> None:
        change: dict[str, Any] = {
            "who": {"staff_id": self.staff[number % 2].id},
            "day": {"record_date": self.today() - timedelta(days=number)},
            "customer": {"customer_id": f"customer{number % RECORDS}"},
            "product": {"product_id": self.products[number % 2]},
        }[field]
        wanted = DepositChange.model_validate(change)
        self.service("edit", deposits.edit, self.admin, self.recent(back), wanted)

    def delete(self, back: int) -> None:
        self.service("delete", deposits.delete, self.admin, self.recent(back))

    def restore(self, back: int) -> None:
        self.service("restore", deposits.restore, self.recent(back))

    def approve(self, back: int) -> None:
        self.service("approve", deposits.approve, self.waiting.pop() if self.waiting else self.recent(back))

    def decline(self, back: int) -> None:
        self.service("decline", deposits.decline, self.waiting.pop() if self.waiting else self.recent(back), "no")

    def pass_on(self, number: int, who: int) -> None:
        stored, record_id = self.place(number)
        done = self.attempt("pass_on", engine.pass_on(self.database, stored, [record_id], self.accounts[who]))
        if done is not None:
            self.operations.append((stored, done.operation_id))

    def take_back(self, number: int) -> None:
        stored, record_id = self.place(number)
        done = self.attempt("take_back", engine.take_back(self.database, stored, [record_id]))
        if done is not None:
            self.operations.append((stored, done["operation_id"]))

    def undo(self, back: int) -> None:
        if len(self.operations) >= back:
            stored, operation = self.operations[-back]
            self.attempt("undo", engine.undo_it(self.database, stored, operation))

    def archive(self, number: int) -> None:
        stored, record_id = self.place(number)
        holder = self.run(self.holder_of(record_id))
        if holder is not None:
            self.attempt("judge", replacing.judge(self.database, holder, [record_id], False))
            self.attempt("archive", replacing.work_off(self.database, stored, holder, 0))

    async def holder_of(self, record_id: str) -> Account | None:
        async with self.database.read() as session:
            record = (await session.scalars(select(Record).where(Record.id == record_id))).one()
        held = record.state == "assigned"
        return next((account for account in self.accounts if held and account.id == record.assigned_to), None)

    def give_back(self, number: int) -> None:
        stored, record_id = self.place(number)
        self.attempt("give_back", replacing.give_back(self.database, stored, [record_id]))

    def trash(self, number: int) -> None:
        stored, record_id = self.place(number)
        done = self.attempt("trash", engine.to_trash(self.database, stored, [record_id], force=True))
        if done is not None:
            self.operations.append((stored, done["operation_id"]))
            self.attempt("untrash", engine.from_trash(self.database, stored, [record_id]))
            account = self.accounts[number % 2]
            self.attempt("pick", engine.pick(self.database, stored, account, [record_id]))

    def snooze(self, number: int, days: int) -> None:
        _, record_id = self.place(number)
        until = self.today() + timedelta(days=days)
        if self.service("snooze", service.snooze, self.admin, record_id, until, None) is not None:
            self.run(self.note(record_id, None, until))

    def close(self, number: int, outcome: Any) -> None:
        _, record_id = self.place(number)
        if self.service("close", service.close, self.admin, record_id, outcome, None) is not None:
            self.run(self.note(record_id, outcome, None))

    def reopen(self, number: int) -> None:
        _, record_id = self.place(number)
        if self.service("reopen", service.reopen, self.admin, record_id) is not None:
            self.run(self.note(record_id, None, None))

    async def note(self, record_id: str, outcome: str | None, until: Any) -> None:
        async with self.database.read() as session:
            joined = select(Contact.respond_at).join(
                Record, (Record.seq == Contact.record_seq) & (Record.deal_rank == Contact.deal_rank)
            )
            at = (await session.scalars(joined.where(Record.id == record_id))).one()
        self.said[record_id, at] = (outcome, until)

    async def look(self) -> None:
        truth = await expected(self.database, self.said)
        async with self.database.read() as session:
            views = {}
            for who in (*self.staff, self.admin, self.master):
                answers: dict[str, Any] = {}
                # Staff are shown the rest by the same statements; what an admin is shown is looked at whole.
                for shown in SHOWN[: len(SHOWN) if who is self.admin else 1]:
                    page, summary = await service.listed(
                        session, who, FollowUpFilter(shown=shown), cursor=None, limit=100
                    )
                    answers[shown] = (page.rows, summary)
                views[who.id] = (answers, await service.bell(session, who, 100))
            by_staff = [await service.counts(session, self.admin, FollowUpFilter(who.id)) for who in self.staff]
            assert not await drifts(session)
        for who in (*self.staff, self.admin):
            own = {i: row for i, row in truth.items() if who is self.admin or row[0] == who.id}
            self.compare(own, *views[who.id])
        assert views[self.admin.id][0]["open"] == views[self.master.id][0]["open"]
        assert views[self.admin.id][1] == views[self.master.id][1]
        whole = views[self.admin.id][0]["open"][1]
        for name in LEVELS:
            assert sum(views[who.id][0]["open"][1][name] for who in self.staff) == whole[name]
            assert sum(found.open[Urgency(name)] for found in by_staff) == whole[name]

    def compare(self, own: dict[str, Any], answers: dict[str, Any], bell: dict[str, Any]) -> None:
        states = Counter(state for _, state, _ in own.values())
        waiting = [level(days) for _, state, days in own.values() if state == "open"]
        for shown, (rows, summary) in answers.items():
            assert {row["record_id"] for row in rows} == {i for i, row in own.items() if row[1] == shown}
            assert all(row["state"] == shown and row["staff_id"] == own[row["record_id"]][0] for row in rows)
            assert all(row["days_since_response"] == own[row["record_id"]][2] for row in rows)
            assert summary["total"] == len(rows)
            assert {name: summary[name] for name in LEVELS} == {name: waiting.count(name) for name in LEVELS}
            assert sum(summary[name] for name in LEVELS) == states["open"]
            assert {name: summary[name] for name in SHOWN[1:]} == {name: states[name] for name in SHOWN[1:]}
        rows = answers["open"][0]
        assert [row["respond_at"] for row in rows] == sorted(row["respond_at"] for row in rows)
        assert bell["notifications"] == [row for row in rows if row["urgency"] != "low"]
        assert bell["summary"]["total"] == bell["count"] == len(bell["notifications"])
        assert all(bell["summary"][name] == waiting.count(name) for name in LEVELS[:3])

    def close_down(self) -> None:
        self.run(self.database.dispose())
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_follow_ups_are_what_the_definition_says_after_anything(databases: Provider) -> None:
    """Without the running app: every sequence has a world of its own."""
    wanted = int(os.environ.get(COMMANDS, "40"))
    done: Counter[str] = Counter()

    @settings(
        max_examples=max(wanted // STEPS, 1),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(sequence=st.lists(commands, min_size=STEPS, max_size=STEPS))
    def walk(sequence: list[tuple[Any, ...]]) -> None:
        world = World(databases, done)
        try:
            # A desk at work: everybody said yes at some time.
            for number in range(3 * RECORDS):
                world.wait(7)
                world.mark(number, "ya")
            for name, *arguments in sequence:
                getattr(world, name)(*arguments)
                world.run(world.look())
            assert world.run(ledger.recalculate(world.database))["updated_count"] == 0
            world.run(world.look())
            assert world.run(rebuild(world.database)) == {"follow_ups": 0, "counters": 0}
        finally:
            world.close_down()

    walk()
    assert sum(done.values()) >= wanted
    if wanted >= 1000:
        # Each command was not only tried: it happened.
        verbs = {"mark", "book", "edit", "delete", "restore", "approve", "decline", "pass_on", "take_back", "undo"}
        assert verbs | {"archive", "give_back", "trash", "snooze", "close", "reopen"} <= set(done), done
