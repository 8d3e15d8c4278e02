"""An admin with a file of deposits: what the screens call, and what the ledger then holds."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select

from crm_boost.db.engine import Database
from crm_boost.deposits.models import Deposit, DepositDay, DepositEvent, DepositKey, ImportedDeposit
from crm_boost.uploads.runner import ImportRunner
from tests.support.factories import Account

PATH = "/api/deposit-imports"
HEADER = ("Tanggal", "Customer ID", "Product", "Nominal", "Staff")
PARTS = ("approved", "pending", "duplicates", "rejected", "blank")


def csv_file(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    """A CSV file with these rows."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows([header, *rows])
    return written.getvalue().encode()


@dataclass
class DepositDesk:
    """One admin, two staff, two products."""

    app: FastAPI
    client: httpx.AsyncClient
    admin: Account
    ana: Account
    budi: Account
    alpha: str
    beta: str

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    @property
    def runner(self) -> ImportRunner:
        runner: ImportRunner = self.app.state.imports
        return runner

    async def call(self, method: str, path: str = "", who: Account | None = None, **content: Any) -> httpx.Response:
        """Call an address of imports of deposits, as the admin unless somebody else is named."""
        return await self.client.request(method, f"{PATH}{path}", headers=(who or self.admin).auth, **content)

    async def post_file(self, content: bytes, filename: str = "june.csv", who: Account | None = None) -> httpx.Response:
        """Upload a file."""
        return await self.call("POST", who=who, files={"file": (filename, content)})

    async def uploaded(self, content: bytes, filename: str = "june.csv") -> dict[str, Any]:
        """Upload and wait for the end of the analysis."""
        answer = await self.post_file(content, filename)
        assert answer.status_code == 202, answer.text
        return await self.settled(answer.json()["id"])

    async def settled(self, import_id: str) -> dict[str, Any]:
        """The import when nobody works on it any more."""
        await self.runner.wait(import_id)
        return await self.get(import_id)

    async def get(self, import_id: str) -> dict[str, Any]:
        """One import."""
        answer = await self.call("GET", f"/{import_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def mapped(self, item: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Change the mapping, and wait for the new analysis."""
        body = {"mapping": {**item["mapping"], **changes}}
        answer = await self.call("PATCH", f"/{item['id']}", json=body)
        assert answer.status_code == 202, answer.text
        return await self.settled(item["id"])

    async def committed(self, import_id: str, duplicates: str = "skip") -> dict[str, Any]:
        """Confirm, and wait until the rows are booked."""
        answer = await self.call("POST", f"/{import_id}/commit", json={"duplicates": duplicates})
        assert answer.status_code == 202, answer.text
        return await self.settled(import_id)

    async def booked(self, rows: Sequence[Sequence[str]], duplicates: str = "skip") -> dict[str, Any]:
        """The whole way; the finished import."""
        item = await self.uploaded(csv_file(rows))
        assert item["state"] == "ready", item["error"]
        done = await self.committed(item["id"], duplicates)
        assert done["state"] == "done", done["error"]
        assert done["result"]["rows_total"] == sum(done["result"][part] for part in PARTS)
        return done

    async def rejected_rows(self, import_id: str) -> list[list[str]]:
        """The file of the rows left out, without its header."""
        answer = await self.call("GET", f"/{import_id}/rejected", params={"format": "csv"})
        assert answer.status_code == 200, answer.text
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))[1:]

    async def counts(self) -> tuple[int, ...]:
        """How many deposits, keys of customers, roll-ups, events and links are stored."""
        return await ledger_counts(self.database)


async def ledger_counts(database: Database) -> tuple[int, ...]:
    """How many deposits, keys of customers, roll-ups, events and links are stored."""
    tables = (Deposit, DepositKey, DepositDay, DepositEvent, ImportedDeposit)
    async with database.read() as session:
        return tuple([(await session.scalar(select(func.count()).select_from(table))) or 0 for table in tables])
