"""An admin at the wizard: what the screens call, and what the database then holds."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select

from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.db.engine import Database
from crm_boost.uploads.runner import ImportRunner
from tests.support.factories import Account
from tests.support.search_index import unfindable_records

HEADER = ["Username", "Full Name", "Phone"]


def csv_bytes(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    """A CSV file with these rows."""
    text_file = io.StringIO(newline="")
    csv.writer(text_file).writerows([header, *rows])
    return text_file.getvalue().encode()


def people(count: int, prefix: str = "sari") -> list[list[str]]:
    """Neutral rows, every customer once."""
    return [[f"{prefix}{i}", f"Person {i}", f"0812{i:07d}"] for i in range(count)]


@dataclass
class Desk:
    """One admin, one product, one module."""

    app: FastAPI
    client: httpx.AsyncClient
    admin: Account
    product_id: str
    module: str = "bonanza"

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    @property
    def runner(self) -> ImportRunner:
        runner: ImportRunner = self.app.state.imports
        return runner

    @property
    def uploads(self) -> Path:
        folder: Path = self.app.state.settings.data_dir / "uploads"
        return folder

    async def post_file(self, content: bytes, filename: str = "customers.csv", **fields: str) -> httpx.Response:
        """POST /api/imports."""
        data = {"module": self.module, "product_id": self.product_id, **fields}
        return await self.client.post("/api/imports", files={"file": (filename, content)}, data=data)

    async def upload(self, content: bytes, filename: str = "customers.csv", **fields: str) -> dict[str, Any]:
        """Upload and wait for the end of the analysis."""
        answer = await self.post_file(content, filename, **fields)
        assert answer.status_code == 202, answer.text
        return await self.settled(answer.json()["id"])

    async def settled(self, import_id: str) -> dict[str, Any]:
        """The import when nobody works on it any more."""
        await self.runner.wait(import_id)
        return await self.get(import_id)

    async def get(self, import_id: str) -> dict[str, Any]:
        """GET /api/imports/{id}."""
        answer = await self.client.get(f"/api/imports/{import_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def choose(self, import_id: str, **choice: Any) -> dict[str, Any]:
        """PATCH, and wait for the new analysis."""
        answer = await self.client.patch(f"/api/imports/{import_id}", json=choice)
        assert answer.status_code == 202, answer.text
        return await self.settled(import_id)

    async def post_commit(
        self, import_id: str, duplicates: str = "skip", reserved: str = "store", name: str = "Customers"
    ) -> httpx.Response:
        """POST …/commit."""
        body = {"name": name, "duplicates": duplicates, "reserved": reserved}
        return await self.client.post(f"/api/imports/{import_id}/commit", json=body)

    async def commit(self, import_id: str, **choice: str) -> dict[str, Any]:
        """Confirm, and wait until the rows are stored."""
        answer = await self.post_commit(import_id, **choice)
        assert answer.status_code == 202, answer.text
        return await self.settled(import_id)

    async def imported(self, content: bytes, filename: str = "customers.csv", **choice: str) -> dict[str, Any]:
        """The whole way; the finished import."""
        item = await self.upload(content, filename)
        assert item["state"] == "ready", item["error"]
        done = await self.commit(item["id"], **choice)
        assert done["state"] == "done", done["error"]
        return done

    async def post(self, import_id: str, verb: str) -> httpx.Response:
        """POST /api/imports/{id}/{verb}."""
        return await self.client.post(f"/api/imports/{import_id}/{verb}")

    async def rejected(self, import_id: str, file_format: str = "csv") -> bytes:
        """The file of rejected rows."""
        answer = await self.client.get(f"/api/imports/{import_id}/rejected", params={"format": file_format})
        assert answer.status_code == 200, answer.text
        return answer.content

    async def rejected_rows(self, import_id: str) -> list[list[str]]:
        """The rejected rows without the header."""
        content = (await self.rejected(import_id)).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(content, newline="")))[1:]

    async def records(self, item: dict[str, Any], **query: str) -> list[dict[str, Any]]:
        """The records of an import's database, through the API."""
        path = f"/api/pools/{item['module']}/databases/{item['database_id']}/records"
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows

    async def databases(self) -> list[dict[str, Any]]:
        """The list of databases of the module."""
        answer = await self.client.get(f"/api/pools/{self.module}/databases")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows

    async def purged(self) -> None:
        """Let what was discarded be removed now."""
        await self.runner._purge()

    async def counts(self) -> tuple[int, int, int]:
        """How many databases, records and customer keys are stored, visible or not."""
        return await stored_counts(self.database)

    def files(self) -> set[str]:
        """What lies in the folder of uploads."""
        if not self.uploads.is_dir():
            return set()
        return {str(path.relative_to(self.uploads)) for path in self.uploads.rglob("*") if path.is_file()}


async def stored_counts(database: Database) -> tuple[int, int, int]:
    """How many databases, records and customer keys are stored; the search index must agree with the records."""
    async with database.read() as session:
        numbers = [
            (await session.scalar(select(func.count()).select_from(table))) or 0
            for table in (CustomerDatabase, Record, RecordKey)
        ]
        assert await unfindable_records(session, database) == 0
    return numbers[0], numbers[1], numbers[2]
