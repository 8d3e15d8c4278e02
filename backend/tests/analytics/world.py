"""A desk at work, and its figures computed a second way: plain Python over the rows as they stand in the tables."""

import asyncio
import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm_boost.analytics.scope import Scope
from crm_boost.assignments import hand_out, hand_over, recall, undo
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.pool_service import update_database
from crm_boost.contacts import service as contacts
from crm_boost.contacts.models import Contact
from crm_boost.contacts.verdicts import Field
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.schemas import DatabaseUpdate
from crm_boost.db.engine import Database
from crm_boost.deposits import booking
from crm_boost.deposits import service as ledger
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.schemas import DepositForm
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import frozen
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.errors import Problem
from crm_boost.kit.periods import Period
from crm_boost.settings import DatabaseSettings, Settings
from crm_boost.wiring import build_bus
from tests.support.databases import Provider
from tests.support.factories import Account, make_database, make_product, make_user

START = datetime(2025, 3, 1, 20, tzinfo=UTC)
"""Three in the morning of the 2nd in Jakarta: business days are not UTC days."""
ZONE = ZoneInfo("Asia/Jakarta")
_FIELDS = {Field.WHATSAPP: ["ada", "ada", "ceklis1", "tidak", None], Field.RESPOND: ["ya", "ya", "ya", "tidak", None]}


def principal(person: Account) -> Principal:
    return Principal(person.id, person.name, person.role, frozenset(), "")


