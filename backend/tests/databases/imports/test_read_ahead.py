"""A large file is read by a process of its own: nothing else changes, and nothing of it is left (ADR 67)."""

import asyncio
import csv
import ctypes
import fcntl
import gc
import os
import pickle
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from crm_boost.databases.imports import child, errors
from crm_boost.databases.imports.errors import ImportRefused, ReaderDied
from crm_boost.databases.imports.read_ahead import read_ahead
from crm_boost.databases.imports.source import Row, RowSource, SheetInfo, UnusualSheet
from crm_boost.databases.imports.staging import stage
from tests.databases.imports.ending_worker import note
from tests.databases.imports.files import (
    replace_part,
    request_for,
    stage_file,
    write_csv,
    write_ods,
    write_shared_xlsx,
    write_xls,
)
from tests.databases.imports.test_child import children, ignore, refusal

_BACKEND = Path(__file__).parents[3]
_SUBREAPER = 36
TABLE = [["Username", "Name", "Phone"], *[[f"u{at % 11_000}", f"Näme {at} & co", "0812"] for at in range(12_000)]]


class Numbers(RowSource):
    """Ten chunks of two rows; before the sixth, something happens to who reads them."""

    def __init__(self, happens: Callable[[], Any] = lambda: None) -> None:
        self._happens = happens
        self.sheet = "Data"

    @property
    def sheets(self) -> list[SheetInfo]:
        return [SheetInfo("Data", 20), SheetInfo("Other", os.getpid(), hidden=True), SheetInfo("", gc.isenabled())]

    def chunks(self) -> Iterator[list[Row]]:
        for at in range(10):
            if at == 5:
                self._happens()
            yield [[str(at), "a"], [str(at), "b"]] if at != 3 else []

    def close(self) -> None:
        """Nothing is open."""


def ahead(source: RowSource) -> tuple[RowSource, Iterator[list[Row]]]:
    chunks = source.chunks()
    next(chunks)
    return read_ahead(source, chunks, 2)


def fail(error: BaseException) -> Callable[[], None]:
    def happens() -> None:
        raise error

    return happens


@pytest.fixture(autouse=True)
def _processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever machine this is, it has two."""
    monkeypatch.setattr("os.cpu_count", lambda: 2)


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the processes that are made."""
    fork, made = os.fork, []

    def counted() -> int:
        made.append(1)
        return fork()

    monkeypatch.setattr("os.fork", counted)
    return made


def no_fork() -> int:
    raise BlockingIOError(11, "no further process")


WRITERS = [(write_shared_xlsx, "xlsx"), (write_ods, "ods"), (write_xls, "xls")]


@pytest.mark.parametrize(("write", "kind"), WRITERS, ids=[kind for _, kind in WRITERS])
def test_a_large_workbook_is_what_it_is_when_one_process_reads_and_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: list[int], write: Any, kind: str
) -> None:
    before = children()
    path = write(tmp_path / f"list.{kind}", TABLE)
    beside = stage_file(path)
    assert forks == [1]
    assert children() <= before
    # A system that allows no further process: the same in turns.
    monkeypatch.setattr("os.fork", no_fork)
    alone = stage_file(path)
    assert beside.result == alone.result
    assert beside.result.counts.ok == 11_000
    assert beside.result.counts.duplicates_in_file == 1000
    assert beside.rows == alone.rows
    assert beside.texts == TABLE[1:]


def test_the_reader_does_not_have_the_staging_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_for(write_shared_xlsx(tmp_path / "list.xlsx", TABLE))
    fork, there = os.fork, []

    def looked() -> int:
        there.append(request.part_path.exists())
        return fork()

    monkeypatch.setattr("os.fork", looked)
    stage(request, ignore)
    assert there == [False]


def test_small_workbooks_and_text_files_cost_no_process(tmp_path: Path, forks: list[int]) -> None:
    stage_file(write_shared_xlsx(tmp_path / "list.xlsx", TABLE[:9000]))
    stage_file(write_csv(tmp_path / "list.csv", TABLE))
    assert forks == []


