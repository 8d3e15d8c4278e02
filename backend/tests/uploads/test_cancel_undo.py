"""Cancel at every stage, undo while nothing was touched, and the races between the endings (spec 2.2)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from crm_boost.databases.models import CustomerDatabase
from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.uploads import endings, service
from crm_boost.uploads.models import Import
from tests.support.factories import make_user, reserve_customer
from tests.uploads.conftest import PauseAt
from tests.uploads.desk import Desk, csv_bytes, people

PEOPLE = csv_bytes(people(30))


async def deal_one(desk: Desk, item: dict[str, Any], staff_id: str) -> Any:
    """Hand one record of an import's database to a staff."""
    return await desk.client.post(
        f"/api/pools/{item['module']}/assign-random",
        json={"database_id": item["database_id"], "staff_ids": [staff_id], "quantity": 1},
    )


async def nothing_stored(desk: Desk) -> None:
    await desk.purged()
    assert await desk.counts() == (0, 0, 0)
    assert desk.files() == set()


# --- cancel ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["stage_in_child", "_mark_taken"])
async def test_cancel_while_analysing(desk: Desk, pause_at: PauseAt, step: str) -> None:
    pause = pause_at(step)
    import_id = (await desk.post_file(PEOPLE)).json()["id"]
    await pause.reached.wait()
    answer = await desk.post(import_id, "cancel")
    assert (answer.status_code, answer.json()["state"], answer.json()["progress"]) == (200, "cancelled", None)
    await nothing_stored(desk)
    assert (await desk.post(import_id, "cancel")).status_code == 409


@pytest.mark.parametrize("after", [False, True])
async def test_cancel_while_storing(desk: Desk, pause_at: PauseAt, after: bool) -> None:
    """Before the first row, and when every row is in but nothing is visible yet."""
    item = await desk.upload(PEOPLE)
    pause = pause_at("_store_rows", after=after)
    confirmed = (await desk.post_commit(item["id"])).json()
    assert (confirmed["state"], confirmed["can_undo"]) == ("importing", False)
    await pause.reached.wait()
    assert (await desk.counts())[:2] == (1, 30 if after else 0)
    assert await desk.databases() == []
    cancelled = (await desk.post(item["id"], "cancel")).json()
    assert cancelled["state"] == "cancelled" and cancelled["result"] is None
    assert (await desk.post(item["id"], "undo")).status_code == 409
    await nothing_stored(desk)
    pause.go.set()
    again = await desk.imported(PEOPLE)
    assert again["result"]["stored"] == 30 and again["result"]["duplicates"] == 0


async def test_cancel_of_a_preview_and_of_a_failure(desk: Desk) -> None:
    ready = await desk.upload(PEOPLE)
    assert (await desk.post(ready["id"], "cancel")).json()["state"] == "cancelled"
    failed = await desk.upload(csv_bytes([]))
    assert (await desk.post(failed["id"], "cancel")).json()["state"] == "cancelled"
    await nothing_stored(desk)
    for call in (desk.post_commit(ready["id"]), desk.post(ready["id"], "undo")):
        answer = await call
        assert (answer.status_code, answer.json()["state"]) == (409, "cancelled")
    choice = await desk.client.patch(f"/api/imports/{ready['id']}", json={"header_row": 1})
    assert choice.status_code == 409


async def test_cancel_waiting_for_its_turn(desk: Desk, pause_at: PauseAt) -> None:
    pause = pause_at("stage_in_child")
    first = (await desk.post_file(PEOPLE)).json()["id"]
    await pause.reached.wait()
    second = (await desk.post_file(PEOPLE)).json()["id"]
    assert (await desk.get(second))["progress"]["phase"] == "waiting"
    assert (await desk.post(second, "cancel")).json()["state"] == "cancelled"
    pause.go.set()
    assert (await desk.settled(first))["state"] == "ready"


async def test_a_cancel_that_comes_too_late_changes_nothing(desk: Desk) -> None:
    done = await desk.imported(PEOPLE)
    answer = await desk.post(done["id"], "cancel")
    assert (answer.status_code, answer.json()["state"]) == (409, "done")
    assert await endings.cancel(desk.database, done["id"], str(desk.runner.name)) is False
    assert await endings.fail(desk.database, done["id"], str(desk.runner.name), "internal", "late") is False
    after = await desk.get(done["id"])
    assert (after["state"], after["error"], after["result"]) == ("done", None, done["result"])
    assert len(await desk.records(done)) == 30


