"""Deciding about many reservations (spec 3.1): each in a transaction of its own, with a result for each."""

from collections.abc import Sequence
from typing import Any

from crm_boost.db.engine import Database
from crm_boost.db.session import WriteSession
from crm_boost.kit.errors import Problem
from crm_boost.reservations import reading, service


async def change_many(
    database: Database, reservation_ids: Sequence[str], action: str, reason: str | None
) -> dict[str, Any]:
    """Approve, reject, release or extend reservations one by one; what one is refused with changes no other."""
    results: list[dict[str, Any]] = []
    for reservation_id in dict.fromkeys(reservation_ids):
        try:
            async with database.write() as session:
                await _change(session, reservation_id, action, reason)
                row = await reading.one(session, reservation_id)
            results.append({"id": reservation_id, "status": row["status"]})
        except Problem as error:
            results.append({"id": reservation_id, "error": error.detail, "status": error.extras.get("state")})
    failed = sum("error" in result for result in results)
    return {"success_count": len(results) - failed, "failed_count": failed, "results": results}


async def _change(session: WriteSession, reservation_id: str, action: str, reason: str | None) -> None:
    match action:
        case "approve":
            await service.approve(session, reservation_id)
        case "reject":
            await service.reject(session, reservation_id, reason)
        case "release":
            await service.release(session, reservation_id)
        case _:
            await service.extend(session, reservation_id)
