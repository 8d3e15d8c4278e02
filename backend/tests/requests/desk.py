"""Short ways to a desk on which staff ask for records: calls through the API, as clients make them."""

from typing import Any

import httpx
from sqlalchemy import func, select

from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.databases.models import Record
from crm_boost.db.engine import Database
from crm_boost.requests.models import RecordRequest
from tests.support.factories import Account, Stored

REQUESTS = "/api/download-requests"


async def ask(client: httpx.AsyncClient, staff: Account, stored: Stored, count: Any, **headers: str) -> httpx.Response:
    """Ask for records."""
    body = {"database_id": stored.id, "record_count": count}
    return await client.post(REQUESTS, json=body, headers={**staff.auth, **headers})


async def asked(client: httpx.AsyncClient, staff: Account, stored: Stored, count: int) -> dict[str, Any]:
    """Ask for records and return the request."""
    response = await ask(client, staff, stored, count)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def decide(
    client: httpx.AsyncClient, who: Account, request_id: str, action: str, reason: str | None = None
) -> httpx.Response:
    """Approve, reject or cancel."""
    body = None if reason is None else {"reason": reason}
    return await client.patch(f"{REQUESTS}/{request_id}/{action}", headers=who.auth, json=body)


async def switch_on(client: httpx.AsyncClient, admin: Account, **limits: Any) -> None:
    """Turn auto-approval on, with limits."""
    response = await client.put("/api/settings/auto-approve", json={"enabled": True, **limits}, headers=admin.auth)
    assert response.status_code == 200, response.text


async def held_by(database: Database, request_id: str) -> set[str]:
    """The ids of the records held for a request."""
    async with database.read() as session:
        rows = await session.scalars(select(Record.id).where(Record.request_id == request_id))
        return set(rows.all())


async def inbox(client: httpx.AsyncClient, who: Account) -> list[tuple[str, dict[str, Any]]]:
    """What somebody was told, newest first."""
    told = (await client.get("/api/notifications", headers=who.auth)).json()["notifications"]
    return [(n["type"], n["data"]) for n in told]


async def moves_of(database: Database) -> dict[str, dict[str, int]]:
    """By request: how many records were ever held for it, let go, given; from the history of the records alone."""
    found: dict[str, dict[str, int]] = {}
    async with database.read() as session:
        requests = {row.id: row for row in await session.scalars(select(RecordRequest))}
        statement = (
            select(Operation.detail, Operation.kind, func.count())
            .join(RecordHistory, RecordHistory.operation_seq == Operation.seq)
            .where(Operation.kind.in_(["hold", "assign_held"]))
            .group_by(Operation.seq)
        )
        for request_id in requests:
            found[request_id] = {"hold": 0, "assign_held": 0}
        for detail, kind, count in await session.execute(statement):
            found[detail["request_id"]][kind] += count
    return found
