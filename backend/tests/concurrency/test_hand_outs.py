"""Real processes, real commits: no record ever has two holders (issue, "Concurrency")."""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from crm_boost.db.engine import Database
from crm_boost.settings import Settings
from tests.assignments import support
from tests.support.factories import Account, Stored, make_database, make_user, records_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

BACKEND = Path(__file__).resolve().parents[2]
PROCESSES = 4


async def run_processes(
    settings: Settings, folder: Path, stored: Stored, hand_outs: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Spread the hand-outs over four processes that begin together; return what came of all of them."""
    begin_at = time.time() + 6

    async def one(number: int) -> list[dict[str, Any]]:
        job = {
            "data_dir": str(settings.data_dir),
            "url": settings.database.url,
            "database_id": stored.id,
            "module": stored.module,
            "begin_at": begin_at,
            "hand_outs": hand_outs[number::PROCESSES],
        }
        file = folder / f"job{number}.json"
        file.write_text(json.dumps(job), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.concurrency.worker",
            str(file),
            cwd=BACKEND,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        answers: list[dict[str, Any]] = json.loads(output)
        return answers

    return [answer for part in await asyncio.gather(*map(one, range(PROCESSES))) for answer in part]


async def assert_sound(database: Database, stored: Stored, answers: list[dict[str, Any]]) -> Counter[str]:
    """Check what must hold after any race; return who holds how many."""
    records = await records_of(database, stored)
    holders = Counter(r.assigned_to for r in records.values() if r.assigned_to is not None)
    reported: Counter[str] = Counter()
    for answer in answers:
        reported.update(answer.get("per_staff", {}))
        assert "assigned" in answer or answer["status"] == 409, answer
    assert +reported == holders
    times = Counter(seq for seq, kind, _, _ in await support.history_of(database, stored) if kind == "assign")
    assert set(times.values()) <= {1}
    assert len(times) == sum(holders.values())
    assert all(r.state == ("assigned" if r.assigned_to else "available") for r in records.values())
    return holders


@pytest.mark.parametrize(("quantity", "served"), [(25, 40), (30, 33)])
async def test_forty_hand_outs_over_a_thousand_records_from_four_processes(
    database: Database, settings: Settings, tmp_path: Path, quantity: int, served: int
) -> None:
    """Enough for all, and not enough: every record at most one holder, reports add up, nothing but clean 409s."""
    people = [await make_user(database) for _ in range(10)]
    stored = await make_database(database, 1000, module="memberwd")
    wanted = [{"verb": "random", "staff_ids": [people[i % 10].id], "quantity": quantity} for i in range(40)]

    answers = await run_processes(settings, tmp_path, stored, wanted)

    holders = await assert_sound(database, stored, answers)
    assert [a["assigned"] for a in answers if "assigned" in a] == [quantity] * served
    assert {a["refused"] for a in answers if "refused" in a} <= {"not_enough_eligible"}
    assert sum(holders.values()) == quantity * served


async def test_forty_people_picking_the_same_records(database: Database, settings: Settings, tmp_path: Path) -> None:
    people = [await make_user(database) for _ in range(10)]
    stored = await make_database(database, 300, module="bonanza")
    ids = stored.record_ids
    wanted = [
        {"verb": "pick", "staff_ids": [people[i % 10].id], "record_ids": ids[i * 5 :] + ids[: i * 5]} for i in range(40)
    ]

    answers = await run_processes(settings, tmp_path, stored, wanted)

    holders = await assert_sound(database, stored, answers)
    assert sum(holders.values()) == 300
    assert {a["refused"] for a in answers if "refused" in a} == {"stale_transition"}


async def test_capacity_holds_under_concurrency(database: Database, settings: Settings, tmp_path: Path) -> None:
    """Two people with room for 57 and 10 are dealt to by everybody at once, alone and together."""
    roomy, tight = await make_user(database, capacity=57), await make_user(database, capacity=10)
    stored = await make_database(database, 1000)
    wanted = [
        {"verb": "random", "staff_ids": staff, "quantity": 4}
        for staff in ([roomy.id], [roomy.id, tight.id], [tight.id], [tight.id, roomy.id]) * 10
    ]

    answers = await run_processes(settings, tmp_path, stored, wanted)

    holders = await assert_sound(database, stored, answers)
    assert holders[roomy.id] <= 57
    assert holders[tight.id] <= 10
    assert sum(holders.values()) > 57
    assert {a["refused"] for a in answers if "refused" in a} == {"no_room"}


async def test_deals_and_recalls_at_once_stay_consistent(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    people: list[Account] = [await make_user(database) for _ in range(5)]
    stored = await make_database(database, 400)
    await support.deal(database, stored, people, 200)
    wanted: list[dict[str, Any]] = []
    for i in range(20):
        wanted.append({"verb": "random", "staff_ids": [people[i % 5].id], "quantity": 30})
        wanted.append({"verb": "recall", "record_ids": stored.record_ids[i * 10 : i * 10 + 60]})

    answers = await run_processes(settings, tmp_path, stored, wanted)

    assert all(a.get("status", 409) == 409 for a in answers)
    records = (await records_of(database, stored)).values()
    assert all((r.state == "assigned") == (r.assigned_to is not None) for r in records)
    steps = Counter(kind for _, kind, _, _ in await support.history_of(database, stored))
    given, taken = (sum(a.get(key, 0) for a in answers) for key in ("assigned", "recalled"))
    assert steps == Counter(assign=200 + given, recall=taken)
    assert sum(r.state == "assigned" for r in records) == 200 + given - taken
