"""Which records of a database a list shows: states, conflicts, verdicts, holders and a search, alone and together."""

from itertools import product
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState, RecordStatus
from crm_boost.db.engine import Database
from crm_boost.kit.clock import utc_now
from crm_boost.pools.places import RecordFilter, place_of
from crm_boost.pools.repository import list_records
from tests.support.factories import Account, Stored, count_anew, make_database, make_user, reserve_customer

PAGE = 3
VERDICTS = (None, "validated", "invalid", "none")


@pytest.mark.pure
def test_a_list_may_be_narrowed_to_every_state() -> None:
    assert {*RecordStatus.__args__} == {*RecordState, "conflict"}  # type: ignore[attr-defined]


async def desk(database: Database, *, shuffled: bool) -> tuple[Stored, Account]:
    """24 records: 16 assigned to two people, 4 archived, 1 trashed with its verdict; each third one rejected."""
    wati, tono = await make_user(database, name="Wati"), await make_user(database, name="Tono")
    await make_database(database, 5)
    stored = await make_database(database, 24, module="bonanza", shuffled=shuffled)
    states = [*["assigned"] * 16, *["invalid_archived"] * 4, "trashed", *["available"] * 3]
    async with database.write() as session:
        for number, state in enumerate(states):
            fields: dict[str, Any] = {"state": state}
            if state in ("assigned", "invalid_archived"):
                fields |= {"assigned_to": (wati, tono)[number % 2].id, "assigned_at": utc_now(), "deal_rank": number}
            verdict = "invalid" if state == "invalid_archived" else ("invalid", "validated", None)[number % 3]
            if state not in ("available",):
                fields |= {"validation_status": verdict}
            seq = stored.seqs[number]
            await session.execute(update(Record).where(Record.seq == seq).values(**fields))
        await count_anew(session)
    # Their own customers are no conflict; those of the other are, and archived ones are not.
    for number in (0, 1, 2, 7, 9, 17, 22):
        await reserve_customer(database, stored, f"customer{number}", tono.id)
    return stored, wati


async def pages(database: Database, stored: Stored, wanted: RecordFilter) -> tuple[list[dict[str, Any]], int]:
    """All pages of a list, and its total."""
    rows: list[dict[str, Any]] = []
    total, after = None, None
    async with database.read() as session:
        item = await session.get_one(CustomerDatabase, stored.id)
        while True:
            page = await list_records(session, item, wanted, after=after, limit=PAGE)
            rows, total = rows + page.rows, page.total if after is None else total
            if page.next_cursor is None:
                assert total is not None
                return rows, total
            after = place_of(item, wanted, page.next_cursor)


def shown(row: dict[str, Any], query: dict[str, str]) -> bool:
    """What the list ought to show, said of a row of the whole database."""
    status, verdict = query.get("status"), query.get("validation")
    if status is None and row["status"] == "trashed":
        return False
    if status == "conflict" and not row["is_reservation_conflict"]:
        return False
    if status not in (None, "conflict", row["status"]):
        return False
    if verdict is not None and (row["validation_status"] or "none") != verdict:
        return False
    if query.get("assigned_to", row["assigned_to"]) != row["assigned_to"]:
        return False
    return query.get("q", "") in row["customer_id"]


@pytest.mark.parametrize("shuffled", [False, True])
async def test_filters_alone_and_together(
    admin: Account, client: httpx.AsyncClient, database: Database, shuffled: bool
) -> None:
    stored, wati = await desk(database, shuffled=shuffled)
    path = f"/api/pools/bonanza/databases/{stored.id}/records"
    trashed = (await client.get(path, params={"status": "trashed"})).json()
    everything = sorted((await client.get(path)).json() + trashed, key=lambda row: row["row_number"])
    assert len(everything) == 24

    statuses, holders, terms = (None, "assigned", "conflict", "trashed"), (None, wati.id), (None, "omer1", "r1")
    for status, verdict, holder, term in product(statuses, VERDICTS, holders, terms):
        given = {"status": status, "validation": verdict, "assigned_to": holder, "q": term}
        query = {name: value for name, value in given.items() if value is not None}
        rows, total = await pages(database, stored, RecordFilter(**query))  # type: ignore[arg-type]
        expected = [row["id"] for row in everything if shown(row, query)]
        if shuffled and term is not None and len(expected) > PAGE:
            # A search of more than one page comes as it is stored.
            expected.sort(key=stored.seq_of)
        assert [row["id"] for row in rows] == expected and total == len(expected), query
    conflicts = await client.get(path, params={"status": "conflict"})
    (counted,) = [row for row in (await client.get("/api/bonanza/databases")).json() if row["id"] == stored.id]
    assert [row["customer_id"] for row in conflicts.json()] == ["customer0", "customer2"]
    assert counted["conflict_count"] == int(conflicts.headers["X-Total-Count"]) == 2
    downwards = (await client.get(path, params={"validation": "invalid", "sort": "-row_number"})).json()
    assert downwards == [row for row in everything[::-1] if shown(row, {"validation": "invalid"})]


async def test_filters_that_are_none(admin: Account, client: httpx.AsyncClient, database: Database) -> None:
    stored = await make_database(database, 1)
    for address in (f"/api/databases/{stored.id}/records", f"/api/pools/normal/databases/{stored.id}/records"):
        for name, value in (("validation", "maybe"), ("status", "conflicts")):
            answer = await client.get(address, params={name: value})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name)