async def test_a_cancel_while_the_last_step_waits_wins(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request is committed, but the heartbeat has not told the worker: the row's lock decides."""
    item = await desk.upload(PEOPLE)
    finish = endings.finish_storing

    async def cancelled_just_before(*arguments: Any) -> bool:
        async with desk.database.write() as session:
            await service.cancel(session, item["id"])
        return await finish(*arguments)

    monkeypatch.setattr(endings, "finish_storing", cancelled_just_before)
    assert (await desk.commit(item["id"]))["state"] == "cancelled"
    await nothing_stored(desk)


async def test_a_cancel_after_the_last_step_began_does_not_tear_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end is committed while a cancel is on its way: the import is done, and its database stays."""
    item = await desk.upload(PEOPLE)
    finish = endings.finish_storing

    async def cancelled_just_after(*arguments: Any) -> bool:
        ended = await finish(*arguments)
        async with desk.database.write() as session:
            (await session.get_one(Import, item["id"])).cancel_requested = True
        desk.runner._works[item["id"]].look_now.set()
        await asyncio.sleep(0.1)
        return ended

    monkeypatch.setattr(endings, "finish_storing", cancelled_just_after)
    done = await desk.commit(item["id"])
    assert done["state"] == "done"
    assert desk.files() == {f"{item['id']}/staging.db"}
    await desk.purged()
    assert await desk.counts() == (1, 30, 30)


async def test_a_cancelled_thread_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk that is being written when the cancel comes is finished or rolled back before anything is purged."""
    import time

    from crm_boost.uploads import bulk_repository

    item = await desk.upload(PEOPLE)
    begun, loop = asyncio.Event(), asyncio.get_running_loop()
    if desk.database.is_sqlite:
        slow = bulk_repository._SqliteStore._in_transaction

        def slowly(self: Any, work: Any) -> int:
            loop.call_soon_threadsafe(begun.set)
            time.sleep(0.3)
            return slow(self, work)

        monkeypatch.setattr(bulk_repository._SqliteStore, "_in_transaction", slowly)
    else:
        lines = bulk_repository._PostgresqlStore._lines

        def slow_lines(self: Any, first: int, last: int) -> tuple[bytes, int]:
            loop.call_soon_threadsafe(begun.set)
            time.sleep(0.3)
            return lines(self, first, last)

        monkeypatch.setattr(bulk_repository._PostgresqlStore, "_lines", slow_lines)
    await desk.post_commit(item["id"])
    await begun.wait()
    assert (await desk.post(item["id"], "cancel")).json()["state"] == "cancelled"
    await nothing_stored(desk)


# --- confirm twice, and other processes ----------------------------------------------------------------------------------


async def test_confirming_twice(desk: Desk, pause_at: PauseAt) -> None:
    item = await desk.upload(PEOPLE)
    pause = pause_at("_store_rows")
    answers = await asyncio.gather(*(desk.post_commit(item["id"]) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    for refused in (answer.json() for answer in answers if answer.status_code == 409):
        assert (refused["code"], refused["state"]) == ("wrong_import_state", "importing")
    pause.go.set()
    assert (await desk.settled(item["id"]))["state"] == "done"
    assert (await desk.post_commit(item["id"])).json()["state"] == "done"
    assert await desk.counts() == (1, 30, 30)


async def test_work_that_another_process_took_over_does_not_end_it(desk: Desk, pause_at: PauseAt) -> None:
    """Swept away as dead while it stored (a stopped machine, say): what comes later must not show a discarded database."""
    item = await desk.upload(PEOPLE)
    pause = pause_at("_store_rows", after=True)
    await desk.post_commit(item["id"])
    await pause.reached.wait()
    assert await endings.interrupt(desk.database, item["id"], lambda _: True) is True
    pause.go.set()
    ended = await desk.settled(item["id"])
    assert (ended["state"], ended["error"]["code"]) == ("failed", "interrupted")
    assert await desk.databases() == []
    await desk.purged()
    assert await desk.counts() == (0, 0, 0)


# --- undo ------------------------------------------------------------------------------------------------------------


async def test_undo(desk: Desk) -> None:
    kept = await desk.imported(csv_bytes(people(5, "budi")))
    done = await desk.imported(csv_bytes([*people(7), ["", "no name", ""]]))
    undone = (await desk.post(done["id"], "undo")).json()
    assert (undone["state"], undone["can_undo"], undone["undo_until"]) == ("undone", False, None)
    assert [row["id"] for row in await desk.databases()] == [kept["database_id"]]
    path = f"/api/pools/bonanza/databases/{done['database_id']}"
    assert (await desk.client.get(path)).status_code == 404
    assert (await desk.client.get(f"{path}/records")).status_code == 404
    await desk.purged()
    assert await desk.counts() == (1, 5, 5)
    assert len(await desk.rejected_rows(done["id"])) == 1
    assert (await desk.post(done["id"], "undo")).status_code == 409
    again = await desk.imported(csv_bytes(people(7)))
    assert again["result"]["stored"] == 7


async def test_undo_is_for_untouched_records(desk: Desk, database: Database) -> None:
    done = await desk.imported(PEOPLE)
    staff = await make_user(database)
    assert (await deal_one(desk, done, staff.id)).json()["assigned_count"] == 1
    assert (await desk.get(done["id"]))["can_undo"] is False
    answer = await desk.post(done["id"], "undo")
    assert (answer.status_code, answer.json()["code"]) == (409, "undo_not_possible")
    assigned = await desk.records(done, status="assigned")
    recalled = await desk.client.post("/api/pools/bonanza/recall", json={"record_ids": [assigned[0]["id"]]})
    assert recalled.json()["recalled_count"] == 1
    assert (await desk.post(done["id"], "undo")).status_code == 409
    assert len(await desk.records(done)) == 30


async def test_undo_after_a_reservation_moved_records(desk: Desk, database: Database) -> None:
    """What reservations do by themselves is nobody's touch."""
    from crm_boost.assignments.reserve import match_customers
    from tests.support.factories import Stored

    done = await desk.imported(PEOPLE)
    stored = Stored(done["database_id"], desk.product_id, "bonanza", [], 0)
    await reserve_customer(database, stored, "sari3", (await make_user(database)).id)
    async with database.write() as session:
        assert sum((await match_customers(session, ["sari3"])).values()) == 1
    assert (await desk.get(done["id"]))["can_undo"] is True
    assert (await desk.post(done["id"], "undo")).json()["state"] == "undone"


@pytest.mark.parametrize(("hours", "status"), [(23.99, 200), (24.01, 409)])
async def test_undo_within_a_day(desk: Desk, hours: float, status: int) -> None:
    done = await desk.imported(PEOPLE)
    with frozen(utc_now() + timedelta(hours=hours)):
        assert (await desk.get(done["id"]))["can_undo"] is (status == 200)
        assert (await desk.post(done["id"], "undo")).status_code == status


async def test_undo_of_a_trashed_database(desk: Desk) -> None:
    done = await desk.imported(PEOPLE)
    path = f"/api/pools/bonanza/databases/{done['database_id']}"
    assert (await desk.client.delete(path)).status_code == 200
    assert (await desk.get(done["id"]))["can_undo"] is False
    answer = await desk.post(done["id"], "undo")
    assert (answer.status_code, answer.json()["code"]) == (409, "undo_not_possible")
    assert "in the trash" in answer.json()["detail"]
    assert (await desk.client.post(f"{path}/restore")).status_code == 200
    assert (await desk.post(done["id"], "undo")).status_code == 200


async def test_undo_and_hand_outs_at_once(desk: Desk, database: Database) -> None:
    """Either the undo wins and nothing was dealt, or something was dealt and the undo is refused."""
    staff = await make_user(database)
    for _ in range(6):
        done = await desk.imported(PEOPLE, duplicates="import")
        undo, *deals = await asyncio.gather(
            desk.post(done["id"], "undo"), *(deal_one(desk, done, staff.id) for _ in range(3))
        )
        dealt = sum(answer.json()["assigned_count"] for answer in deals if answer.status_code == 200)
        assert {answer.status_code for answer in deals} <= {200, 404, 409}
        async with database.read() as session:
            stored = await session.get(CustomerDatabase, done["database_id"])
        if undo.status_code == 200:
            # What is discarded is removed as soon as there is time.
            assert dealt == 0 and (stored is None or stored.state == "discarded")
        else:
            assert stored is not None
            assert (undo.status_code, stored.state) == (409, "ready") and dealt > 0


async def test_undo_waits_for_a_hand_out_under_way(desk: Desk, database: Database) -> None:
    """A hand-out that has taken its records but not committed yet is not overlooked: on PostgreSQL by the lock of the
    database's row, on SQLite because there is one writer at a time."""
    from crm_boost.assignments.repositories.locking import lock_databases
    from crm_boost.assignments.repositories.moves import Move, move, start_operation
    from crm_boost.assignments.transitions import TABLE, Command

    done = await desk.imported(PEOPLE)
    async with database.write() as session:
        await lock_databases(session, [done["database_id"]])
        undo = asyncio.create_task(desk.post(done["id"], "undo"))
        await asyncio.sleep(0.3)
        assert not undo.done()
        first = (await session.get_one(CustomerDatabase, done["database_id"])).first_seq
        operation = await start_operation(session, Command.TRASH, module="bonanza", database_id=done["database_id"])
        assert len(await move(session, Move(TABLE[Command.TRASH], operation, [first]))) == 1
    assert (await undo).status_code == 409
