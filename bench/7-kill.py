"""Promise: whenever a server is killed, no acknowledged write is lost, none has more than one effect, and after the restart
everything holds that must hold. Killed 200 times on each database.

A real server works for thirteen clients at once: deposits are booked, changed, deleted and restored; records dealt from
one pool by two admins and recalled; marks, verdicts and notes; requests and decisions; reservations begun and ended; jobs
asked for; files of customers and of deposits imported, taken up again and undone. Some milliseconds to two seconds after
the first write its process group gets SIGKILL; one restart in ten is killed as well. After the restart every client asks again what it had no answer to, with
the same key, and once more what was answered last. Then

- lost: what was acknowledged must be there, once, and nothing else by the same people (`bench/killing/clients.py`); an
  import is done completely or not at all, and says which; jobs say how they ended; webhooks heard of everything;
- broken: every check of Data Sync finds nothing, roll-ups and classes among them; every record is where, and with whom,
  its history says, step by step; no half-stored database; SQLite's own check of the file; at the end the whole ledger
  against the specification (`tests/support/invariants.py`).

The same desk goes through all rounds; nobody but the server has the database open while it starts. `BENCH_ROUNDS` (200),
`BENCH_SEED` (1), `BENCH_MINUTES` (no more rounds after these). A killed process loses what it held itself, and nothing of what it gave to the operating system, which
still writes it: this proves the order of things in our program, its transactions and its restart. It does not prove that
a commit has reached the disk when the power fails: that rests on `synchronous=FULL` of SQLite and `synchronous_commit` and
`fsync` of PostgreSQL, which are on here and in operation. PostgreSQL itself is not killed.
"""

import os
import statistics
import sys

import uvloop

from bench.killing import rounds
from bench.support import KINDS, Report, installation

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "200"))
SEED = int(os.environ.get("BENCH_SEED", "1"))
MINUTES = float(os.environ.get("BENCH_MINUTES", "inf"))


def main() -> int:
    report = Report()
    for kind in KINDS:
        with installation(kind) as settings:
            log = settings.data_dir.parent / "server.log"
            outcome = uvloop.run(rounds.run(settings, log, ROUNDS, SEED, minutes=MINUTES, tell=report.note))
            said = log.read_text(encoding="utf-8").splitlines()
        unanswered = ", ".join(f"{who} {times}" for who, times in sorted(outcome.unanswered.items()))
        report.note(
            f"{kind}: killed {outcome.rounds} times at work and {outcome.killed_starting} times starting, seed {SEED}; {outcome.acknowledged} writes acknowledged,"
            f" {outcome.repeated} asked again; unanswered when killed: {unanswered}"
        )
        report.note(
            f"{kind}: {outcome.interrupted_imports} imports broken off, {outcome.lost_attempts} attempts of jobs lost;"
            f" ready after {statistics.median(outcome.start_seconds):.2f} s, {max(outcome.start_seconds):.2f} at most"
        )
        for line in [line for line in said if "Traceback" in line or '"level": "error"' in line][:10]:
            report.note(f"{kind} log: {line[:1500]}")
        for line in (outcome.lost + outcome.broken)[:30]:
            report.note(f"{kind} {line}")
        report.at_most(f"kill.{kind}.lost", len(outcome.lost), 0)
        report.at_most(f"kill.{kind}.broken", len(outcome.broken), 0)
        if outcome.rounds < ROUNDS:
            report.at_least(f"kill.{kind}.rounds", outcome.rounds, ROUNDS, "")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
