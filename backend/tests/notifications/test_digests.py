"""Digests: each person's own figures once a day, the team's for the channel; a preview changes nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from crm_boost.db.engine import Database
from crm_boost.db.outbox import OutboxMessage
from crm_boost.followups import service as follow_ups
from crm_boost.identity.principal import Principal
from crm_boost.jobs import work
from crm_boost.kit.clock import frozen
from crm_boost.notifications.digest_kinds import Digest
from crm_boost.notifications.digest_text import DigestFigures, text_of
from crm_boost.notifications.models import ChannelMessage, Notification
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.retention.desk import entered
from tests.support.factories import Account, make_database, make_product, make_user
from tests.support.statements import recorded_statements

NOW = datetime(2025, 3, 20, 5, 0, tzinfo=UTC)
JOBS = {
    Digest.FOLLOW_UPS: work.digest_follow_ups,
    Digest.AT_RISK: work.digest_at_risk,
    Digest.DAILY_SUMMARY: work.digest_daily_summary,
}


async def told(client: httpx.AsyncClient, who: Account) -> list[tuple[str, dict[str, Any]]]:
    inbox = (await client.get("/api/notifications", headers=who.auth)).json()["notifications"]
    return [(row["type"], row["data"]) for row in inbox if row["type"].startswith("digest_")]


async def desk(database: Database) -> tuple[Account, Account, Account]:
    """An admin, a staff with follow-ups of 0, 4 and 9 days and customers at risk, and one with nothing."""
    admin, staff, idle = (
        await make_user(database, "admin"),
        await make_user(database, name="Wati"),
        await make_user(database, name="Budi"),
    )
    product = await make_product(database)
    stored = await make_database(database, 4, module="memberwd", product_id=product)
    with frozen(NOW - timedelta(days=30)):
        await engine.pick(database, stored, staff, stored.record_ids)
    for days, record_id in zip((0, 4, 9, 12), stored.record_ids, strict=True):
        with frozen(NOW - timedelta(days=days)):
            await contacts.mark(database, staff, record_id, {contacts.RESPOND: "ya"})
    principal = Principal(staff.id, staff.name, staff.role, frozenset(), "")
    async with database.write() as session:
        await follow_ups.snooze(session, principal, stored.record_ids[3], date(2025, 3, 25), None)
    today = date(2025, 3, 20)
    visits = [("lost soon", 20), ("high", 10), ("medium", 4), ("medium", 5), ("once", 4), ("yesterday", 1)]
    given = [(staff.id, name, product, today - timedelta(days=days), False) for name, days in visits]
    await entered(database, given, rolled_up=True)
    return admin, staff, idle


async def test_each_is_told_their_own_once_a_day(client: httpx.AsyncClient, database: Database) -> None:
    with frozen(NOW):
        admin, staff, idle = await desk(database)
        for digest, job in JOBS.items():
            assert (await job(database))["told"] > 0, digest
            # The job may run twice: its process may die before that is noted.
            assert await job(database) == {"told": 0}
        waiting = {"count": 3, "critical": 1, "high": 1, "medium": 0, "low": 1}
        at_risk = {"count": 3, "critical": 1, "high": 1, "medium": 1}
        assert await told(client, staff) == [("digest_at_risk", at_risk), ("digest_follow_ups", waiting)]
        assert await told(client, idle) == []
        summary, *sums = await told(client, admin)
        assert sums == [("digest_at_risk", at_risk), ("digest_follow_ups", waiting)]
        assert summary[0] == "digest_daily_summary"
        assert summary[1]["date"] == "2025-03-19"
        assert (summary[1]["forms"], summary[1]["ndp"], summary[1]["rdp"]) == (1, 1, 0)
        # What the digest says is what the pages say.
        page = (await client.get("/api/followups", headers=admin.auth)).json()["summary"]
        assert (page["total"], page["critical"], page["high"]) == (3, 1, 1)
        alerts = (await client.get("/api/retention/alerts", headers=admin.auth)).json()["summary"]
        assert {name: alerts[name] for name in ("critical", "high", "medium")} == dict(list(at_risk.items())[1:])
    with frozen(NOW + timedelta(days=1)):
        assert (await work.digest_follow_ups(database))["told"] == 2


async def test_a_preview_is_what_is_told_and_changes_nothing(client: httpx.AsyncClient, database: Database) -> None:
    def rows() -> Any:
        return select(*(select(func.count()).select_from(t).scalar_subquery() for t in (Notification, ChannelMessage)))

    with frozen(NOW):
        admin, _, _ = await desk(database)
        async with database.read() as session:
            before = (await session.execute(rows())).one()
            announced = await session.scalar(select(func.max(OutboxMessage.seq)))
        shown = {}
        for digest in Digest:
            with recorded_statements(database) as statements:
                answer = await client.get(f"/api/digests/{digest}/preview", headers=admin.auth)
            assert answer.status_code == 200
            assert len(statements) <= 12, statements
            shown[digest] = answer.json()
        async with database.read() as session:
            assert (await session.execute(rows())).one() == before
            assert await session.scalar(select(func.max(OutboxMessage.seq))) == announced
        for digest, job in JOBS.items():
            assert (await job(database))["told"] == shown[digest]["people"]
    assert "Wati: 3" in shown[Digest.FOLLOW_UPS]["text"]
    assert "Wati: 3" in shown[Digest.AT_RISK]["text"]
    assert not shown[Digest.AT_RISK]["sends"]
    assert shown[Digest.DAILY_SUMMARY]["date"] == "2025-03-19"


@pytest.mark.pure
def test_words_of_the_channel() -> None:
    total = {"count": 1200, "critical": 3, "high": 2, "medium": 1}
    staff = [(f"Staff {number}", 20 - number) for number in range(12)]
    figures = DigestFigures(Digest.AT_RISK, date(2025, 3, 9), total, staff)
    english, indonesian = text_of(figures, "en"), text_of(figures, "id")
    assert english.splitlines()[0] == "At risk on 09/03/2025: 1,200 customers (14+ days: 3, 7+: 2, 3+: 1)"
    assert english.splitlines()[-1] == "and 2 more"
    assert "1.200 pelanggan" in indonesian
    assert "Staff 10" not in english
    nothing = DigestFigures(Digest.AT_RISK, date(2025, 3, 9), dict.fromkeys(total, 0), [])
    assert text_of(nothing, "en").splitlines()[-1] == "Nothing waits."
