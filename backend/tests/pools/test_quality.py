"""The tabs of one database: what came of its records, and who did what with them (spec 6.1)."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.pool_service import update_database
from crm_boost.contacts.service import Mark, Reach, mark
from crm_boost.contacts.verdicts import Field
from crm_boost.databases.schemas import DatabaseUpdate
from crm_boost.db.engine import Database
from crm_boost.pools.quality import summed
from crm_boost.pools.quality_repository import COUNTS
from tests.assignments import support as desk
from tests.replacement import support as judging
from tests.support.factories import Account, Stored, make_database, make_user
from tests.support.statements import recorded_statements


def counted(staff: str, reason: str | None = None, **counts: int) -> Any:
    return SimpleNamespace(staff_id=staff, staff_name=staff.upper(), reason=reason, **dict.fromkeys(COUNTS, 0) | counts)


@pytest.mark.pure
def test_counts_are_added_up_by_holder_and_to_the_whole() -> None:
    rows = [
        counted("a", dealt=3, worked=1, ada=1),
        counted("a", "duplicate", dealt=2, worked=2, invalid=2, archived=1),
        counted("b", "other", dealt=6, worked=6, invalid=6),
        counted("b", "duplicate", dealt=1, worked=1, invalid=1),
    ]
    whole = summed(rows)
    assert (whole["dealt_count"], whole["worked_count"], whole["invalid_count"], whole["ada_count"]) == (12, 10, 9, 1)
    assert whole["reasons"] == [{"reason": "other", "count": 6}, {"reason": "duplicate", "count": 3}]
    assert [(one["staff_name"], one["dealt_count"], one["archived_count"]) for one in whole["staff"]] == [
        ("B", 7, 0),
        ("A", 5, 1),
    ]
    assert whole["staff"][1]["reasons"] == [{"reason": "duplicate", "count": 2}]
    assert summed([])["dealt_count"] == 0 and summed([])["staff"] == []


async def mark_it(database: Database, staff: Account, record_ids: list[str], **values: str) -> None:
    async with database.write() as session:
        marks = [Mark(i, {Field(name): value for name, value in values.items()}) for i in record_ids]
        await mark(session, marks, Reach(staff.id))


async def worked(database: Database) -> tuple[Stored, Account, Account]:
    """12 of 20 records dealt to two people, marked, judged, one archived; beside it another database with as much."""
    wati, tono = await make_user(database, name="Wati"), await make_user(database, name="Tono")
    both = [await make_database(database, 20, module="memberwd") for _ in range(2)]
    for stored in both:
        ids = stored.record_ids
        await desk.pick(database, stored, wati, ids[:8])
        await desk.pick(database, stored, tono, ids[8:12])
        await mark_it(database, wati, ids[:3], whatsapp_status="ada", respond_status="ya")
        await mark_it(database, wati, ids[3:5], whatsapp_status="tidak")
        await mark_it(database, tono, ids[8:9], whatsapp_status="ceklis1")
        await judging.judge(database, wati, ids[:1], True)
        await judging.judge(database, wati, ids[4:6], reason="wrong_number")
        await judging.judge(database, tono, ids[9:10], reason="duplicate")
        await judging.work_off(database, stored, wati, 0, ids[4:5])
    return both[1], wati, tono


async def test_quality_is_what_the_lists_say(admin: Account, client: httpx.AsyncClient, database: Database) -> None:
    stored, wati, tono = await worked(database)
    base = f"/api/pools/memberwd/databases/{stored.id}"
    answer = await client.get(f"{base}/quality")
    assert answer.status_code == 200, answer.text
    found = answer.json()

    assert {name: found[f"{name}_count"] for name in COUNTS} == {
        "dealt": 12, "archived": 1, "worked": 8, "ada": 3, "ceklis1": 1, "tidak": 2, "respond_ya": 3,
        "respond_tidak": 0, "validated": 1, "invalid": 3,
    }  # fmt: skip
    assert found["reasons"] == [{"reason": "wrong_number", "count": 2}, {"reason": "duplicate", "count": 1}]
    assert [(one["staff_id"], one["dealt_count"], one["invalid_count"]) for one in found["staff"]] == [
        (wati.id, 8, 2),
        (tono.id, 4, 1),
    ]
    for one in found["staff"]:
        for verdict in ("validated", "invalid"):
            query = {"assigned_to": one["staff_id"], "validation": verdict}
            listed = await client.get(f"{base}/records", params=query)
            assert int(listed.headers["X-Total-Count"]) == one[f"{verdict}_count"]
    # What is taken back is not dealt any more.
    await desk.take_back(database, stored, stored.record_ids[:4])
    assert (await client.get(f"{base}/quality")).json()["ada_count"] == 0


async def test_activity_is_everything_that_was_done_the_last_first(
    admin: Account, client: httpx.AsyncClient, database: Database
) -> None:
    stored, _, tono = await worked(database)
    other = await make_database(database, 5, module="memberwd", product_id=stored.product_id)
    both = await desk.pick(database, stored, tono, [*stored.record_ids[12:15], other.record_ids[0]])
    await desk.take_back(database, stored, stored.record_ids[12:14])
    async with database.write() as session:
        await update_database(session, policy_of("memberwd"), stored.id, DatabaseUpdate(name="Renamed"))

    base = f"/api/pools/memberwd/databases/{stored.id}/activity"
    rows = (await client.get(base)).json()

    def said(row: dict[str, Any]) -> tuple[Any, ...]:
        staff = [(one["staff_name"], one["record_count"]) for one in row.get("staff", [])]
        return row["kind"], row.get("record_count"), staff

    assert [said(row) for row in rows] == [
        ("database.updated", None, []),
        ("recall", 2, [("Tono", 2)]),
        ("assign", 3, [("Tono", 3)]),
        ("archive", 1, [("Wati", 1)]),
        ("assign", 4, [("Tono", 4)]),
        ("assign", 8, [("Wati", 8)]),
        ("import", None, []),
    ]
    assert rows[2]["operation_id"] == both.operation_id
    assert len({row["id"] for row in rows}) == 7 and rows[-1]["actor_name"] == "Importer"
    elsewhere = (await client.get(base.replace(stored.id, other.id))).json()
    assert [said(row) for row in elsewhere] == [("assign", 1, [("Tono", 1)]), ("import", None, [])]

    for limit in (1, 2, 5):
        path, walked = f"{base}?limit={limit}", []
        while path:
            answer = await client.get(path)
            walked += answer.json()
            path = answer.links["next"]["url"] if "next" in answer.links else ""
        assert walked == rows
    for cursor in ("nonsense", "WzFd"):
        refused = await client.get(base, params={"cursor": cursor})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cursor")


async def test_the_same_statements_for_more_of_everything(
    admin: Account, client: httpx.AsyncClient, database: Database
) -> None:
    counts: dict[str, set[int]] = {"quality": set(), "activity": set()}
    staff = await make_user(database)
    for records, hand_outs in ((5, 1), (60, 12)):
        stored = await make_database(database, records)
        for part in range(hand_outs):
            await desk.pick(database, stored, staff, stored.record_ids[part * 5 : part * 5 + 5])
        for name, seen in counts.items():
            with recorded_statements(database) as statements:
                answer = await client.get(f"/api/pools/normal/databases/{stored.id}/{name}")
            assert answer.status_code == 200
            seen.add(len([s for s in statements if not s.startswith("UPDATE users")]))
    assert all(len(seen) == 1 and max(seen) <= 4 for seen in counts.values()), counts


@pytest.mark.parametrize("tab", ["quality", "activity"])
async def test_who_may_see_the_tabs(client: httpx.AsyncClient, database: Database, tab: str) -> None:
    stored = await make_database(database, 1, module="bonanza")
    staff = await make_user(database)
    admin = await make_user(database, "admin")
    barred = await make_user(database, "admin", blocked_pages=["bonanza"])
    path = f"/api/pools/bonanza/databases/{stored.id}/{tab}"
    assert (await client.get(path)).status_code == 401
    for account in (staff, barred):
        assert (await client.get(path, headers=account.auth)).status_code == 403
    for wrong in (path.replace(stored.id, "unknown"), path.replace("bonanza", "normal")):
        assert (await client.get(wrong, headers=admin.auth)).status_code == 404
    assert (await client.get(path, headers=admin.auth)).status_code == 200
