"""A copy for staging: nobody of the original is in its bytes, and everything else is as it was."""

import asyncio
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import psycopg
import pytest
from sqlalchemy import create_engine, select, text, update
from typer.testing import CliRunner

from crm_boost.cli import cli
from crm_boost.databases.customer_key import customer_key
from crm_boost.databases.models import Record
from crm_boost.db.engine import Database
from crm_boost.db.metadata import load_metadata
from crm_boost.db.migrate import sync_url
from crm_boost.health.service import health_check
from crm_boost.identity.models import User
from crm_boost.identity.passwords import verify_password
from crm_boost.settings import DatabaseSettings, JobSettings, Settings
from crm_boost.staging import repository, service
from crm_boost.staging.rules import EMPTIED
from crm_boost.wiring import build_bus
from tests.support.databases import Provider
from tests.support.factories import make_database, make_product, make_user, records_of
from tests.support.postgres import client_programs

PRIVATE = (
    "Siti Rahmawati",
    "siti.r@example.test",
    "Master Wirawan",
    "Bambang Pamungkas",
    "Jalan Melati",
    "budiq",
    "0812000",
    "62812000",
)
"""Words of which every one is somewhere in the original."""
FIGURES = (
    *("omset_daily", "omset_staff_daily", "omset_monthly", "work_daily", "retention_counts", "retention_returns"),
    "response_counts",
    "follow_up_totals",
)


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{client_programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def empty_place(settings: Settings, databases: Provider, tmp_path: Path) -> Iterator[str | None]:
    """Where a copy goes on PostgreSQL."""
    if settings.database.url is None:
        yield None
        return
    with databases.empty(tmp_path) as url:
        yield url


@dataclass(frozen=True, slots=True)
class Desk:
    staff_id: str
    admin_auth: dict[str, str]
    token: str
    record_id: str


async def work(client: httpx.AsyncClient, database: Database) -> Desk:
    """A small desk where every kind of text that people write has been written."""
    admin = await make_user(database, "master_admin", name="Master Wirawan")
    staff = await make_user(database, name="Siti Rahmawati", email="siti.r@example.test")
    product = await make_product(database, "Brand One")
    pool = await make_database(database, 12, product_id=product, name="budiq list", prefix="budiq")
    same = await make_database(database, 5, module="memberwd", product_id=product, prefix="budiq")
    record_id = pool.record_ids[0]

    async def done(method: str, path: str, body: Any, who: dict[str, str]) -> Any:
        answer = await client.request(method, path, json=body, headers=who)
        assert answer.status_code in {200, 201, 204}, answer.text
        return answer.json() if answer.content else None

    async with database.write() as session:
        cells = orjson.dumps(
            ["budiq0", "Bambang Pamungkas", "08120000000", "Jalan Melati 7", "+62 812 000 0000"]
        ).decode()
        found = "budiq0\nbambang pamungkas\n08120000000\n+628120000000"
        named = {"display_name": "Bambang Pamungkas", "row_data": cells, "phone": "08120000000", "search_text": found}
        await session.execute(update(Record).where(Record.id == record_id).values(**named))
    for database_id, module in ((pool.id, "normal"), (same.id, "memberwd")):
        body = {"database_id": database_id, "staff_ids": [staff.id], "quantity": 5}
        await done("POST", f"/api/pools/{module}/assign-random", body, admin.auth)
    mine = [row.id for row in (await records_of(database, pool)).values() if row.assigned_to == staff.id]
    await done("POST", f"/api/records/{mine[0]}/notes", {"text": "Bambang Pamungkas, Jalan Melati"}, staff.auth)
    await done("POST", "/api/my/marks", {"marks": [{"record_id": mine[0], "respond_status": "ya"}]}, staff.auth)
    reserve = {"customer_id": "BudiQ 1", "product_id": product, "staff_id": staff.id, "phone_number": "08120000001"}
    await done("POST", "/api/reserved-members", reserve, admin.auth)
    for day in (1, 2):
        book = {"product_id": product, "record_date": f"2025-01-0{day}", "customer_id": "budiq1", "nominal": 1000}
        await done("POST", "/api/omset", {**book, "note": "for Bambang Pamungkas"}, staff.auth)
    return Desk(staff.id, admin.auth, staff.token, record_id)


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table as it lies there."""
    engine = create_engine(sync_url(url))
    with engine.connect() as connection:
        rows = {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in load_metadata().tables.items()
        }
    engine.dispose()
    return rows


def bytes_of(url: str | None, folder: Path) -> bytes:
    """Everything in the files of the copy; on PostgreSQL the rows, and what pages of its tables hold."""
    if url is None:
        return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    with psycopg.connect(url) as connection:
        connection.execute("CHECKPOINT")
        paths = connection.execute(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        return b"".join(
            row[0]
            for (path,) in paths
            if (row := connection.execute("SELECT pg_read_binary_file(%s)", (path,)).fetchone())
        )


async def check_of(url: str, settings: Settings) -> dict[str, Any]:
    place = settings.model_copy(update={"database": DatabaseSettings(url=url)})
    database = Database(place, build_bus())
    try:
        async with database.read() as session:
            found = await health_check(session, None)
            return {name: found[name] for name in ("health_score", "status")}
    finally:
        await database.dispose()


async def test_nobody_is_in_the_copy_and_everything_else_is(
    client: httpx.AsyncClient, database: Database, settings: Settings, empty_place: str | None, tmp_path: Path
) -> None:
    desk, folder = await work(client, database), tmp_path / "staged"
    # A fault, so that the score is not that of an empty desk.
    async with database.write() as session:
        await session.execute(text("DELETE FROM record_keys WHERE customer_key = 'budiq11'"))
    staged = await asyncio.to_thread(service.make_copy, settings, folder, empty_place)
    place = empty_place or f"sqlite+aiosqlite:///{folder / service.DATABASE}"

    original = await asyncio.to_thread(contents, settings.database_url)
    copy = await asyncio.to_thread(contents, place)
    before, after = repr(original), bytes_of(empty_place, folder).decode("latin-1")
    assert [word for word in PRIVATE if word not in before] == []
    assert [word for word in PRIVATE if re.search(re.escape(word), after, re.IGNORECASE)] == []
    assert [word for word in (desk.token, *PRIVATE) if word.lower() in repr(copy).lower()] == []
    assert [path.name for path in folder.rglob("*")] == ([service.DATABASE] if empty_place is None else [])

    assert {name: len(rows) for name, rows in copy.items() if name not in EMPTIED} == {
        name: len(rows) + (name == "counters") for name, rows in original.items() if name not in EMPTIED
    }
    assert [name for name in EMPTIED if copy[name]] == []
    assert {name: copy[name] for name in FIGURES} == {name: original[name] for name in FIGURES}
    assert original["omset_daily"]
    was = await check_of(settings.database_url, settings)
    assert was["health_score"] < 100
    assert await check_of(place, settings) == was

    records = {row[1]: row for row in copy["customer_records"]}
    column = [c.name for c in Record.__table__.columns].index
    new = dict(zip((c.name for c in Record.__table__.columns), records[desk.record_id], strict=True))
    cells = orjson.loads(new["row_data"])
    assert customer_key(cells[0]) == new["customer_key"] == cells[0].lower().replace(" ", "")
    assert (cells[1], cells[2]) == (new["display_name"], new["phone"])
    assert new["search_text"].split("\n")[1] == new["customer_key"]
    # Who was one customer in several places is one customer still.
    keys = [row[column("customer_key")] for row in copy["customer_records"]]
    assert sorted(map(keys.count, keys)) == sorted([2] * 10 + [1] * 7)
    assert {row[0] for row in copy["record_keys"]} == set(keys) - {keys[11]}

    assert [role for role, _, _ in staged.accounts] == ["master_admin", "staff"]
    engine = create_engine(sync_url(place))
    with engine.connect() as connection:
        hashes = set(connection.scalars(select(User.password_hash)).all())
    engine.dispose()
    assert [await verify_password(staged.password, stored) for stored in hashes] == [True]


async def test_a_copy_works_like_a_desk_and_says_what_it_is(
    client: httpx.AsyncClient, database: Database, settings: Settings, empty_place: str | None, tmp_path: Path
) -> None:
    from crm_boost.app import create_app

    await work(client, database)
    staged = await asyncio.to_thread(service.make_copy, settings, tmp_path / "staged", empty_place)
    place = Settings(
        data_dir=tmp_path / "staged",
        database=DatabaseSettings(url=empty_place),
        jobs=JobSettings(enabled=False),
        staging=True,
    )
    app = create_app(place)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://crm.test") as copy,
    ):
        _, email, name = staged.accounts[0]
        entered = await copy.post("/api/auth/login", json={"email": email, "password": staged.password})
        assert entered.status_code == 200, entered.text
        bearer = {"Authorization": f"Bearer {entered.json()['token']}"}
        assert (await copy.get("/api/auth/me", headers=bearer)).json()["name"] == name
        (reserved,) = (await copy.get("/api/reserved-members", headers=bearer)).json()
        found = await copy.get("/api/search", params={"q": reserved["customer_id"]}, headers=bearer)
        assert reserved["customer_id"] in found.text, "the search index knows the new names"
        async with app.state.database.write() as session:
            with pytest.raises(Exception, match="only grow"):
                await session.execute(text("UPDATE audit_log SET action = 'x'"))
        assert (await copy.get("/api/server-time")).json()["instance"] == "staging"
    assert "instance" not in (await client.get("/api/server-time")).json()


def test_the_command_never_replaces_anything_and_a_copy_is_served_as_one_alone(
    settings: Settings, empty_place: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_DATA_DIR", str(settings.data_dir))
    if settings.database.url is not None:
        monkeypatch.setenv("CRM_DATABASE__URL", settings.database.url)
        monkeypatch.setenv("CRM_STAGE_DATABASE_URL", str(empty_place))

    def crm_boost(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, list(arguments))
        return done.exit_code, done.output

    folder = tmp_path / "staged"
    assert crm_boost("stage", str(folder))[0] == 0
    code, said = crm_boost("stage", str(folder))
    assert (code, "never replaces" in said or "not empty" in said) == (1, True)
    monkeypatch.setenv("CRM_STAGING", "true")
    code, said = crm_boost("serve")
    assert (code, "real data" in said) == (1, True)
    monkeypatch.delenv("CRM_STAGING")
    monkeypatch.setenv("CRM_DATA_DIR", str(folder))
    if empty_place is not None:
        monkeypatch.setenv("CRM_DATABASE__URL", empty_place)
    code, said = crm_boost("serve")
    assert (code, "CRM_STAGING=true" in said) == (1, True)


def test_where_scrubbing_fails_nobody_finds_a_copy(
    settings: Settings, empty_place: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(repository, "set_passwords", fails)
    with pytest.raises(RuntimeError, match="in the middle"):
        service.make_copy(settings, tmp_path / "staged", empty_place)

    assert list((tmp_path / "staged").iterdir()) == []
    if empty_place is not None:
        engine = create_engine(sync_url(empty_place))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).all() == []
        engine.dispose()
