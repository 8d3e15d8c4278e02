"""Any sequence of commands leaves a ledger in which recalculating changes nothing and every screen says the same.

`CRM_TEST_COMMANDS` says how many commands there are to be (40 unless told; 10,000 take some minutes).
"""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_boost.db.engine import Database
from crm_boost.deposits import booking, figures, reading, rebuild, service
from crm_boost.deposits.ledger_config import LedgerConfig
from crm_boost.deposits.listing_repository import DepositFilter
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.rollup_repository import RollupFilter, unique_customers
from crm_boost.deposits.schemas import DepositChange, DepositForm
from crm_boost.deposits.states import DepositStatus
from crm_boost.identity.principal import Principal
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.errors import Problem
from crm_boost.reservations import service as reservations
from crm_boost.reservations.schemas import Reserve
from crm_boost.settings import DatabaseSettings, Settings
from crm_boost.wiring import build_bus
from tests.deposits.checks import all_deposits, assert_sound, unique
from tests.support.databases import Provider
from tests.support.factories import Account, make_product, make_user

COMMANDS = "CRM_TEST_COMMANDS"
DAYS = [f"2025-02-{day:02d}" for day in range(1, 7)]
CUSTOMERS = ["x", " X", "y", "w"]
NOTES = ["", "tambahan", "Depo TAMBAHAN", "first"]

STEPS = 20
back = st.integers(1, 6)
people = st.integers(0, 1)
products = st.integers(0, 1)
days = st.sampled_from(DAYS)
customers = st.sampled_from(CUSTOMERS)
numbers = st.integers(0, 5)