def day_of(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()


class World:
    """Two staff, two products, two databases; everything happens to the same few customers."""

    def __init__(self, provider: Provider) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="crm-analytics-"))
        self.now = START
        url = provider.fresh(self.folder)
        self.database = Database(Settings(data_dir=self.folder, database=DatabaseSettings(url=url)), build_bus())
        with frozen(self.now):
            self.admin = principal(self.run(make_user(self.database, "admin")))
            self.staff = [principal(self.run(make_user(self.database, name=f"Staff {name}"))) for name in "AB"]
            self.products = [self.run(make_product(self.database)) for _ in range(2)]
            self.stored = [
                self.run(make_database(self.database, 10, module=module, product_id=product, prefix="c"))
                for module, product in zip(("normal", "memberwd"), self.products, strict=True)
            ]
        enter_context(ActionContext(actor_id=self.admin.id, actor_name=self.admin.name))
        self.operations: list[str] = []
        self.deposits: list[str] = []
        self.refused = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def attempt(self, verb: Any, *arguments: Any, **options: Any) -> Any:
        """One command in a transaction of its own; a refusal is an answer too."""

        async def work() -> Any:
            async with self.database.write() as session:
                return await verb(session, *arguments, **options)

        try:
            with frozen(self.now):
                return self.run(work())
        except Problem:
            self.refused += 1
            return None

    def step(self, name: str, number: int, other: int) -> None:
        """One command; the numbers say of whom and what."""
        self.now += timedelta(minutes=37 * (1 + number % 9))
        stored, staff = self.stored[number % 2], self.staff[other % 2]
        policy, record = policy_of(stored.module), stored.record_ids[(number + other) % 10]
        match name:
            case "deal":
                rng = random.Random(number)
                receivers = hand_out.Receivers([staff.id])
                done = self.attempt(hand_out.assign_random, policy, stored.id, receivers, 1 + number % 4, rng=rng)
                if done is not None:
                    self.operations.append(done.operation_id)
            case "recall":
                self.attempt(recall.recall, policy, [record])
            case "pass_on":
                self.attempt(hand_over.hand_over, policy, [record], staff.id)
            case "undo" if self.operations:
                self.attempt(self._undo, policy, self.operations[-1 - other % len(self.operations)])
            case "mark":
                field = list(_FIELDS)[number // 2 % 2]
                values = {field: _FIELDS[field][other % 5]}
                ids = [stored.record_ids[(other + place) % 10] for place in range(1 + number % 3)]
                wanted = [contacts.Mark(record_id, values) for record_id in ids]
                self.attempt(contacts.mark, wanted, contacts.Reach(None))
            case "book":
                form = DepositForm.model_validate(
                    {
                        "product_id": stored.product_id if other % 4 else self.products[other // 4 % 2],
                        "record_date": (day_of(self.now) - timedelta(days=other % 3)).isoformat(),
                        "customer_id": f"C{(number + other) % 10}",
                        "nominal": 1000 * (1 + number % 7),
                        "keterangan": "tambahan" if number % 5 == 0 else "",
                    }
                )
                booked = self.attempt(booking.book, staff, form)
                if booked is not None:
                    self.deposits.append(booked.id)
            case "pay":
                self.attempt(self._pay, record, number)
            case "delete" if self.deposits:
                self.attempt(ledger.delete, self.admin, self.deposits.pop(other % len(self.deposits)))
            case "move":
                wanted_product = DatabaseUpdate(product_id=self.products[other % 2])
                self.attempt(update_database, policy, stored.id, wanted_product)
            case "wait":
                self.now += timedelta(days=1 + number % 3)

    async def _pay(self, session: Any, record_id: str, number: int) -> None:
        """The customer of a record deposits with whoever holds it."""
        record = (await session.scalars(select(Record).where(Record.id == record_id))).one()
        holder = next((person for person in self.staff if person.id == record.assigned_to), None)
        if holder is not None:
            form = {"product_id": record.product_id, "record_date": day_of(self.now).isoformat()}
            amounts = {"customer_id": record.customer_key, "nominal": 1000 * (1 + number % 7)}
            booked = await booking.book(session, holder, DepositForm.model_validate(form | amounts))
            self.deposits.append(booked.id)

    async def _undo(self, session: Any, policy: Any, operation_id: str) -> Any:
        return await undo.undo(session, policy, await undo.find_operation(session, operation_id))

    def read(self, verb: Any, *arguments: Any, **options: Any) -> Any:
        """Ask something."""

        async def work() -> Any:
            async with self.database.read() as session:
                return await verb(session, *arguments, **options)

        with frozen(self.now):
            return self.run(work())

    def scope(self, start: int, end: int, product: str | None = None, staff: str | None = None) -> Scope:
        """The days from `start` days ago up to, not including, `end` days ago."""
        today = day_of(self.now)
        period = Period("custom", today - timedelta(days=start), today - timedelta(days=end))
        return Scope(period, ZONE, product, staff)

    def close(self) -> None:
        self.run(self.database.dispose())
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(slots=True)
class HandOut:
    """One hand-out as the tables say."""

    record_id: str
    staff: str
    product: str
    handed: datetime
    customer: str
    marks: Any = None

    @property
    def wa(self) -> str | None:
        return self.marks.wa_status if self.marks else None

    @property
    def answer(self) -> str | None:
        return self.marks.respond_status if self.marks else None


class Exported:
    """All rows that figures are made of."""

    def __init__(self, world: World) -> None:
        self.hand_outs, self.deposits = world.read(self._rows)

    async def _rows(self, session: Any) -> tuple[list[HandOut], list[Deposit]]:
        databases = {row.id: row for row in (await session.scalars(select(CustomerDatabase))).all()}
        records = {row.seq: row for row in (await session.scalars(select(Record))).all()}
        found = []
        worked = set()
        for row in (await session.scalars(select(Contact))).all():
            record = records[row.record_seq]
            worked.add((row.record_seq, row.deal_rank))
            product = databases[record.database_id].product_id
            found.append(HandOut(record.id, row.staff_id, product, row.assigned_at, record.customer_key, row))
        for record in records.values():
            if record.deal_rank is not None and (record.seq, record.deal_rank) not in worked:
                product = databases[record.database_id].product_id
                found.append(HandOut(record.id, record.assigned_to, product, record.assigned_at, record.customer_key))
        counting = select(Deposit).where(Deposit.customer_type.is_not(None))
        return found, list((await session.scalars(counting)).all())

    def handed(self, scope: Scope) -> list[HandOut]:
        """Hand-outs of the scope, whenever they were."""
        return [
            item
            for item in self.hand_outs
            if scope.product_id in {None, item.product} and scope.staff_id in {None, item.staff}
        ]

    def first_deposit(self, item: HandOut) -> date | None:
        """The holder's first deposit of the customer and product on or after a yes."""
        if item.answer != "ya":
            return None
        answered = day_of(item.marks.respond_at)
        days = [
            row.record_date
            for row in self.deposits
            if (row.staff_id, row.customer_key, row.product_id) == (item.staff, item.customer, item.product)
            and row.record_date >= answered
        ]
        return min(days, default=None)

    def booked(self, scope: Scope) -> list[Deposit]:
        """Deposits of the scope."""
        return [
            row
            for row in self.deposits
            if scope.start <= row.record_date < scope.end
            and scope.product_id in {None, row.product_id}
            and scope.staff_id in {None, row.staff_id}
        ]


def customers(rows: list[Deposit], kind: str) -> int:
    """NDP or RDP as they are counted: different (staff, customer, product, day)."""
    return len(
        {(row.staff_id, row.customer_key, row.product_id, row.record_date) for row in rows if row.customer_type == kind}
    )


def money(rows: list[Deposit], kind: str | None = None) -> float:
    """Turnover in units of the currency."""
    return sum(row.total for row in rows if kind in {None, row.customer_type}) / 100


def grouped(rows: list[Any], key: Any) -> dict[Any, list[Any]]:
    """Rows by a key."""
    found = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
