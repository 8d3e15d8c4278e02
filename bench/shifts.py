"""People of a team at work: what their browsers ask for, one after the other, with pauses as at a real desk.

A caller opens lists, reads a customer and writes to them on WhatsApp (which the server sees as the customer's page), notes
what came of it, books deposits, looks at Today. A manager reads lists, figures and charts, hands out records and imports
files. Everybody is signed in by a cookie and has the event stream open; what the stream says is read and not acted upon.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx

from bench.support import percentile
from crm_boost.kit.ids import new_id
from tests.support.factories import PASSWORD, Account

PAUSE_SECONDS = 10.0
"""What people take on average between two things they do."""
_RECORDS_EACH = 10
_ROWS_OF_A_FILE = 300
_PATIENCE_SECONDS = 120.0


@dataclass
class Tally:
    """What was asked and how it went. Errors are everything but what was wanted: also a stream that ended."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """A line for each address: how often, median, p95 and slowest in milliseconds."""
        found = sorted(self.seconds.items())
        return [
            f"{route}: {len(times)}x, median {percentile(times, 0.5) * 1000:.0f}, p95 {percentile(times, 0.95) * 1000:.0f},"
            f" slowest {max(times) * 1000:.0f} ms"
            for route, times in found
        ]

    @property
    def every(self) -> list[float]:
        """The seconds of all requests."""
        return [seconds for times in self.seconds.values() for seconds in times]


class Refused(Exception):
    """A request did not get what it should; it is counted already."""


@dataclass(frozen=True)
class Workplace:
    """Where people work: the address, the pools, and everybody who may be handed something."""

    url: str
    product_id: str
    databases: dict[str, str]
    staff_ids: list[str]
    today: date
    tally: Tally
    connections: httpx.AsyncHTTPTransport


class Person:
    """Somebody who works until the task is cancelled."""

    def __init__(self, place: Workplace, account: Account, seed: int) -> None:
        self.place = place
        self.account = account
        self.rng = random.Random(seed)
        self.client = httpx.AsyncClient(
            base_url=place.url, transport=place.connections, timeout=_PATIENCE_SECONDS, trust_env=False
        )
        self._number = 0

    async def shift(self, begin_after: float) -> None:
        """Sign in after a while, open the stream, and work."""
        await asyncio.sleep(begin_after)
        try:
            await self._sign_in()
        except Refused:
            return
        stream = asyncio.create_task(self._listen())
        try:
            while True:
                await asyncio.sleep(min(self.rng.expovariate(1 / PAUSE_SECONDS), 6 * PAUSE_SECONDS))
                deed = self.rng.choices([what for what, _ in self.deeds], [share for _, share in self.deeds])[0]
                try:
                    await deed()
                except Refused:
                    continue
        finally:
            stream.cancel()

    @property
    def deeds(self) -> list[tuple[Callable[[], Awaitable[None]], int]]:
        """What this person does, and how often."""
        raise NotImplementedError

    async def call(self, method: str, route: str, *, at: dict[str, str] | None = None, **content: Any) -> Any:
        """Send a request and return the body of the answer. `route` is what it is counted under, `at` fills its gaps."""
        name, started = f"{method} {route}", time.perf_counter()
        try:
            answer = await self.client.request(method, route.format(**(at or {})), **content)
        except httpx.HTTPError as error:
            self.place.tally.errors[f"{name}: {type(error).__name__}"] += 1
            raise Refused from error
        self.place.tally.seconds[name].append(time.perf_counter() - started)
        if not answer.is_success:
            self.place.tally.errors[f"{name}: {answer.status_code} {answer.json().get('detail')}"] += 1
            raise Refused
        return answer.json() if answer.content else None

    async def ponder(self) -> None:
        """Read what is on the screen, type."""
        await asyncio.sleep(self.rng.uniform(0.5, 4))

    def next_number(self) -> int:
        """A number this person has not used before."""
        self._number += 1
        return self._number

    async def _sign_in(self) -> None:
        who = {"email": self.account.email, "password": PASSWORD}
        signed_in = await self.call("POST", "/api/auth/login", json=who)
        self.client.headers["X-CSRF-Token"] = signed_in["csrf_token"]

    async def _listen(self) -> None:
        name, cookies = (
            "GET /api/stream",
            "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.client.cookies.jar),
        )
        address = httpx.URL(self.place.url)
        try:
            reader, writer = await asyncio.open_connection(address.host, address.port)
        except OSError as error:
            self.place.tally.errors[f"{name}: {type(error).__name__}"] += 1
            return
        try:
            writer.write(f"GET /api/stream HTTP/1.1\r\nHost: {address.host}\r\nCookie: {cookies}\r\n\r\n".encode())
            started = time.perf_counter()
            first = await reader.readline()
            self.place.tally.seconds[name].append(time.perf_counter() - started)
            if b" 200 " not in first:
                self.place.tally.errors[f"{name}: {first!r}"] += 1
                return
            while await reader.read(65_536):
                pass
            self.place.tally.errors[f"{name}: ended"] += 1
        except OSError as error:
            self.place.tally.errors[f"{name}: {type(error).__name__}"] += 1
        finally:
            writer.close()

    async def today(self) -> None:
        await self.call("GET", "/api/today")
        await self.call("GET", "/api/notifications", params={"limit": 20})


class Caller(Person):
    """A staff: works through what was handed out."""

    def __init__(self, place: Workplace, account: Account, seed: int) -> None:
        super().__init__(place, account, seed)
        self._list: list[dict[str, Any]] = []

    @property
    def deeds(self) -> list[tuple[Callable[[], Awaitable[None]], int]]:
        return [
            (self.work_a_record, 40), (self.open_a_list, 14), (self.book, 15), (self.today, 10), (self.follow_ups, 7),
            (self.own_deposits, 5), (self.search, 5), (self.progress, 4),
        ]  # fmt: skip

    async def open_a_list(self) -> None:
        groups = await self.call("GET", "/api/my/groups", params={"limit": 20})
        if groups:
            group = self.rng.choice(groups)
            of_group = {"group_kind": group["kind"], "group_id": group["id"], "limit": 50}
            self._list = await self.call("GET", "/api/my/records", params=of_group)

    async def work_a_record(self) -> None:
        if not self._list:
            await self.open_a_list()
            await self.ponder()
        if not self._list:
            return
        record = self._list.pop(self.rng.randrange(len(self._list)))
        await self.call("GET", "/api/records/{record_id}/timeline", at={"record_id": record["id"]})
        await self.ponder()
        await self._mark(record, whatsapp_status=self.rng.choice(["ada", "ada", "ceklis1", "tidak"]))
        if self.rng.random() < 0.5:
            await self.ponder()
            await self._mark(record, respond_status=self.rng.choice(["ya", "tidak", "tidak"]))
        if self.rng.random() < 0.3:
            await self.ponder()
            verdict = {"record_ids": [record["id"]], "is_valid": self.rng.random() < 0.8}
            if not verdict["is_valid"]:
                verdict["reason"] = "wrong_number"
            await self.call("POST", "/api/my/validate", json=verdict, headers={"Idempotency-Key": new_id()})
        if self.rng.random() < 0.1:
            note = {"text": "call after 17:00"}
            await self.call("POST", "/api/records/{record_id}/notes", at={"record_id": record["id"]}, json=note)

    async def _mark(self, record: dict[str, Any], **marks: str) -> None:
        await self.call("POST", "/api/my/marks", json={"marks": [{"record_id": record["id"], **marks}]})

    async def book(self) -> None:
        form = {
            "product_id": self.place.product_id,
            "record_date": self.place.today.isoformat(),
            "customer_id": f"{self.account.id[-6:]}-{self.rng.randrange(40)}",
            "nominal": self.rng.randrange(1, 50) * 10_000,
        }
        await self.call("POST", "/api/omset/preview", json={"rows": [form]})
        await self.ponder()
        await self.call("POST", "/api/omset", json=form, headers={"Idempotency-Key": new_id()})

    async def follow_ups(self) -> None:
        await self.call("GET", "/api/followups", params={"limit": 50})

    async def own_deposits(self) -> None:
        await self.call("GET", "/api/omset", params={"limit": 50})

    async def search(self) -> None:
        await self.call("GET", "/api/search", params={"q": self.rng.choice(["sari", "budi", "wati", "0812"])})

    async def progress(self) -> None:
        await self.call("GET", "/api/staff/target-progress")
        await self.call("GET", "/api/leaderboard")


class Manager(Person):
    """An admin: looks at figures, and keeps people supplied."""

    @property
    def deeds(self) -> list[tuple[Callable[[], Awaitable[None]], int]]:
        return [
            (self.today, 18), (self.pools, 20), (self.ledger, 15), (self.charts, 15), (self.report, 8), (self.standings, 8),
            (self.hand_out, 10), (self.bring_a_file, 2), (self.retention, 4),
        ]  # fmt: skip

    async def pools(self) -> None:
        module = self.rng.choice(list(self.place.databases))
        await self.call("GET", "/api/pools/{module}/databases", at={"module": module}, params={"limit": 50})
        await self.ponder()
        where = {"module": module, "database_id": self.place.databases[module]}
        await self.call(
            "GET", "/api/pools/{module}/databases/{database_id}/records", at=where,
            params={"limit": 50, "status": self.rng.choice(["available", "assigned"])},
        )  # fmt: skip

    async def ledger(self) -> None:
        await self.call("GET", "/api/omset/summary", params={"start_date": self.place.today.replace(day=1).isoformat()})
        await self.call("GET", "/api/omset", params={"limit": 50})

    async def charts(self) -> None:
        for chart in self.rng.sample(["business", "staff-performance", "deposit-trends", "revenue-heatmap"], 2):
            await self.call(
                "GET", f"/api/analytics/{chart}", params={"period": self.rng.choice(["week", "month", "year"])}
            )

    async def report(self) -> None:
        await self.call("GET", "/api/report-crm/data")

    async def standings(self) -> None:
        await self.call("GET", "/api/leaderboard/admin-progress")

    async def retention(self) -> None:
        await self.call("GET", "/api/retention/overview")

    async def hand_out(self) -> None:
        module = self.rng.choice(list(self.place.databases))
        receivers = self.rng.sample(self.place.staff_ids, min(4, len(self.place.staff_ids)))
        wanted = {
            "database_id": self.place.databases[module],
            "staff_ids": receivers,
            "quantity": _RECORDS_EACH * len(receivers),
        }
        key = {"Idempotency-Key": new_id()}
        await self.call("POST", "/api/pools/{module}/assign-random", at={"module": module}, json=wanted, headers=key)

    async def bring_a_file(self) -> None:
        name = f"{self.account.id[-6:]}-{self.next_number()}"
        rows = "".join(f"{name}-{row},Person {row},0813{row:07d}\n" for row in range(_ROWS_OF_A_FILE))
        item = await self.call(
            "POST", "/api/imports", data={"module": "bonanza", "product_id": self.place.product_id},
            files={"file": (f"{name}.csv", f"username,name,phone\n{rows}".encode())},
        )  # fmt: skip
        await self._until(item["id"], "ready")
        await self.call(
            "POST", "/api/imports/{import_id}/commit", at={"import_id": item["id"]},
            json={"name": name, "duplicates": "skip"},
        )  # fmt: skip
        await self._until(item["id"], "done")

    async def _until(self, import_id: str, state: str) -> None:
        for _ in range(round(_PATIENCE_SECONDS)):
            item = await self.call("GET", "/api/imports/{import_id}", at={"import_id": import_id})
            if item["state"] == state:
                return
            await asyncio.sleep(1)
        self.place.tally.errors[f"an import is not {state} but {item['state']}"] += 1
        raise Refused