def command(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(st.just(name), *arguments)


form = (products, customers, days, st.sampled_from([1000, 2500.5]), st.sampled_from(NOTES))
book = command("book", people, *form)
edit = command("edit", back, st.sampled_from(["who", "product", "day", "customer", "note", "switch"]), numbers)
commands = st.one_of(
    book,
    book,
    command("book_rows", people, st.lists(st.tuples(*form), min_size=2, max_size=4)),
    edit,
    edit,
    *(command(name, back) for name in ("delete", "restore", "purge", "approve", "decline")),
    command("reserve", people, products, customers),
    command("release"),
    command("close", st.sampled_from([None, None, "2025-02-02"])),
)


def principal(person: Account) -> Principal:
    return Principal(person.id, person.name, person.role, frozenset(), "")


class Ledger:
    """Two staff, two products, a few customers and days: they meet all the time."""

    def __init__(self, provider: Provider, commands: Counter[str]) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="crm-ledger-"))
        self.commands = commands
        url = provider.fresh(self.folder)
        self.database = Database(Settings(data_dir=self.folder, database=DatabaseSettings(url=url)), build_bus())
        self.admin = principal(self.run(make_user(self.database, "admin")))
        self.people = [principal(self.run(make_user(self.database))) for _ in range(2)]
        self.products = [self.run(make_product(self.database)) for _ in range(2)]
        self.ids: list[str] = []
        self.waiting: list[str] = []
        self.reservations: list[str] = []
        enter_context(ActionContext(actor_id=self.admin.id, actor_name=self.admin.name))
        self.reserve(1, 0, "w")
        # A ledger at work: keys with several days, out of order, one of them waiting for a decision.
        for number in range(6):
            self.book(0, number % 2, CUSTOMERS[number % 4], DAYS[5 - number], 1000, NOTES[number % 4])

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def attempt(self, name: str, verb: Any, *arguments: Any) -> Any:
        """A refusal is an answer too; it must leave everything as it was, which the invariants check."""

        async def work() -> Any:
            async with self.database.write() as session:
                return await verb(session, *arguments)

        try:
            found = self.run(work())
        except Problem:
            self.commands[f"{name} refused"] += 1
            return None
        self.commands[name] += 1
        return found

    def recent(self, back: int) -> str:
        return self.ids[-back] if len(self.ids) >= back else "nothing"

    def next_waiting(self, back: int) -> str:
        """One that waits, or did until its reservation or an edit decided otherwise."""
        return self.waiting.pop() if self.waiting else self.recent(back)

    def form(self, product: int, customer: str, day: str, nominal: float, note: str) -> DepositForm:
        return DepositForm.model_validate(
            {
                "product_id": self.products[product],
                "record_date": day,
                "customer_id": customer,
                "nominal": nominal,
                "keterangan": note,
            }
        )

    def keep(self, deposits: Iterable[Any]) -> None:
        for deposit in deposits:
            if isinstance(deposit, Deposit):
                self.ids.append(deposit.id)
                if deposit.status == DepositStatus.PENDING:
                    self.waiting.append(deposit.id)

    def book(self, who: int, *form: Any) -> None:
        self.keep([self.attempt("book", booking.book, self.people[who], self.form(*form))])

    def book_rows(self, who: int, forms: list[Any]) -> None:
        rows = [self.form(*form) for form in forms]
        self.keep(self.attempt("book_rows", booking.book_rows, self.people[who], rows))

    def edit(self, back: int, field: str, number: int) -> None:
        change: dict[str, Any] = {
            "who": {"staff_id": self.people[number % 2].id},
            "product": {"product_id": self.products[number % 2]},
            "day": {"record_date": DAYS[number]},
            "customer": {"customer_id": CUSTOMERS[number % 4]},
            "note": {"keterangan": NOTES[number % 4], "nominal": 10 + number},
            "switch": {"tambahan": number % 2 == 0},
        }[field]
        self.attempt("edit", service.edit, self.admin, self.recent(back), DepositChange.model_validate(change))

    def delete(self, back: int) -> None:
        self.attempt("delete", service.delete, self.admin, self.recent(back))

    def restore(self, back: int) -> None:
        self.attempt("restore", service.restore, self.recent(back))

    def purge(self, back: int) -> None:
        self.attempt("purge", service.purge, self.recent(back))

    def approve(self, back: int) -> None:
        self.attempt("approve", service.approve, self.next_waiting(back))

    def decline(self, back: int) -> None:
        self.attempt("decline", service.decline, self.next_waiting(back), "why not")

    def reserve(self, who: int, product: int, customer: str) -> None:
        wanted = Reserve(customer_id=customer, product_id=self.products[product], staff_id=self.people[who].id)
        done = self.attempt("reserve", reservations.reserve, self.admin, wanted)
        if done is not None:
            self.reservations += done.ids

    def release(self) -> None:
        if self.reservations:
            self.attempt("release", reservations.release, self.reservations.pop())

    def close(self, day: str | None) -> None:
        self.attempt("close", service.close_books, LedgerConfig.model_validate({"ledger_closed_until": day}))

    async def look(self) -> None:
        forms = await assert_sound(self.database)
        assert (await rebuild.recalculate(self.database))["updated_count"] == 0
        async with self.database.read() as session:
            found = await figures.summary(session, RollupFilter())
            listed = await reading.list_deposits(
                session, self.admin, DepositFilter((DepositStatus.APPROVED,)), cursor=None, limit=1000
            )
            # Another day in every round.
            day = date.fromisoformat(DAYS[sum(self.commands.values()) % len(DAYS)])
            whole = await figures.daily_summary(session, self.admin, day, None)
            ranges = [RollupFilter(day, day + timedelta(days=1), product) for product in self.products]
            cells = [await figures.ndp_rdp(session, only, str(only.product_id), day) for only in ranges]
            deposits = await all_deposits(self.database)
            for wanted in (RollupFilter(), RollupFilter(day.replace(day=1), day), RollupFilter(day)):
                assert await unique_customers(session, wanted) == unique(deposits, wanted.start, wanted.end)
        total = found["total"]
        assert total["total_records"] == forms == listed.total == len(listed.rows)
        assert total["total_depo"] == sum(row["depo_total"] for row in listed.rows)
        assert total["total_ndp"] + total["total_rdp"] <= forms
        for group in ("daily", "by_staff", "by_product"):
            for name in ("total_nominal", "total_depo", "ndp_total", "rdp_total"):
                assert sum(row[name] for row in found[group]) == total[name]
            assert sum(row["ndp_count"] for row in found[group]) == total["total_ndp"]
            assert sum(row["rdp_count"] for row in found[group]) == total["total_rdp"]
            assert sum(row["count"] for row in found[group]) == forms
        of_day = [row for row in found["daily"] if row["date"] == day.isoformat()]
        assert whole["total_omset"] == sum(row["total_depo"] for row in of_day)
        for name, count in (("ndp_count", "total_ndp"), ("rdp_count", "total_rdp")):
            groups = (of_day, cells, whole["staff_breakdown"], whole["product_breakdown"])
            assert [sum(row[name] for row in group) for group in groups] == [whole[count]] * 4

    def close_down(self) -> None:
        self.run(self.database.dispose())
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_any_sequence_of_commands_keeps_the_ledger_sound(databases: Provider) -> None:
    """Without the running app: every sequence has a ledger of its own."""
    wanted = int(os.environ.get(COMMANDS, "40"))
    done: Counter[str] = Counter()

    @settings(
        max_examples=max(wanted // STEPS, 1),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(sequence=st.lists(commands, min_size=STEPS, max_size=STEPS))
    def walk(sequence: list[tuple[Any, ...]]) -> None:
        ledger = Ledger(databases, done)
        try:
            for name, *arguments in sequence:
                getattr(ledger, name)(*arguments)
                ledger.run(ledger.look())
        finally:
            ledger.close_down()

    walk()
    assert sum(done.values()) >= wanted
    if wanted >= 1000:
        # Each command was not only tried: it happened.
        verbs = {
            "book",
            "book_rows",
            "edit",
            "delete",
            "restore",
            "purge",
            "approve",
            "decline",
            "reserve",
            "release",
            "close",
        }
        assert verbs <= set(done), done
