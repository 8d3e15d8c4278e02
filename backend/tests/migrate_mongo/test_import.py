"""An import from end to end: what is stored is what was read, it can be broken off, and nothing in use is touched."""

import stat
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import func, select

from crm_boost.assignments.policies import policy_of
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.deposits import rebuild as ledger
from crm_boost.deposits.models import Deposit
from crm_boost.health import proactive
from crm_boost.health.repositories import journal
from crm_boost.identity.models import User
from crm_boost.migrate_mongo import repository
from crm_boost.migrate_mongo.errors import ImportRefused
from crm_boost.migrate_mongo.service import Outcome
from crm_boost.replacement.policy_settings import rule_of
from crm_boost.requests.models import RecordRequest
from crm_boost.reservations.cleanup_config import read_config
from crm_boost.reservations.models import ReservationKey
from tests.migrate_mongo.conftest import Importing
from tests.support.factories import make_product
from tests.support.mongo_dump import PASSWORD, Facts

Dump = tuple[Path, Facts]


async def everything(database: Database) -> dict[str, list[Sequence[Any]]]:
    """All rows that an import stores, in order."""
    found: dict[str, list[Sequence[Any]]] = {}
    async with database.read() as session:
        for step, table in repository.TABLES.items():
            rows = await session.execute(select(table).order_by(*table.primary_key))
            found[step] = [tuple(row) for row in rows]
    return found


async def test_a_desk_moves_in(client: httpx.AsyncClient, database: Database, importing: Importing, dump: Dump) -> None:
    folder, facts = dump
    outcome = await importing(folder)

    assert outcome.stored
    assert not outcome.was_there
    report = outcome.report
    for name, tally in report["collections"].items():
        assert tally["read"] == facts.documents[name]
        assert tally["read"] == tally["stored"] + tally["merged"] + tally["rejected"], name
    assert report["left_out"] == ["activity_logs"]
    assert report["unmapped"]["users"] == {"theme_color": 4}
    # Money exactly: what was written, in minor units.
    assert report["totals"]["deposits approved, total"] == int(facts.approved * 100)
    assert report["totals"]["deposits in the trash, total"] == int(facts.trashed * 100)
    await _check_figures(database, facts)
    await _check_health(database, outcome)
    await _check_people(client, database)
    await _check_search(client)
    _check_rejected(outcome)


async def _check_figures(database: Database, facts: Facts) -> None:
    """What readers read are the roll-ups, and they say what the ledger says."""
    async with database.read() as session:
        stored = await session.scalar(select(func.sum(Deposit.total)).where(Deposit.customer_type.is_not(None)))
        records = await session.scalar(select(func.count()).select_from(Record))
        keys = await session.scalar(select(func.count()).select_from(RecordKey))
        ranges = (await session.execute(select(CustomerDatabase.first_seq, CustomerDatabase.last_seq))).all()
        seqs = (await session.execute(select(func.min(Record.seq), func.max(Record.seq)))).one()
    assert Decimal(stored or 0) == facts.approved * 100
    assert records == keys == sum(last - first + 1 for first, last in ranges)
    assert (seqs[0], seqs[1]) == (min(row[0] for row in ranges), max(row[1] for row in ranges))
    assert await ledger.check(database) == {"wrong_classes": 0, "wrong_days": 0, "corrected": 0}


async def _check_health(database: Database, outcome: Outcome) -> None:
    """Only what old data really has is found; nothing that the import itself would have made wrong."""
    async with database.read() as session:
        found = {name: row.count for name, row in (await journal.stored_findings(session)).items() if row.count}
    assert set(found) == {"foreign_batches", "orphan_holders", "past_grace"}
    assert outcome.health["health_score"] == 60


async def _check_people(client: httpx.AsyncClient, database: Database) -> None:
    async def sign_in(email: str, password: str) -> int:
        return (await client.post("/api/auth/login", json={"email": email, "password": password})).status_code

    assert await sign_in("staff.1@example.test", PASSWORD) == 200
    assert await sign_in("staff.1@example.test", "wrong") == 401
    assert await sign_in("plain@example.test", "md5:0123") == 401
    # Of no rank that exists: in, but with nothing and switched off.
    assert await sign_in("odd@example.test", PASSWORD) == 401
    async with database.read() as session:
        people = {row.name: row for row in await session.scalars(select(User))}
        words = set(await session.scalars(select(AuditEntry.action)))
    assert people["Staff 1"].password_hash.startswith("$argon2")
    assert people["Staff 2"].password_hash.startswith("$2b$")
    assert (people["Odd"].role, people["Odd"].is_active) == ("staff", False)
    assert (people["Gone Away"].is_active, people["Gone Away"].deleted_at is None) == (False, False)
    assert people["Admin One"].blocked_pages == ["reports"]
    assert people["Twin"].email_key.startswith("staff.1+")
    assert "import.from_mongo" in words


