"""What the bench scripts share: the report, files to import, and a desk of its own on either database.

Every desk lives in a temporary folder and is removed at the end; PostgreSQL is a throw-away server with fsync on.
`BENCH_SIZE=0.1` runs a script on a tenth of its rows while writing it; `BENCH_DATABASE=sqlite` leaves PostgreSQL out.
"""

import io
import os
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import psycopg
import uvloop

from crm_boost.db.engine import Database
from crm_boost.db.migrate import upgrade
from crm_boost.demo.people import BANKS, CITIES, FAMILY, GIVEN
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import Principal
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.settings import DatabaseSettings, JobSettings, Settings
from crm_boost.uploads.models import ImportState
from crm_boost.uploads.runner import ImportRunner
from crm_boost.uploads.schemas import CommitRequest
from crm_boost.uploads.service import UploadedFile, require_import, upload
from crm_boost.uploads.service import commit as confirm
from crm_boost.wiring import build_bus
from tests.support import postgres
from tests.support.factories import Account, make_product, make_user

SIZE = float(os.environ.get("BENCH_SIZE", "1"))
KINDS = tuple(os.environ.get("BENCH_DATABASE", "sqlite postgresql").split())
COLUMNS = ("Username", "Full Name", "Phone Number", "City", "Bank", "Joined", "Balance", "Remarks")


def sized(count: int) -> int:
    """Return a number of rows, smaller while a script is being written."""
    return max(int(count * SIZE), 200)


