"""The clients that bring files: of customers, which are stored piece by piece, and of deposits, booked in one transaction."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from bench.killing.client import Client, Counts, Line, Violation
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.db.session import ReadSession
from crm_boost.deposits.models import Deposit
from crm_boost.uploads.models import Import
from tests.support.factories import Account

_PARTS = ("stored", "duplicates", "rejected", "reserved_skipped", "blank")
_BOOKED_PARTS = ("approved", "pending", "duplicates", "rejected", "blank")


@dataclass
class _File:
    """An import as its client knows it. `told` is the newest state that cannot be taken back by a crash."""

    name: str
    told: str = "uploaded"
    result: dict[str, Any] = field(default_factory=dict)


class Importer(Client):
    """An admin who uploads files and confirms them, takes up what a crash broke off, and now and then undoes one."""

    path = "/api/imports"
    parts = _PARTS
    can_be_undone = 0.2

    def __init__(self, account: Account, seed: int, counts: Counts, product: str, staff: Account) -> None:
        """`product`: its id, or its name where the files name it."""
        super().__init__(account, seed, counts)
        self.product = product
        self.staff = staff
        self.files: dict[str, _File] = {}
        self._current: str | None = None

    async def step(self) -> None:
        if self._current is None:
            name = self.name()
            content = self.content(name, self.rng.randint(20, 600))
            item = await self.upload(self.path, content, f"{name}.csv", self.form())
            self._current = item["id"]
            self.files[item["id"]] = _File(name)
            return
        file, address = self.files[self._current], f"{self.path}/{self._current}"
        item = await self.read(address)
        match item["state"]:
            case "analysing" | "importing":
                await asyncio.sleep(0.02)
            case "ready":
                await self._tell("POST", f"{address}/commit", self.confirmation(file.name))
            case "failed" if item["error"]["code"] == "interrupted":
                await self._tell("PATCH", address, {})
            case "done":
                self._done(file, item["result"])
                if self.rng.random() < self.can_be_undone:
                    await self._tell("POST", f"{address}/undo", None)
                    file.told = "undone"
                self._current = None
            case "undone" if file.told == "done":
                # What it answered was lost with the server.
                file.told, self._current = "undone", None
            case state:
                raise Violation(f"{address} is {state}: {item['error']}")

    def _done(self, file: _File, result: dict[str, Any]) -> None:
        if sum(result[part] for part in self.parts) != result["rows_total"]:
            raise Violation(f"the rows of {file.name} do not add up: {result}")
        if file.told == "done" and file.result != result:
            raise Violation(f"{file.name} had the result {file.result} and has {result}")
        file.told, file.result = "done", result

    async def _tell(self, method: str, path: str, body: Any) -> None:
        await self.write(method, path, body, lambda _: None, keyed=False)

    async def settle(self, line: Line) -> None:
        """What a command brought about is read from the state of the import: it is not repeated blindly."""
        self.drop_unsure()
        await super().settle(line)

    def form(self) -> dict[str, str]:
        """What goes with the file."""
        return {"module": "bonanza", "product_id": self.product}

    def confirmation(self, name: str) -> dict[str, Any]:
        """What is confirmed."""
        return {"name": name, "duplicates": "skip", "reserved": "store"}

    def content(self, name: str, rows: int) -> bytes:
        """A file; every fiftieth row is there twice, every seventieth has no customer."""
        lines = ["username,name,phone"]
        for row in range(rows):
            customer = "" if row % 70 == 69 else f"{name}-{row - 1 if row % 50 == 49 else row}"
            lines.append(f"{customer},Person {row},0812{row:07d}")
        return "\n".join(lines).encode()

    async def check(self, session: ReadSession) -> list[str]:
        mine = select(Import.id, Import.state, Import.result, Import.error_code, Import.database_id).where(
            Import.created_by == self.account.id
        )
        rows = {row.id: row for row in await session.execute(mine)}
        there = await self.rows_there(session)
        wrong = [f"import {key} is missing" for key in self.files.keys() - rows.keys()]
        for key, row in rows.items():
            file = self.files.get(key, _File("?"))
            if file.told in {"done", "undone"} and row.state not in {file.told, "undone"}:
                wrong.append(f"import {key} was {file.told} and is {row.state}")
            if row.state == "failed" and row.error_code != "interrupted":
                wrong.append(f"import {key} failed: {row.error_code}")
            if row.state in {"analysing", "importing"}:
                wrong.append(f"import {key} is still {row.state} after the restart")
            expected = self.kept_of(row.result) if row.state == "done" else 0
            count = there.get(self.place_of(key, row), 0)
            if count != expected:
                wrong.append(f"import {key} is {row.state} and has {count} rows instead of {expected}")
        return wrong

    def kept_of(self, result: dict[str, Any]) -> int:
        """How many rows of the file must be there."""
        return int(result["stored"])

    def place_of(self, _import_id: str, row: Any) -> str:
        """What `rows_there` counts the rows of this import under."""
        return str(row.database_id)

    async def rows_there(self, session: ReadSession) -> dict[str, int]:
        """How many rows are stored, by database."""
        counted = (
            select(CustomerDatabase.id, func.count(Record.seq))
            .join(Record, Record.database_id == CustomerDatabase.id)
            .where(CustomerDatabase.uploaded_by == self.account.id)
            .group_by(CustomerDatabase.id)
        )
        return {row[0]: row[1] for row in await session.execute(counted)}


class DepositImporter(Importer):
    """The same with files of deposits."""

    path = "/api/deposit-imports"
    parts = _BOOKED_PARTS
    can_be_undone = 0.0

    def form(self) -> dict[str, str]:
        return {}

    def confirmation(self, name: str) -> dict[str, Any]:
        return {"duplicates": "skip"}

    def content(self, name: str, rows: int) -> bytes:
        lines = ["Tanggal,Customer ID,Product,Nominal,Staff"]
        lines += [
            f"{row % 28 + 1:02d}/06/2025,{name}-{row % 9},{self.product},{(row + 1) * 1000},{self.staff.name}"
            for row in range(rows // 5)
        ]
        return "\n".join(lines).encode()

    def kept_of(self, result: dict[str, Any]) -> int:
        return int(result["approved"] + result["pending"])

    def place_of(self, import_id: str, _row: Any) -> str:
        return self.files[import_id].name if import_id in self.files else "?"

    async def rows_there(self, session: ReadSession) -> dict[str, int]:
        """How many deposits are in the ledger, by the name of the file."""
        mine = select(Deposit.customer_key).where(Deposit.created_by == self.account.id)
        found: dict[str, int] = {}
        for key in await session.scalars(mine):
            name = key.rpartition("-")[0]
            found[name] = found.get(name, 0) + 1
        return found