def test_one_processor_is_not_shared_by_two_processes(
    tmp_path: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert stage_file(write_shared_xlsx(tmp_path / "list.xlsx", TABLE)).result.counts.ok == 11_000
    assert forks == []


def test_chunks_and_sheets_come_as_they_were_read() -> None:
    source, chunks = ahead(Numbers())
    assert list(chunks) == list(Numbers().chunks())[1:]
    sheets = source.sheets
    assert sheets[0] == SheetInfo("Data", 20)
    assert sheets[1].hidden
    assert sheets[1].rows != os.getpid()
    # What the tests or the server left behind is not cleared up by a copy of them.
    assert gc.isenabled()
    assert not sheets[2].rows
    assert source.sheets == sheets
    assert source.sheet == "Data"
    source.close()


def test_any_text_is_handed_over() -> None:
    class Texts(Numbers):
        def chunks(self) -> Iterator[list[Row]]:
            yield []
            yield [["", "\0", "\x1f\u2028", "🙂" * 500_000, 'Ünï"code\\'], []] * 3

    source, chunks = ahead(Texts())
    assert list(chunks) == list(Texts().chunks())[1:]
    source.close()


ERRORS = [
    ImportRefused(errors.UNKNOWN_SHEET, "No such sheet.", "sheet"),
    UnusualSheet(' t="x"'),
    MemoryError(),
    csv.Error("line contains NUL"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    FileNotFoundError(2, "No such file or directory", "list.csv"),
]


@pytest.mark.parametrize("error", ERRORS, ids=[type(error).__name__ for error in ERRORS])
def test_what_reading_raises_is_raised_after_the_rows_before_it(error: Exception) -> None:
    before = children()
    source, chunks = ahead(Numbers(fail(error)))
    assert [next(chunks) for _ in range(4)] == list(Numbers().chunks())[1:5]
    with pytest.raises(type(error)) as caught:
        next(chunks)
    assert caught.value.args == error.args
    assert vars(caught.value) == vars(error)
    source.close()
    assert children() <= before


def test_a_reader_without_any_memory_left_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle, "dumps", fail(MemoryError()))
    source, chunks = ahead(Numbers(fail(MemoryError())))
    with pytest.raises(MemoryError):
        list(chunks)
    source.close()


def test_a_pipe_that_cannot_be_made_larger(monkeypatch: pytest.MonkeyPatch, forks: list[int]) -> None:
    monkeypatch.setattr(fcntl, "fcntl", lambda *_: fail(PermissionError(1, "not permitted"))())
    source, chunks = ahead(Numbers())
    assert len(list(chunks)) == 9
    assert forks == [1]
    source.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGXCPU])
def test_a_reader_ended_by_a_signal(number: signal.Signals) -> None:
    source, chunks = ahead(Numbers(lambda: signal.raise_signal(number)))
    with pytest.raises(ReaderDied) as caught:
        list(chunks)
    assert caught.value.code == -number
    source.close()


@pytest.mark.parametrize("code", [0, 3])
def test_a_reader_that_ends_early_is_no_end_of_the_file(code: int) -> None:
    before = children()
    source, chunks = ahead(Numbers(lambda: os._exit(code)))
    with pytest.raises(ReaderDied) as caught:
        list(chunks)
    assert caught.value.code == code
    source.close()
    assert children() <= before


def test_a_reader_that_cannot_say_what_it_raises() -> None:
    class Local(Exception):
        """An exception that no other process can know."""

    for error in (Local(), KeyboardInterrupt()):
        source, chunks = ahead(Numbers(fail(error)))
        with pytest.raises(ReaderDied):
            list(chunks)
        source.close()


def test_a_reader_that_is_not_needed_any_more_is_ended_and_collected() -> None:
    before = children()
    for happens in (lambda: None, signal.pause):
        source, chunks = ahead(Numbers(happens))
        next(chunks)
        assert children() > before
        source.close()
        assert children() <= before


def test_the_source_is_not_kept_beside_the_one_of_the_reader() -> None:
    """Shared strings can be most of the memory: they are there once."""
    numbers = Numbers()
    known = weakref.ref(numbers)
    source, chunks = ahead(numbers)
    del numbers
    assert known() is None
    assert len(list(chunks)) == 9
    source.close()


def test_a_refusal_in_the_middle_leaves_no_reader(tmp_path: Path) -> None:
    before = children()
    path = write_shared_xlsx(tmp_path / "list.xlsx", TABLE)
    request = request_for(path, limits={"max_rows": 5000})
    with pytest.raises(ImportRefused) as caught:
        stage(request, ignore)
    assert caught.value.code == errors.TOO_MANY_ROWS
    assert children() <= before
    assert [item.name for item in tmp_path.iterdir()] == ["list.xlsx"]


def test_the_general_reader_takes_over_from_a_reader(tmp_path: Path, forks: list[int]) -> None:
    path = write_shared_xlsx(tmp_path / "list.xlsx", TABLE)
    replace_part(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</row></sheetData>", b"</row><!-- end --></sheetData>"),
    )
    assert stage_file(path).texts == TABLE[1:]
    assert forks == [1, 1]


