"""Promise: a page of 50 records over HTTP, with session and permissions, is answered at least 1.5 times as often as the
usual way answers it: ORM objects, a count, OFFSET and a response model.

Both endpoints run in one app behind the same middleware, session and permission check, called in-process (ASGI) in
turns.
"""

import json
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from bench.asgi import Caller
from bench.support import Report, open_desk, run_on_each, sized, write_csv
from crm_boost.app import create_app
from crm_boost.assignments.hand_out import Receivers, assign_random
from crm_boost.assignments.policies import policy_of
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.session import Reader
from crm_boost.identity.models import User
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.settings import ObservabilitySettings, Settings
from crm_boost.web.logging import configure_logging

RECORDS = sized(100_000)
REQUESTS = 30
ROUNDS = 5
MODULE = "bonanza"

usual = APIRouter(prefix="/api/usual")


class UsualRecord(BaseModel):
    """A record as the usual endpoint answers it: the fields that the list shows."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    row_number: int
    row_data: dict[str, str]
    customer_id: str
    display_name: str | None
    phone_e164: str | None
    status: str
    assigned_to: str | None
    assigned_to_name: str | None
    assigned_at: datetime | None
    validation_status: str | None
    validation_reason: str | None
    batch_id: str | None
    reserved_by_name: str | None
    is_reservation_conflict: bool


class UsualPage(BaseModel):
    items: list[UsualRecord]
    total: int


@usual.get("/{database_id}/records")
async def usual_records(
    _principal: Annotated[Principal, Depends(allow(Permission.DATABASES_READ))],
    session: Reader,
    database_id: str,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> UsualPage:
    """ORM objects in, models out, validated again on the way."""
    database = await session.get_one(CustomerDatabase, database_id)
    holder = aliased(User)
    shown = (Record.database_id == database_id, Record.state != RecordState.TRASHED)
    total = await session.scalar(select(func.count()).select_from(Record).where(*shown))
    statement = (
        select(Record, holder)
        .outerjoin(holder, holder.id == Record.assigned_to)
        .where(*shown)
        .order_by(Record.seq)
        .offset(offset)
        .limit(limit)
    )
    items = []
    for record, person in await session.execute(statement):
        cells = json.loads(record.row_data)
        items.append(
            UsualRecord(
                id=record.id,
                row_number=record.row_number,
                row_data=dict(zip(database.columns, cells, strict=False)),
                customer_id=cells[0],
                display_name=record.display_name,
                phone_e164=record.phone_e164,
                status=record.state,
                assigned_to=record.assigned_to,
                assigned_to_name=person.name if record.assigned_to else None,
                assigned_at=record.assigned_at,
                validation_status=record.validation_status,
                validation_reason=record.validation_reason,
                batch_id=record.batch_id,
                reserved_by_name=None,
                is_reservation_conflict=False,
            )
        )
    return UsualPage(items=items, total=total or 0)


async def _pages(caller: Caller, path: str, queries: list[str]) -> float:
    started = time.perf_counter()
    for query in queries:
        await caller.get(path, query)
    return len(queries) / (time.perf_counter() - started)


async def measure(report: Report, kind: str, settings: Settings) -> None:
    async with open_desk(settings) as desk:
        with tempfile.TemporaryDirectory() as folder:
            database_id = await desk.store(write_csv(Path(folder) / "pool.csv", RECORDS, "p"), MODULE)
        async with desk.database.write() as session:
            receivers = Receivers([person.id for person in desk.staff])
            await assign_random(session, policy_of(MODULE), database_id, receivers, RECORDS // 4)
        token = desk.owner.token
    configure_logging(ObservabilitySettings(log_level="WARNING"))
    app = create_app(settings)
    # Before the web app's route that answers every other path.
    routes = app.router.routes
    app.include_router(usual)
    routes.insert(0, routes.pop())
    async with app.router.lifespan_context(app):
        caller = Caller(app, token)
        ours_path = f"/api/pools/{MODULE}/databases/{database_id}/records"
        usual_path = f"/api/usual/{database_id}/records"
        ours_queries = ["limit=50"]
        for _ in range(REQUESTS - 1):
            _, headers = await caller.get(ours_path, ours_queries[-1])
            ours_queries.append(headers[b"link"].decode().split("?", 1)[1].split(">", 1)[0])
        usual_queries = [f"limit=50&offset={50 * page}" for page in range(REQUESTS)]
        first_page = ["limit=50"] * REQUESTS
        rates: dict[str, list[float]] = {"ours": [], "usual": [], "ours first": [], "usual first": []}
        await _pages(caller, usual_path, usual_queries)
        for _ in range(ROUNDS):
            rates["ours"].append(await _pages(caller, ours_path, ours_queries))
            rates["usual"].append(await _pages(caller, usual_path, usual_queries))
            rates["ours first"].append(await _pages(caller, ours_path, first_page))
            rates["usual first"].append(await _pages(caller, usual_path, first_page))
    ours, usually, ours_first, usually_first = (statistics.median(values) for values in rates.values())
    report.note(
        f"{kind}: {ours:.0f} pages/s against {usually:.0f}/s; page 1 with its total {ours_first:.0f}/s "
        f"against {usually_first:.0f}/s"
    )
    report.at_least(f"list.pages.{kind}", ours / usually, 1.5)


if __name__ == "__main__":
    sys.exit(run_on_each(Report(), measure))
