"""The clients: each does one kind of work with things that nobody else touches, so that what must be there is known."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import func, select

from bench.killing.client import Client, Counts, Violation
from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.contacts.models import Contact, RecordNote
from crm_boost.databases.models import Record
from crm_boost.db.session import ReadSession
from crm_boost.deposits.models import Deposit, DepositEvent
from crm_boost.jobs.models import JobRun
from crm_boost.requests.models import RecordRequest
from crm_boost.reservations.models import Reservation
from tests.support.factories import Account, Stored


def _differences(what: str, wanted: dict[Any, Any], found: dict[Any, Any]) -> list[str]:
    lost = [f"{what} {key} is missing: {wanted[key]}" for key in wanted.keys() - found.keys()]
    added = [f"{what} {key} was never answered: {found[key]}" for key in found.keys() - wanted.keys()]
    other = [
        f"{what} {key} is {found[key]} instead of {wanted[key]}"
        for key in wanted.keys() & found.keys()
        if found[key] != wanted[key]
    ]
    return lost + added + other


def _is_in_state(*states: str) -> Any:
    """A refusal that says the thing is where the command would have brought it."""

    def says(answer: httpx.Response) -> bool:
        return answer.status_code in {400, 409} and answer.json().get("state") in states

    return says


class Booker(Client):
    """A staff who books deposits of a few customers, changes and deletes them, and an admin who restores them."""

    def __init__(
        self, account: Account, seed: int, counts: Counts, product_id: str, admin: Account, today: date
    ) -> None:
        super().__init__(account, seed, counts)
        self._admin = admin
        self._product_id = product_id
        self._today = today
        self._deposits: dict[str, tuple[int, str, bool]] = {}
        """By id: amount in minor units, note, whether it is deleted."""
        self._changes = 0

    async def step(self) -> None:
        there = [key for key, (_, _, gone) in self._deposits.items() if not gone][-40:]
        gone = [key for key, (_, _, gone) in self._deposits.items() if gone][-10:]
        draw = self.rng.random()
        if draw < 0.25 and there:
            await self._change(self.rng.choice(there))
        elif draw < 0.4 and there:
            await self._delete(self.rng.choice(there))
        elif draw < 0.5 and gone:
            await self._restore(self.rng.choice(gone))
        else:
            await self._book()

    async def _book(self) -> None:
        note = self.name() + (" tambahan" if self.rng.random() < 0.1 else "")
        amount = self.rng.randrange(1, 500) * 1000
        form = {
            "product_id": self._product_id,
            "record_date": str(self._today - timedelta(days=self.rng.randrange(40))),
            "customer_id": f"{self.account.id[-5:]}-{self.rng.randrange(12)}",
            "nominal": amount,
            "keterangan": note,
        }

        def then(answer: Any) -> None:
            self._note(answer["id"], amount * 100, note, False)

        await self.write("POST", "/api/omset", form, then)

    async def _change(self, key: str) -> None:
        amount = self.rng.randrange(1, 500) * 1000 + 500
        _, note, _ = self._deposits[key]
        if amount * 100 == self._deposits[key][0]:
            return
        await self.write(
            "PUT", f"/api/omset/{key}", {"nominal": amount}, lambda _: self._note(key, amount * 100, note, False)
        )

    async def _delete(self, key: str) -> None:
        amount, note, _ = self._deposits[key]
        await self.write("DELETE", f"/api/omset/{key}", None, lambda _: self._note(key, amount, note, True))

    async def _restore(self, key: str) -> None:
        amount, note, _ = self._deposits[key]
        path = f"/api/omset/restore/{key}"
        await self.write("POST", path, None, lambda _: self._note(key, amount, note, False), by=self._admin)

    def _note(self, key: str, amount: int, note: str, gone: bool) -> None:
        self._deposits[key] = (amount, note, gone)
        self._changes += 1

    async def check(self, session: ReadSession) -> list[str]:
        rows = await session.execute(
            select(Deposit.id, Deposit.nominal, Deposit.note, Deposit.deleted_at).where(
                Deposit.created_by == self.account.id
            )
        )
        found = {row.id: (row.nominal, row.note, row.deleted_at is not None) for row in rows}
        mine = select(Deposit.id).where(Deposit.created_by == self.account.id)
        of_mine = select(func.count()).select_from(DepositEvent).where(DepositEvent.deposit_id.in_(mine))
        changes = await session.scalar(of_mine)
        counted = [] if changes == self._changes else [f"{changes} changes of deposits instead of {self._changes}"]
        return _differences("deposit", self._deposits, found) + counted

    @property
    def booked(self) -> set[str]:
        """Every deposit that was ever booked."""
        return set(self._deposits)


class Dealer(Client):
    """An admin who hands records out and takes them back, of a pool from which others deal too."""

    _EACH = 3

    def __init__(self, account: Account, seed: int, counts: Counts, pool: Stored, receivers: list[Account]) -> None:
        super().__init__(account, seed, counts)
        self._pool = pool
        self._receivers = receivers
        self.operations: dict[str, tuple[str, int]] = {}

    async def step(self) -> None:
        if self.rng.random() < 0.45:
            await self._recall()
        else:
            await self._deal()

    async def _deal(self) -> None:
        body = {
            "database_id": self._pool.id,
            "staff_ids": [person.id for person in self._receivers],
            "quantity": self._EACH,
        }
        await self.write("POST", f"/api/pools/{self._pool.module}/assign-random", body, self._dealt)

    def _dealt(self, answer: Any) -> None:
        self.operations[answer["operation_id"]] = ("assign", answer["assigned_count"])
        if answer["assigned_count"] != self._EACH:
            raise Violation(f"{answer['assigned_count']} records were handed out: {answer}")

    async def _recall(self) -> None:
        holder = self.rng.choice(self._receivers)
        rows = await self.read(
            f"/api/pools/{self._pool.module}/databases/{self._pool.id}/records", assigned_to=holder.id, limit=40
        )
        chosen = [row["id"] for row in self.rng.sample(rows, min(len(rows), self.rng.randint(1, 16)))]
        if chosen:
            body = {"record_ids": chosen}
            await self.write("POST", f"/api/pools/{self._pool.module}/recall", body, self._recalled)

    def _recalled(self, answer: Any) -> None:
        self.operations[answer["operation_id"]] = ("recall", answer["recalled_count"])

    async def check(self, session: ReadSession) -> list[str]:
        moved = (
            select(Operation.id, Operation.kind, func.count(RecordHistory.record_seq))
            .outerjoin(RecordHistory, RecordHistory.operation_seq == Operation.seq)
            .where(Operation.actor_id == self.account.id)
            .group_by(Operation.id, Operation.kind)
        )
        found = {row[0]: (row[1], row[2]) for row in await session.execute(moved)}
        return _differences("operation", self.operations, found)


class Marker(Client):
    """A staff who notes what became of the customers: marks, verdicts, free notes."""

    def __init__(self, account: Account, seed: int, counts: Counts, record_ids: list[str]) -> None:
        super().__init__(account, seed, counts)
        self._record_ids = record_ids
        self._marks: dict[str, dict[str, str]] = {}
        self._notes: dict[str, str] = {}

    async def step(self) -> None:
        record = self.rng.choice(self._record_ids)
        draw = self.rng.random()
        if draw < 0.6:
            field, value = self.rng.choice(
                [("whatsapp_status", "ada"), ("whatsapp_status", "tidak"), ("whatsapp_status", "ceklis1"),
                 ("respond_status", "ya"), ("respond_status", "tidak")]
            )  # fmt: skip
            body: dict[str, Any] = {"marks": [{"record_id": record, field: value}]}
            await self.write("POST", "/api/my/marks", body, lambda _: self._marked(record, field, value), keyed=False)
        elif draw < 0.8:
            valid = self.rng.random() < 0.7
            body = {"record_ids": [record], "is_valid": valid, **({} if valid else {"reason": "wrong_number"})}
            verdict = "validated" if valid else "invalid"
            await self.write("POST", "/api/my/validate", body, lambda _: self._marked(record, "verdict", verdict))
        else:
            text = self.name()
            await self.write(
                "POST", f"/api/records/{record}/notes", {"text": text}, lambda _: self._noted(record, text)
            )

    def _marked(self, record: str, field: str, value: str) -> None:
        self._marks.setdefault(record, {})[field] = value

    def _noted(self, record: str, text: str) -> None:
        self._notes[text] = record

    async def check(self, session: ReadSession) -> list[str]:
        marks = (
            select(Record.id, Contact.wa_status, Contact.respond_status, Record.validation_status)
            .join(Contact, (Contact.record_seq == Record.seq) & (Contact.deal_rank == Record.deal_rank))
            .where(Contact.staff_id == self.account.id)
        )
        fields = ("whatsapp_status", "respond_status", "verdict")
        found = {
            row[0]: {field: value for field, value in zip(fields, row[1:], strict=True) if value is not None}
            for row in await session.execute(marks)
            if any(row[1:])
        }
        notes = (
            select(RecordNote.text, Record.id)
            .join(Record, Record.seq == RecordNote.record_seq)
            .where(RecordNote.author_id == self.account.id)
        )
        written = list(await session.execute(notes))
        twice = [
            f"note {text} is there {times}x" for text, times in Counter(row[0] for row in written).items() if times > 1
        ]
        stored = {row[0]: row[1] for row in written}
        return _differences("marks of", self._marks, found) + _differences("note", self._notes, stored) + twice


class Requester(Client):
    """A staff who asks for records, and in one person the admin who decides about it."""

    _EACH = 3

    def __init__(self, account: Account, seed: int, counts: Counts, pool: Stored, admin: Account) -> None:
        super().__init__(account, seed, counts)
        self._pool = pool
        self._admin = admin
        self._requests: dict[str, str] = {}
        self._open: str | None = None

    async def step(self) -> None:
        if self._open is None:
            body = {"database_id": self._pool.id, "record_count": self._EACH}
            await self.write("POST", "/api/download-requests", body, self._asked)
            return
        verb, target = self.rng.choice([("approve", "approved"), ("reject", "rejected"), ("reject", "rejected")])
        request_id, then = self._open, self._closed(self._open, target)

        def otherwise(answer: httpx.Response) -> bool:
            if not _is_in_state(target)(answer):
                return False
            then(None)
            return True

        await self.write(
            "PATCH", f"/api/download-requests/{request_id}/{verb}", None, then, keyed=False, otherwise=otherwise,
            by=self._admin,
        )  # fmt: skip

    def _asked(self, answer: Any) -> None:
        self._requests[answer["id"]], self._open = "pending", answer["id"]

    def _closed(self, request_id: str, target: str) -> Any:
        def then(_: Any) -> None:
            self._requests[request_id], self._open = target, None

        return then

    async def check(self, session: ReadSession) -> list[str]:
        requests = RecordRequest
        rows = await session.execute(
            select(requests.id, requests.status, requests.batch_id).where(requests.staff_id == self.account.id)
        )
        found, wrong = {}, []
        held = await _counts(session, Record.request_id)
        given = await _counts(session, Record.batch_id)
        for request_id, status, batch_id in rows:
            found[request_id] = status
            parts = held[request_id], given[batch_id] if batch_id else 0
            wanted = {"pending": (self._EACH, 0), "approved": (0, self._EACH)}.get(status, (0, 0))
            if parts != wanted:
                wrong.append(f"request {request_id} is {status}: {parts} records are held and given")
        return _differences("request", self._requests, found) + wrong


async def _counts(session: ReadSession, column: Any) -> Counter[str]:
    rows = await session.execute(select(column, func.count()).where(column.is_not(None)).group_by(column))
    return Counter({row[0]: row[1] for row in rows})


class Reserver(Client):
    """An admin who reserves customers of a pool from which others deal, and releases them."""

    def __init__(
        self, account: Account, seed: int, counts: Counts, pool: Stored, owners: list[Account], keys: list[str]
    ) -> None:
        super().__init__(account, seed, counts)
        self._pool = pool
        self._owners = owners
        self._free = keys
        self._active: list[tuple[str, str]] = []
        self.reservations: dict[str, str] = {}

    async def step(self) -> None:
        if len(self._active) > 30 or (self._active and self.rng.random() < 0.4):
            reservation_id, key = self._active.pop(0)

            def released(_: Any) -> None:
                self.reservations[reservation_id] = "released"
                self._free.append(key)

            def otherwise(answer: httpx.Response) -> bool:
                if _is_in_state("released")(answer):
                    released(None)
                    return True
                return False

            path = f"/api/reserved-members/{reservation_id}"
            await self.write("DELETE", path, None, released, keyed=False, otherwise=otherwise)
            return
        key = self._free.pop(self.rng.randrange(len(self._free)))
        body = {
            "customer_id": key,
            "product_id": self._pool.product_id,
            "staff_id": self.rng.choice(self._owners).id,
        }

        def reserved(answer: Any) -> None:
            self.reservations[answer["id"]] = "approved"
            self._active.append((answer["id"], key))

        await self.write("POST", "/api/reserved-members", body, reserved)

    async def check(self, session: ReadSession) -> list[str]:
        mine = select(Reservation.id, Reservation.status).where(Reservation.created_by == self.account.id)
        found = {row[0]: row[1] for row in await session.execute(mine)}
        return _differences("reservation", self.reservations, found)


class Planner(Client):
    """An admin who has jobs run."""

    _KEYS = ("rollup_check", "health", "trash_purge", "request_expiry", "retention_check", "follow_up_check",
             "work_figures_check", "session_cleanup")  # fmt: skip

    def __init__(self, account: Account, seed: int, counts: Counts) -> None:
        super().__init__(account, seed, counts)
        self.runs: dict[str, str] = {}

    async def step(self) -> None:
        job = self.rng.choice(self._KEYS)
        await self.write(
            "POST", f"/api/jobs/{job}/run", None, lambda answer: self._asked(job, answer),
            otherwise=lambda answer: answer.status_code == 409,
        )  # fmt: skip
        await asyncio.sleep(self.rng.uniform(0, 0.2))

    def _asked(self, job: str, answer: Any) -> None:
        self.runs[answer["open_run"]["id"]] = job

    async def check(self, session: ReadSession) -> list[str]:
        rows = await session.execute(select(JobRun.id, JobRun.job_key))
        found = {row[0]: row[1] for row in rows if row[0] in self.runs}
        return _differences("run", self.runs, found)
