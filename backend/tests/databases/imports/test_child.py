"""The parsing child: limits, cancellation, progress, and nothing left behind (spec 2.2)."""

import asyncio
import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.child import stage_in_child
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.limits import MEBIBYTE, ImportLimits
from crm_boost.databases.imports.request import StageProgress, StageRequest
from tests.databases.imports.files import SAMPLE, read_staged, replace_part, request_for, write_csv, write_xlsx


def children() -> set[str]:
    """Return the processes, dead or alive, that this one has to collect."""
    me = str(os.getpid())
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == me:
            found.add(status.parent.name)
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def ignore(_: StageProgress) -> None:
    """Progress that nobody looks at."""


async def refusal(request: StageRequest) -> str:
    """Return the code of the refusal, having checked that no process and no file is left."""
    before = children()
    with pytest.raises(ImportRefused) as caught:
        await stage_in_child(request, ignore)
    assert children() <= before
    assert not list(Path(request.staging_path).parent.glob("*.staging*"))
    return caught.value.code


def large_csv(path: Path, rows: int = 150_000) -> Path:
    path.write_text("Username,Name\n" + "".join(f"user{number},Some Name\n" for number in range(rows)))
    return path


async def test_a_file_is_staged_in_a_child(tmp_path: Path) -> None:
    before = children()
    request = request_for(write_xlsx(tmp_path / "list.xlsx", SAMPLE))
    told: list[StageProgress] = []
    result = await stage_in_child(request, told.append)
    assert result.counts.ok == 3
    assert result.columns == SAMPLE[0]
    assert [row["customer_key"] for row in read_staged(Path(request.staging_path))] == ["sari01", "budi_77", "wati.x"]
    assert [item.phase for item in told] == ["reading", "staged"]
    assert children() <= before
    assert names(tmp_path) == ["list.xlsx", "list.xlsx.staging"]


async def test_progress_may_be_awaited_and_the_loop_goes_on(tmp_path: Path) -> None:
    request = request_for(large_csv(tmp_path / "list.csv"))
    told: list[StageProgress] = []
    longest = 0.0

    async def note(progress: StageProgress) -> None:
        await asyncio.sleep(0)
        told.append(progress)

    async def tick() -> None:
        nonlocal longest
        clock = asyncio.get_running_loop().time
        while True:
            at = clock()
            await asyncio.sleep(0.001)
            longest = max(longest, clock() - at)

    ticker = asyncio.create_task(tick())
    await stage_in_child(request, note)
    ticker.cancel()
    assert [item.rows_done for item in told] == sorted(item.rows_done for item in told)
    assert told[-1] == StageProgress("staged", 150_000, 150_000)
    assert longest < 0.05


async def test_refusals_come_back_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Username,Name\n")
    assert await refusal(request_for(path)) == errors.HEADER_ONLY
    path.write_text("Name,City\nSari,Solo\n")
    with pytest.raises(ImportRefused) as caught:
        await stage_in_child(request_for(path, require_username=True), ignore)
    assert caught.value.field == "mapping.username"
    assert "Name, City" in caught.value.message


async def test_cancelling_kills_the_child(tmp_path: Path) -> None:
    before = children()
    request = request_for(large_csv(tmp_path / "list.csv", 400_000))
    started = asyncio.Event()
    task = asyncio.create_task(stage_in_child(request, lambda item: started.set() if item.rows_done else None))
    await asyncio.wait_for(started.wait(), 20)
    assert children() > before
    assert request.part_path.exists()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() <= before
    assert names(tmp_path) == ["list.csv"]


async def test_a_child_that_takes_too_long(tmp_path: Path) -> None:
    request = request_for(large_csv(tmp_path / "list.csv"), limits={"child_wall_seconds": 0.2})
    assert await refusal(request) == errors.TOO_SLOW


async def test_a_child_that_computes_too_much(tmp_path: Path) -> None:
    """A processor limit of a second; the file needs more."""
    request = request_for(large_csv(tmp_path / "list.csv", 900_000), limits={"child_cpu_seconds": 1})
    assert await refusal(request) == errors.TOO_SLOW


FAR_CELL = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'


async def test_a_child_that_needs_too_much_memory(tmp_path: Path) -> None:
    """A cell in the last row and the last column, for the reader that holds the whole sheet: 17 thousand million cells."""
    path = write_xlsx(tmp_path / "list.xlsx", SAMPLE)
    replace_part(
        path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", b"<!-- unusual -->" + FAR_CELL)
    )
    assert await refusal(request_for(path)) == errors.TOO_MUCH_MEMORY


async def test_a_far_cell_costs_the_streaming_reader_nothing(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", SAMPLE)
    replace_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", FAR_CELL))
    limits = {"child_memory_bytes": 256 * MEBIBYTE}
    assert await refusal(request_for(path, limits=limits)) == errors.TOO_MANY_ROWS


async def test_a_large_workbook_in_little_memory(tmp_path: Path) -> None:
    """Two hundred thousand rows in 160 MB of address space, interpreter and libraries included."""
    path = write_xlsx(tmp_path / "list.xlsx", SAMPLE)
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>user%d</t></is></c><c r="B%d"><v>%d</v></c></row>'
    body = b"".join(row % (n, n, n, n, n) for n in range(5, 200_005))
    replace_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", body + b"</sheetData>"))
    result = await stage_in_child(request_for(path, limits={"child_memory_bytes": 160 * MEBIBYTE}), ignore)
    assert result.counts.ok == 200_003


async def test_a_text_file_past_the_memory_limit(tmp_path: Path) -> None:
    request = request_for(large_csv(tmp_path / "list.csv", 700_000), limits={"child_memory_bytes": 64 * MEBIBYTE})
    assert await refusal(request) == errors.TOO_MUCH_MEMORY


async def test_a_child_that_dies_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that crashes the interpreter: here the interpreter is one that ends at once."""
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert await refusal(request_for(write_csv(tmp_path / "list.csv", SAMPLE))) == errors.UNREADABLE


async def test_the_server_refuses_bombs_without_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a child was started")

    path = write_csv(tmp_path / "list.csv", SAMPLE)
    monkeypatch.setattr("asyncio.create_subprocess_exec", never)
    request = dataclasses.replace(request_for(path), limits=ImportLimits(max_file_bytes=10))
    assert await refusal(request) == errors.TOO_LARGE


async def test_several_at_once(tmp_path: Path) -> None:
    requests = [request_for(large_csv(tmp_path / f"list{number}.csv", 2000)) for number in range(4)]
    results = await asyncio.gather(*(stage_in_child(request, ignore) for request in requests))
    assert [result.counts.ok for result in results] == [2000] * 4
