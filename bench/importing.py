"""Imports through a running server, and the usual way to do the same: a data frame and one executemany."""

import asyncio
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pandas
import psycopg
from sqlalchemy.engine import make_url

from bench.support import open_desk
from crm_boost.databases.models import CustomerDatabase
from crm_boost.databases.repository import allocate_seqs
from crm_boost.databases.states import DatabaseState
from crm_boost.db.engine import Database
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from crm_boost.settings import Settings
from tests.support.factories import Account
from tests.support.live import LiveServer, serving

_MODULE = "normal"


@dataclass(frozen=True, slots=True)
class Importer:
    """A signed-in admin of a running server."""

    server: LiveServer
    settings: Settings
    client: httpx.Client
    owner: Account
    product_id: str

    def store(self, path: Path, every: float = 0.02) -> tuple[float, dict[str, Any]]:
        """Upload, analyse, confirm and store a file; return the seconds and the result."""
        started = time.perf_counter()
        with path.open("rb") as content:
            answer = self.client.post(
                "/api/imports",
                data={"module": _MODULE, "product_id": self.product_id},
                files={"file": (path.name, content)},
            )
        answer.raise_for_status()
        address = f"/api/imports/{answer.json()['id']}"
        self._until(address, "ready", every)
        body = {"name": path.stem, "duplicates": "skip", "reserved": "store"}
        self.client.post(f"{address}/commit", json=body).raise_for_status()
        result: dict[str, Any] = self._until(address, "done", every)["result"]
        return time.perf_counter() - started, result

    def cpu_seconds(self) -> float:
        """Return the processor time the server and its finished children have used so far."""
        fields = Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def _until(self, address: str, state: str, every: float) -> dict[str, Any]:
        while True:
            item: dict[str, Any] = self.client.get(address).raise_for_status().json()
            if item["state"] == state:
                return item
            if item["state"] not in ("analysing", "importing"):
                raise RuntimeError(f"the import is {item['state']}: {item['error']}")
            time.sleep(every)


@contextmanager
def importer(settings: Settings) -> Iterator[Importer]:
    """Start a server on an installation and sign in."""

    async def prepare() -> tuple[Account, str]:
        async with open_desk(settings, staff=1) as desk:
            return desk.owner, desk.product_id

    owner, product_id = asyncio.run(prepare())
    log = settings.data_dir.parent / "server.log"
    with (
        serving(settings, log) as server,
        httpx.Client(base_url=server.url, headers=owner.auth, timeout=120) as client,
    ):
        yield Importer(server, settings, client, owner, product_id)


# --- the usual way ---------------------------------------------------------------------------------------------------

_INSERT = (
    "INSERT INTO customer_records (seq, id, database_id, product_id, row_number, row_data, customer_key, display_name,"
    " phone, phone_e164, search_text, state) VALUES ({})"
)


class UsualWay:
    """Reads a file with pandas and inserts its rows by one executemany into the same table of the same database.

    It does less than an import: no look-up of duplicates and reservations, no search index on SQLite, no customer keys.
    """

    def __init__(self, importer: Importer) -> None:
        self._importer = importer
        self._url = importer.settings.database_url

    def workbook(self, path: Path) -> int:
        """pandas.read_excel with openpyxl, rows by itertuples."""
        frame = pandas.read_excel(path, engine="openpyxl", dtype=str, keep_default_na=False)
        return self._insert([list(row) for row in frame.itertuples(index=False, name=None)])

    def text(self, path: Path) -> int:
        """pandas.read_csv, rows by iterrows."""
        frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
        return self._insert([[row[name] for name in frame.columns] for _, row in frame.iterrows()])

    def _insert(self, cells: list[list[str]]) -> int:
        database_id, first = self._new_database(len(cells))
        seen: set[str] = set()
        rows = []
        for number, row in enumerate(cells, start=1):
            key = "".join(row[0].lower().split())
            if not key or key in seen:
                continue
            seen.add(key)
            phone = "+62" + row[2].removeprefix("0")
            search = f"{key}\n{row[1].lower()}\n{row[2]}\n{phone}"
            rows.append(
                (
                    first + number - 1,
                    new_id(),
                    database_id,
                    self._importer.product_id,
                    number,
                    json.dumps(row, ensure_ascii=False),
                    key,
                    row[1],
                    row[2],
                    phone,
                    search,
                    "available",
                )
            )
        if self._url.startswith("sqlite"):
            self._into_sqlite(rows)
        else:
            self._into_postgresql(rows)
        return len(rows)

    def _into_sqlite(self, rows: list[tuple[Any, ...]]) -> None:
        path = make_url(self._url).database
        assert path is not None
        connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT.format(",".join("?" * 12)), rows)
        connection.execute("COMMIT")
        connection.close()

    def _into_postgresql(self, rows: list[tuple[Any, ...]]) -> None:
        url = self._url.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            cursor.executemany(_INSERT.format(",".join(["%s"] * 12)), rows)

    def _new_database(self, rows: int) -> tuple[str, int]:
        async def create() -> tuple[str, int]:
            database = Database(self._importer.settings)
            try:
                async with database.write() as session:
                    first = await allocate_seqs(session, rows)
                    item = CustomerDatabase(
                        id=new_id(),
                        module=_MODULE,
                        product_id=self._importer.product_id,
                        name="usual",
                        filename="usual",
                        file_hash=new_id(),
                        state=DatabaseState.READY,
                        columns=[],
                        mapping={},
                        first_seq=first,
                        last_seq=first + rows - 1,
                        uploaded_at=utc_now(),
                        uploaded_by_name="bench",
                    )
                    session.add(item)
                return item.id, first
            finally:
                await database.dispose()

        return asyncio.run(create())


# --- memory ----------------------------------------------------------------------------------------------------------


class Memory:
    """Watches how much memory a process holds (resident, not shared with files)."""

    def __init__(self, pid: int) -> None:
        self._path = Path(f"/proc/{pid}/statm")
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._over = threading.Event()
        self.peak = 0

    def now(self) -> int:
        """Return the bytes held now."""
        _, resident, shared, *_ = map(int, self._path.read_text().split())
        return (resident - shared) * self._page

    def __enter__(self) -> "Memory":
        self.before = self.peak = self.now()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.peak = max(self.peak, self.now())

    @property
    def growth_megabytes(self) -> float:
        """How much more the process held at its peak than in the beginning."""
        return (self.peak - self.before) / 1024 / 1024
