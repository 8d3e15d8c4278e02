"""What happened stays as it was written, and nothing happens without being written (spec 1.5)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from crm_boost.db.engine import Database
from crm_boost.db.metadata import load_metadata
from crm_boost.identity.permissions import Role
from tests.hardening.routes import Endpoint, endpoints_of
from tests.hardening.samples import sample_body
from tests.hardening.test_objects import WORDS
from tests.hardening.world import SECRET, open_world
from tests.support.databases import kind_wanted

HISTORIES = {
    table.name: table
    for table in load_metadata().sorted_tables
    if re.search(r"(_events|_history)$|^operations$|^audit_log$", table.name)
}
"""By their names: a new history is in the test without being named here."""
DRAFTED = "record_history"
"""Written before the records are claimed; what somebody else took meanwhile is taken out before the commit."""
IN_PIECES = {"POST /api/omset/migrate-normalize", "GET /api/omset/migrate-normalize"}
"""Goes through the ledger in transactions of its own and can be taken up again; its entry comes with the last."""
BESIDE = {"access_counts", "login_throttle", "idempotency_keys"}
"""Counted beside the transaction on purpose."""
NOTICED = {"last_seen_at", "last_used_at", "presence"}
"""Columns, and a topic of announcements, that are written beside the transaction: somebody was there."""


async def refused(database: Database, statement: str) -> str:
    """Why the database refuses a statement; nothing when it does not."""
    try:
        async with database.write() as session:
            await session.execute(text(statement))
    except DBAPIError as error:
        return str(error.orig)
    return ""


async def test_no_history_can_be_rewritten_or_shortened(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    world = await open_world(app, client, database)
    await world.call(world.admin, "PATCH", f"/reserved-members/{world.things['reservation_id']}/extend")
    path = f"/omset/{world.things['deposit_id']}"
    await world.call(world.admin, "PUT", path, {"nominal": 2000})
    await world.call(world.admin, "PUT", "/omset/settings", await world.call(world.admin, "GET", "/omset/settings"))
    assert len(HISTORIES) >= 7
    for name, table in HISTORIES.items():
        async with database.read() as session:
            count = await session.scalar(select(func.count()).select_from(table))
        assert count, f"nothing in {name}: the test would prove nothing"
        for column in table.columns:
            if (name, column.name) == ("contact_events", "note"):
                continue
            told = await refused(database, f'UPDATE {name} SET "{column.name}" = "{column.name}"')
            assert "can only grow" in told, (name, column.name, told)
        if name != DRAFTED:
            assert "can only grow" in await refused(database, f"DELETE FROM {name}"), name


async def test_what_records_point_at_can_never_be_removed(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    """PostgreSQL has no foreign keys there (ADR 63, 68): SQLite refuses by its keys, PostgreSQL whatever they point at."""
    await open_world(app, client, database)
    async with database.read() as session:
        held = (
            await session.execute(
                text("SELECT assigned_to, batch_id, database_id FROM customer_records WHERE batch_id IS NOT NULL")
            )
        ).all()
    assert held
    why = "FOREIGN KEY" if database.is_sqlite else "never removed"
    for staff_id, batch_id, database_id in held[:1]:
        assert why in await refused(database, f"DELETE FROM databases WHERE id = '{database_id}'")
        assert why in await refused(database, f"DELETE FROM batches WHERE id = '{batch_id}'")
        assert why in await refused(database, f"DELETE FROM users WHERE id = '{staff_id}'")


async def test_what_was_written_about_a_record_can_be_forgotten_but_not_changed(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    world = await open_world(app, client, database)
    verdict = {"record_ids": world.things["record_ids"], "is_valid": False, "reason": "other", "note": SECRET}
    await world.call(world.owner, "POST", "/my/validate", verdict)

    async def notes() -> list[Any]:
        async with database.read() as session:
            return list((await session.execute(text("SELECT note FROM contact_events WHERE note IS NOT NULL"))).all())

    assert len(await notes()) == 1
    assert "can only grow" in await refused(database, "UPDATE contact_events SET note = 'something else'")
    assert await refused(database, "UPDATE contact_events SET note = NULL") == ""
    assert await notes() == []


async def everything(database: Database) -> dict[str, list[Any]]:
    """All that is stored, but for what is counted beside."""
    found = {}
    async with database.read() as session:
        for table in load_metadata().sorted_tables:
            if table.name not in BESIDE:
                columns = [column for column in table.columns if column.name not in NOTICED]
                statement = select(*columns).order_by(*table.primary_key.columns)
                if table.name == "outbox":
                    statement = statement.where(table.c.topic.not_in(NOTICED))
                found[table.name] = [tuple(row) for row in await session.execute(statement)]
    return found


def _writes(app: FastAPI) -> list[Endpoint]:
    """Every endpoint that changes something, those that end sessions last; files are uploaded elsewhere."""
    found = [
        one
        for one in endpoints_of(app)
        if one.method != "GET"
        and one.permissions
        and "multipart/form-data" not in str(one.operation.get("requestBody"))
        and str(one) not in IN_PIECES
    ]
    return sorted(found, key=lambda one: ("/auth/" in one.path or "/users" in one.path, one.method == "DELETE"))


@pytest.mark.timeout(180)
async def test_what_cannot_be_written_down_is_not_done(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    """Each command, while the audit log takes nothing: refused commands have changed nothing at all."""
    world = await open_world(app, client, database)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    before, stopped = await everything(database), 0
    # What the databases do is the same; PostgreSQL takes longer to tell everything.
    writes = _writes(app)[:: 4 if kind_wanted() == "postgresql" else 1]
    async with _closed_audit_log(database), httpx.AsyncClient(transport=transport, base_url="http://crm.test") as calm:
        for endpoint in writes:
            who = world.owner if endpoint.is_open_to(Role.STAFF) else world.master
            body = sample_body(endpoint, app.openapi(), world.things)
            address = endpoint.path.format_map(_Named({**WORDS, **world.things}))
            answer = await calm.request(endpoint.method, address, json=body, headers=who.auth)
            if answer.is_success:
                before = await everything(database)
            elif answer.status_code == 500:
                after = await everything(database)
                assert [name for name, rows in after.items() if rows != before[name]] == [], str(endpoint)
                stopped += 1

    assert stopped > len(writes) / 10


class _Named(dict[str, str]):
    """What is in a path by its name; what nobody has is called so."""

    def __missing__(self, name: str) -> str:
        return "nothing-here"


@asynccontextmanager
async def _closed_audit_log(database: Database) -> AsyncIterator[None]:
    """The database refuses every entry of the audit log."""
    if kind_wanted() == "postgresql":
        close = [
            "CREATE FUNCTION closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'closed'; END $$",
            "CREATE TRIGGER closed BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION closed()",
        ]
        reopen = "DROP FUNCTION closed() CASCADE"
    else:
        close = ["CREATE TRIGGER closed BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'closed'); END"]
        reopen = "DROP TRIGGER closed"
    async with database.write() as session:
        for statement in close:
            await session.execute(text(statement))
    try:
        yield
    finally:
        async with database.write() as session:
            await session.execute(text(reopen))