class Report:
    """Prints the figures; `exit_code` is 1 when one of them is short."""

    def __init__(self) -> None:
        self.exit_code = 0
        if SIZE != 1:
            self.note(f"only {SIZE:g} of the rows: these figures prove nothing")

    def at_least(self, name: str, figure: float, bound: float, unit: str = "x") -> None:
        """Report a figure that must not be below `bound`."""
        self._line(name, f"{figure:.2f}{unit}", f">={bound:g}{unit}", figure >= bound)

    def at_most(self, name: str, figure: float, bound: float, unit: str = "") -> None:
        """Report a figure that must not be above `bound`."""
        self._line(
            name, f"{figure:.2f}{unit}" if figure % 1 else f"{figure:g}{unit}", f"<={bound:g}{unit}", figure <= bound
        )

    def note(self, text: str) -> None:
        """Report something beside the promise."""
        self._write(f"# {text}")

    def _line(self, name: str, figure: str, bound: str, kept: bool) -> None:
        self._write(f"{name} {figure} {bound} {'ok' if kept else 'short'}")
        if not kept:
            self.exit_code = 1

    @staticmethod
    def _write(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values are."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def median_seconds(work: Callable[[], object], times: int) -> float:
    """Run `work` so many times and return the median of its seconds."""
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


# --- files -----------------------------------------------------------------------------------------------------------


def customer_rows(count: int, prefix: str) -> Iterator[list[str]]:
    """Yield rows of customers that no other prefix has; every hundredth is there twice."""
    for i in range(count):
        n = i - 1 if i % 100 == 99 else i
        given, family = GIVEN[n % len(GIVEN)], FAMILY[n * 7 % len(FAMILY)]
        yield [
            f"{prefix}{given.lower()}{n * 7919 % 10_000_019}",
            f"{given} {family}",
            f"08{11 + n % 80:02d}00{n * 104_729 % 1_000_000:06d}",
            CITIES[n % len(CITIES)],
            BANKS[n % len(BANKS)],
            f"{1 + n % 28:02d}/{1 + n % 12:02d}/2025",
            str(n * 13 % 5_000_000),
            "call after 17:00" if n % 5 == 0 else "",
        ]


def write_csv(path: Path, count: int, prefix: str) -> Path:
    """Write a CSV file of customers."""
    with path.open("w", encoding="utf-8") as target:
        target.write(",".join(COLUMNS) + "\r\n")
        target.writelines(",".join(row) + "\r\n" for row in customer_rows(count, prefix))
    return path


def write_xlsx(path: Path, count: int, prefix: str) -> Path:
    """Write a workbook as spreadsheet programs do, with shared strings; balances are numbers."""
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in _XLSX_PARTS.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            sheet = io.TextIOWrapper(part, encoding="utf-8", newline="")
            sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>')
            for number, row in enumerate(_with_header(count, prefix), start=1):
                sheet.write(f'<row r="{number}">')
                for letter, text in zip("ABCDEFGH", row, strict=True):
                    if letter == "G" and number > 1:
                        sheet.write(f'<c r="G{number}"><v>{text}</v></c>')
                    elif text:
                        at = strings.setdefault(text, len(strings))
                        sheet.write(f'<c r="{letter}{number}" t="s"><v>{at}</v></c>')
                sheet.write("</row>")
            sheet.write("</sheetData></worksheet>")
            sheet.flush()
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            shared = io.TextIOWrapper(part, encoding="utf-8", newline="")
            shared.write(f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{len(strings)}">')
            shared.writelines(f"<si><t>{escape(text)}</t></si>" for text in strings)
            shared.write("</sst>")
            shared.flush()
    return path


def _with_header(count: int, prefix: str) -> Iterator[Sequence[str]]:
    yield COLUMNS
    yield from customer_rows(count, prefix)


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XLSX_PARTS = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>'
    '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOC}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_DOC}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


# --- a desk ----------------------------------------------------------------------------------------------------------


@contextmanager
def installation(kind: str) -> Iterator[Settings]:
    """Settings of an empty, migrated desk on SQLite or PostgreSQL that is removed at the end of the block. Nothing runs by
    the clock: rows that a script puts in by itself would keep the jobs of the night busy while it measures."""
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as folder:
        data_dir = Path(folder) / "data"
        data_dir.mkdir()
        jobs = JobSettings(enabled=False)
        if kind == "sqlite":
            settings = Settings(data_dir=data_dir, jobs=jobs)
            upgrade(settings.database_url)
            yield settings
            return
        server = postgres.start(durable=True)
        try:
            _write_its_log_files(server.url)
            database = DatabaseSettings(url=server.url, pool_size=24)
            settings = Settings(data_dir=data_dir, database=database, jobs=jobs)
            upgrade(settings.database_url)
            yield settings
        finally:
            server.stop()


def _write_its_log_files(url: str) -> None:
    """Let a new server make the files of its log once, as many as it fills between two checkpoints under such load: one
    that has had it for an hour has long done so, and writes them over. Making each of them holds up the commit that needs
    it, for the sixteen megabytes that are flushed to the disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT pg_size_bytes(current_setting('max_wal_size')) / pg_size_bytes(current_setting('wal_segment_size'))"
            " / (1 + current_setting('checkpoint_completion_target')::float)"
        ).fetchone()
        for _ in range(int(row[0]) if row else 0):
            connection.execute("SELECT pg_logical_emit_message(true, 'bench', '')")
            connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk with people and a product."""

    settings: Settings
    database: Database
    runner: ImportRunner
    owner: Account
    staff: list[Account]
    product_id: str

    async def store(self, path: Path, module: str = "normal") -> str:
        """Import a file the way the server does and return the id of its database."""
        principal = Principal(self.owner.id, self.owner.name, self.owner.role, frozenset(), "")
        with path.open("rb") as content:
            item = await upload(
                self.database,
                self.settings,
                str(self.runner.name),
                principal,
                UploadedFile(content, path.name),
                module=module,
                product_id=self.product_id,
            )
        await self._until(item.id, ImportState.READY)
        async with self.database.write() as session:
            request = CommitRequest(name=path.stem, duplicates="import")
            confirmed = await confirm(session, str(self.runner.name), item.id, request)
        await self._until(item.id, ImportState.DONE)
        assert confirmed.database_id is not None
        return confirmed.database_id

    async def _until(self, import_id: str, state: ImportState) -> None:
        self.runner.submit(import_id)
        await self.runner.wait(import_id)
        async with self.database.read() as session:
            item = await require_import(session, import_id)
        if item.state != state:
            raise RuntimeError(f"the import is {item.state}: {item.error_message}")


@asynccontextmanager
async def open_desk(settings: Settings, staff: int = 4) -> AsyncIterator[Desk]:
    """Open the database of an installation and put people and a product into it."""
    database = Database(settings, build_bus())
    try:
        owner = await make_user(database, Role.MASTER_ADMIN)
        people = [await make_user(database) for _ in range(staff)]
        product_id = await make_product(database)
        enter_context(ActionContext(actor_id=owner.id, actor_name=owner.name))
        yield Desk(settings, database, ImportRunner(database, settings), owner, people, product_id)
    finally:
        await database.dispose()


def run_on_each(report: Report, measure: Callable[[Report, str, Settings], Coroutine[Any, Any, None]]) -> int:
    """Run `measure` on a desk of each database; answers the exit code of the script."""
    for kind in KINDS:
        with installation(kind) as settings:
            # On the event loop that the server runs on.
            uvloop.run(measure(report, kind, settings))
    return report.exit_code