def test_the_reader_ends_nothing_but_itself(tmp_path: Path) -> None:
    """What the original has still to write, and to do at its end, is done once."""
    path = write_shared_xlsx(tmp_path / "list.xlsx", TABLE)
    script = f"""
import atexit, os, sys
from pathlib import Path
os.cpu_count = lambda: 2
from tests.databases.imports.files import stage_file
print("unflushed")
atexit.register(print, "at exit")
print(stage_file(Path({str(path)!r})).result.counts.ok)
"""
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=_BACKEND, env=environment()
    )
    assert found.stdout.split("\n") == ["unflushed", "11000", "at exit", ""]


# --- in the parsing child --------------------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(_BACKEND / "src"), str(_BACKEND), str(_BACKEND.parent)])}


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start children whose reader ends as the file is named."""
    monkeypatch.setattr(child, "_WORKER", "tests.databases.imports.ending_worker")
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])


def large(folder: Path, name: str) -> Path:
    return write_shared_xlsx(folder / f"{name}.xlsx", TABLE)


def state(process: int) -> str:
    """Return the letter of the state of a process, "Z" for one that nobody has collected; empty when it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def runs(process: int) -> bool:
    return state(process) not in {"", "Z", "X"}


async def until_noted(path: Path) -> int:
    """Wait for the reader of a file and return its process id."""
    async with asyncio.timeout(20):
        while not note(path).exists() or not note(path).read_text():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.01)
    return int(note(path).read_text())


async def until_ended(process: int) -> None:
    async with asyncio.timeout(5):
        while runs(process):  # noqa: ASYNC110 - another process ends
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("ending")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("killed", errors.TOO_MUCH_MEMORY),
        ("crashed", errors.TOO_MUCH_MEMORY),
        ("memory", errors.TOO_MUCH_MEMORY),
        ("computing", errors.TOO_SLOW),
        ("left", errors.UNREADABLE),
        ("failed", errors.UNREADABLE),
    ],
)
async def test_a_reader_that_dies_is_reported_as_a_child_that_dies(tmp_path: Path, name: str, code: str) -> None:
    path = large(tmp_path, name)
    assert await refusal(request_for(path, limits={"child_cpu_seconds": 2})) == code
    await until_ended(await until_noted(path))


@pytest.mark.usefixtures("ending")
async def test_a_reader_is_stopped_with_its_child_after_too_long(tmp_path: Path) -> None:
    path = large(tmp_path, "stuck")
    assert await refusal(request_for(path, limits={"child_wall_seconds": 3})) == errors.TOO_SLOW
    await until_ended(await until_noted(path))


@pytest.mark.usefixtures("ending")
async def test_cancelling_ends_the_reader_and_leaves_no_zombie(tmp_path: Path) -> None:
    """As the first process of a container, to which readers without a parent are handed."""
    before = children()
    path = large(tmp_path, "stuck")
    assert ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        task = asyncio.create_task(child.stage_in_child(request_for(path), ignore))
        reader = await until_noted(path)
        assert runs(reader)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert state(reader) == ""
        assert children() <= before
    finally:
        ctypes.CDLL(None).prctl(_SUBREAPER, 0, 0, 0, 0)


@pytest.mark.usefixtures("ending")
async def test_a_child_that_dies_is_reported_though_its_reader_lives(tmp_path: Path) -> None:
    path = large(tmp_path, "stuck")
    before = children()
    task = asyncio.create_task(child.stage_in_child(request_for(path), ignore))
    reader = await until_noted(path)
    (worker,) = children() - before
    os.kill(int(worker), signal.SIGKILL)
    async with asyncio.timeout(5):
        with pytest.raises(ImportRefused) as caught:
            await task
    assert caught.value.code == errors.TOO_MUCH_MEMORY
    await until_ended(reader)
    assert children() <= before


async def test_a_reader_whose_child_is_gone_ends_by_itself(tmp_path: Path) -> None:
    """Nobody kills it here, as when the server died too: its next chunk finds no pipe."""
    script = """
import os, signal, sys
from tests.databases.imports.test_read_ahead import Endless
from crm_boost.databases.imports.read_ahead import read_ahead
os.cpu_count = lambda: 2
source, chunks = read_ahead(Endless(), Endless().chunks(), 0)
print(next(chunks)[0][0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    found = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=_BACKEND,
        env=environment(),
        check=False,
    )
    await until_ended(int(found.stdout))


class Endless(Numbers):
    """Rows without end, each of which names who reads it."""

    def chunks(self) -> Iterator[list[Row]]:
        while True:
            yield list(chain.from_iterable([[[str(os.getpid())]]] * 1000))
