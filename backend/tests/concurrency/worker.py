"""One process of a desk under load: opens the database of its own accord and makes hand-outs at once.

`python -m tests.concurrency.worker <job.json>`: prints one JSON line, a list of what came of each hand-out.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from crm_boost.assignments import hand_out, recall
from crm_boost.assignments.policies import policy_of
from crm_boost.db.engine import Database
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.errors import Problem
from crm_boost.settings import DatabaseSettings, Settings
from crm_boost.wiring import build_bus


async def run(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Make the hand-outs of the job concurrently, beginning at the second it names."""
    settings = Settings(data_dir=Path(job["data_dir"]), database=DatabaseSettings(url=job["url"]))
    database = Database(settings, build_bus())
    policy = policy_of(job["module"])

    async def one(wanted: dict[str, Any]) -> dict[str, Any]:
        enter_context(ActionContext(actor_name="worker"))
        try:
            is_recall = wanted["verb"] == "recall"
            # As the endpoints do: hand-outs share commits, taking back does not.
            async with database.write(together=not is_recall) as session:
                if is_recall:
                    done = await recall.recall(session, policy, wanted["record_ids"])
                    return {"recalled": done["recalled_count"]}
                receivers = hand_out.Receivers(wanted["staff_ids"])
                if wanted["verb"] == "pick":
                    given = await hand_out.assign_manual(session, policy, wanted["record_ids"], receivers)
                else:
                    given = await hand_out.assign_random(
                        session, policy, job["database_id"], receivers, wanted["quantity"]
                    )
        except Problem as refusal:
            return {"refused": refusal.code, "status": refusal.status}
        return {"assigned": given.assigned, "per_staff": {r["staff_id"]: r["assigned_count"] for r in given.per_staff}}

    try:
        await database.ping()
        await asyncio.sleep(max(job["begin_at"] - time.time(), 0))  # the clock is not the desk's, but the race's
        return await asyncio.gather(*(one(wanted) for wanted in job["hand_outs"]))
    finally:
        await database.dispose()


if __name__ == "__main__":
    work = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(asyncio.run(run(work))) + "\n")
