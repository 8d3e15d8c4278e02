"""Promise: while 100,000 rows are imported, no other request waits over 50 ms because of it.

A real server process; one client reads a list and one writes a small thing, one request after the other, first while
nothing else happens, then while a workbook is analysed and stored. What a request waits because of the import is its
time less the median of the same request in quiet. On a machine where others work at the same time the slowest single
request says more about them: the quiet part is measured as long as the busy one, and its slowest request is noted.
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.importing import Importer, importer
from bench.support import KINDS, Report, installation, percentile, sized, write_xlsx

ROWS = sized(100_000)
ROUNDS = 3
QUIET_SECONDS = 8.0
PAUSE = 0.005


class Probe:
    """Sends the same request over and over from a thread and notes how long each answer took."""

    def __init__(self, desk: Importer, method: str, path: str, body: dict[str, str] | None = None) -> None:
        self._client = httpx.Client(base_url=desk.server.url, headers=desk.owner.auth, timeout=60)
        self._method, self._path, self._body = method, path, body
        self._over = threading.Event()
        self._failed: Exception | None = None
        self.seconds: list[float] = []

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> list[float]:
        self._over.set()
        self._thread.join()
        self._client.close()
        if self._failed:
            raise self._failed
        return self.seconds

    def _work(self) -> None:
        try:
            while not self._over.is_set():
                started = time.perf_counter()
                self._client.request(self._method, self._path, json=self._body).raise_for_status()
                self.seconds.append(time.perf_counter() - started)
                time.sleep(PAUSE)
        except httpx.HTTPError as error:
            self._failed = error


@contextmanager
def probing(desk: Importer, into: dict[str, list[float]]) -> Iterator[None]:
    """Send both requests as long as the block runs."""
    probes = {
        "read": Probe(desk, "GET", "/api/pools/normal/databases?limit=50"),
        "write": Probe(desk, "PATCH", "/api/auth/me", {"name": "Bench Owner"}),
    }
    for probe in probes.values():
        probe.start()
    try:
        yield
    finally:
        for name, probe in probes.items():
            into.setdefault(name, []).extend(probe.stop())


def main() -> int:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as folder:
        files = [write_xlsx(Path(folder) / f"book{i}.xlsx", ROWS, f"x{i}") for i in range(ROUNDS)]
        for kind in KINDS:
            with installation(kind) as settings, importer(settings) as desk:
                desk.store(write_xlsx(Path(folder) / f"warm-{kind}.xlsx", 500, "w"))
                quiet: dict[str, list[float]] = {}
                busy: dict[str, list[float]] = {}
                with probing(desk, quiet):
                    time.sleep(QUIET_SECONDS)
                for file in files:
                    with probing(desk, busy):
                        desk.store(file, every=0.1)
                for name, seconds in busy.items():
                    usual = statistics.median(quiet[name])
                    others = (percentile(quiet[name], 0.99) - usual) * 1000
                    waited = [max(each - usual, 0) * 1000 for each in seconds]
                    report.note(
                        f"{name} on {kind}: quiet median {usual * 1000:.1f} ms, slowest {max(quiet[name]) * 1000:.1f}, "
                        f"p99 {others:.1f} above the median without an import; "
                        f"busy median {statistics.median(seconds) * 1000:.1f} of {len(seconds)} requests"
                    )
                    report.at_most(f"latency.{name}.p99.{kind}", percentile(waited, 0.99), 50, "ms")
                    report.at_most(f"latency.{name}.slowest.{kind}", max(waited), 50, "ms")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
