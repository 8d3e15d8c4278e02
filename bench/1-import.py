"""Promise: 100,000 rows of 8 columns are mapped, normalised, deduplicated and stored at least 4 times (XLSX) and 2 times
(CSV) as fast as pandas reads them and one executemany inserts them into the same table of the same database.

Ours is the whole way through a running server: upload, parsing child, report, confirmation, storing, search index.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.importing import UsualWay, importer
from bench.support import KINDS, Report, installation, sized, write_csv, write_xlsx

ROWS = sized(100_000)
ROUNDS = 3


def main() -> int:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as folder:
        books = [write_xlsx(Path(folder) / f"book{i}.xlsx", ROWS, f"x{i}") for i in range(ROUNDS)]
        texts = [write_csv(Path(folder) / f"text{i}.csv", ROWS, f"c{i}") for i in range(ROUNDS)]
        warm = write_csv(Path(folder) / "warm.csv", 500, "w")
        for kind in KINDS:
            with installation(kind) as settings, importer(settings) as desk:
                desk.store(warm)
                usual = UsualWay(desk)
                for name, files, theirs, bound in (("xlsx", books, usual.workbook, 4), ("csv", texts, usual.text, 2)):
                    ours_seconds, their_seconds = [], []
                    ours_cpu = their_cpu = 0.0
                    for file in files:
                        before = desk.cpu_seconds()
                        seconds, result = desk.store(file)
                        ours_cpu += desk.cpu_seconds() - before
                        if result["stored"] + result["duplicates"] != ROWS:
                            raise RuntimeError(f"rows are missing: {result}")
                        ours_seconds.append(seconds)
                        before = time.process_time()
                        their_seconds.append(_timed(theirs, file))
                        their_cpu += time.process_time() - before
                    ours, usually = statistics.median(ours_seconds), statistics.median(their_seconds)
                    report.note(f"{name} on {kind}: {ours:.2f} s, {ROWS / ours:,.0f} rows/s; usual way {usually:.2f} s")
                    # What a busy machine does not change (PostgreSQL's own part is in neither).
                    report.note(f"processor time: {ours_cpu / ROUNDS:.2f} s against {their_cpu / ROUNDS:.2f} s")
                    report.at_least(f"import.{name}.{kind}", usually / ours, bound)
    return report.exit_code


def _timed(work: Callable[[Path], object], path: Path) -> float:
    started = time.perf_counter()
    work(path)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