async def _check_search(client: httpx.AsyncClient) -> None:
    """What was imported is found by any part of it, like what was uploaded."""
    form = {"email": "owner@example.test", "password": PASSWORD}
    token = (await client.post("/api/auth/login", json=form)).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    databases = (await client.get("/api/bonanza/databases", headers=headers)).json()
    names = {row["name"]: row["id"] for row in databases}
    address = f"/api/bonanza/databases/{names['bonanza_list 1']}/records"
    for part in ("ember000044", "Person 44", "1200000044"):
        rows = (await client.get(address, params={"q": part}, headers=headers)).json()
        assert [row["row_data"]["Nama Lengkap"] for row in rows] == ["Person 44"], part


def _check_rejected(outcome: Outcome) -> None:
    """No document is lost: what cannot be stored lies in a file that only its owner can read."""
    assert outcome.rejected is not None
    lines = [orjson.loads(line) for line in outcome.rejected.read_bytes().splitlines()]
    assert len(lines) == sum(tally["rejected"] for tally in outcome.report["collections"].values())
    reasons = {(line["collection"], line["reason"]) for line in lines}
    assert {("omset_records", "nominal is no number"), ("omset_records", "record_date is no date")} <= reasons
    assert any(line["document"].get("nominal") == "100.000" for line in lines)
    assert stat.S_IMODE(outcome.rejected.stat().st_mode) == 0o600
    assert not (outcome.rejected.parent / "staging.sqlite").exists()


async def test_twice_is_the_same_desk(database: Database, importing: Importing, dump: Dump) -> None:
    first = await importing(dump[0])
    before = await everything(database)
    again = await importing(dump[0])
    assert (first.stored, again.stored, again.was_there) == (True, False, True)
    assert again.report == first.report
    assert await everything(database) == before


async def test_a_broken_off_import_goes_on_behind_the_last_row(
    database: Database, importing: Importing, dump: Dump, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever transaction it ends at, the next run stores the rest, and no row twice."""
    store, stored = repository.store, 0
    monkeypatch.setattr("crm_boost.migrate_mongo.service._AT_ONCE", 100)

    class PowerCut(Exception):
        pass

    async def cut(*args: Any) -> None:
        nonlocal stored
        stored += 1
        await store(*args)
        if stored % 9 == 0:
            raise PowerCut

    check, checked = proactive.check_now, 0

    async def cut_at_the_end(*args: Any) -> dict[str, Any]:
        nonlocal checked
        checked += 1
        if checked == 1:
            raise PowerCut
        return await check(*args)

    monkeypatch.setattr(repository, "store", cut)
    monkeypatch.setattr(proactive, "check_now", cut_at_the_end)
    outcome, cuts = None, 0
    while outcome is None:
        try:
            outcome = await importing(dump[0])
        except PowerCut:
            cuts += 1
    assert cuts >= 4
    assert checked == 2
    assert outcome.resumed
    # The last step proved every total; here once more that nothing is there twice.
    async with database.read() as session:
        assert await repository.totals(session) | {"rows notifications": 0} == outcome.report["totals"] | {
            "rows notifications": 0
        }


async def test_only_one_source_and_only_an_empty_desk(
    database: Database, importing: Importing, dump: Dump, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "users.bson").write_bytes((dump[0] / "users.bson").read_bytes())
    dry = await importing(dump[0], dry_run=True)
    assert not dry.stored
    async with database.read() as session:
        assert await repository.is_empty(session)
        assert await repository.current(session) is None
    done = await importing(other)
    assert done.stored
    with pytest.raises(ImportRefused, match="other data"):
        await importing(dump[0])
    # Looking is allowed whatever is here.
    assert (await importing(dump[0], dry_run=True)).report == dry.report


async def test_a_desk_in_use_is_left_alone(database: Database, importing: Importing, dump: Dump) -> None:
    await make_product(database)
    before = await everything(database)
    with pytest.raises(ImportRefused, match="in use"):
        await importing(dump[0])
    assert await everything(database) == before


async def test_settings_requests_and_reservations_hold_on(database: Database, importing: Importing, dump: Dump) -> None:
    await importing(dump[0])
    async with database.read() as session:
        rule = (await rule_of(session, policy_of("memberwd"))).value
        config = await read_config(session)
        held = (await session.scalars(select(Record).where(Record.state == "requested"))).all()
        requests = {row.id: row for row in await session.scalars(select(RecordRequest))}
        reserved = (await session.scalars(select(Record).where(Record.state == "reserved"))).all()
        keys = {(row.product_id, row.customer_key) for row in await session.scalars(select(ReservationKey))}
    assert (rule.auto_replace_invalid, rule.max_replacements_per_batch) == (True, 3)
    assert (config.global_grace_days, config.warning_days, list(config.product_overrides.values())) == (45, 5, [60])
    assert held
    for record in held:
        request = requests[record.request_id or ""]
        assert (request.status, request.staff_id) == ("pending", record.held_for)
        assert request.expires_at is not None
    assert reserved
    assert {(record.product_id, record.customer_key) for record in reserved} <= keys
    # Numbers given out from here on are new ones, on PostgreSQL too.
    async with database.write() as session:
        first = next(iter(requests.values()))
        row = {name: getattr(first, name) for name in RecordRequest.__table__.columns.keys() if name != "seq"}  # noqa: SIM118
        session.add(RecordRequest(**{**row, "id": "new"}))
        await session.flush()
