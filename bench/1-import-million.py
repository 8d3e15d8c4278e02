"""Promise: 1,000,000 rows take at most 12 times as long as 100,000, and the server's memory grows by less than 150 MB."""

import statistics
import sys
import tempfile
from pathlib import Path

from bench.importing import Memory, importer
from bench.support import KINDS, Report, installation, sized, write_csv

ROWS = sized(100_000)
ROUNDS = 3


def main() -> int:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as folder:
        small = [write_csv(Path(folder) / f"small{i}.csv", ROWS, f"s{i}") for i in range(ROUNDS)]
        large = write_csv(Path(folder) / "large.csv", ROWS * 10, "l")
        warm = write_csv(Path(folder) / "warm.csv", 500, "w")
        for kind in KINDS:
            with installation(kind) as settings, importer(settings) as desk:
                desk.store(warm)
                one = statistics.median(desk.store(file)[0] for file in small)
                with Memory(desk.server.process.pid) as memory:
                    ten, result = desk.store(large, every=0.2)
                if result["stored"] + result["duplicates"] != ROWS * 10:
                    raise RuntimeError(f"rows are missing: {result}")
                report.note(f"{kind}: {one:.2f} s for {ROWS:,} rows, {ten:.1f} s for {ROWS * 10:,}")
                report.at_most(f"import.million.{kind}", ten / one, 12, "x")
                report.at_most(f"import.memory.{kind}", memory.growth_megabytes, 150, "MB")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
