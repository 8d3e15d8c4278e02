"""The channel to the outside: set up without showing its token, sent to after the commit, tried again when it can help."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from crm_boost.notifications.channel_service import tell_channel
from crm_boost.notifications.courier import Courier, after_attempt
from crm_boost.notifications.digest_kinds import Digest
from crm_boost.notifications.models import ChannelMessage, SealedSecret
from crm_boost.notifications.sealing import Sealer
from crm_boost.notifications.telegram import Sent
from crm_boost.settings import Settings, TelegramSettings
from tests.notifications.fake_telegram import CHAT, TOKEN, FakeTelegram, fake_telegram
from tests.support.factories import Account, make_user

PATH = "/api/channels/telegram"
SETUP: dict[str, Any] = {
    "enabled": True,
    "chat_id": CHAT,
    "language": "en",
    "digests": ["follow_ups", "at_risk"],
    "token": TOKEN,
}
NOON = datetime(2025, 3, 1, 5, 0, tzinfo=UTC)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as fake:
        yield fake


@pytest.fixture
def settings(settings: Settings, telegram: FakeTelegram) -> Settings:
    return settings.model_copy(update={"telegram": TelegramSettings(url=telegram.url)})


async def set_up(client: httpx.AsyncClient, admin: Account, **changes: Any) -> dict[str, Any]:
    answer = await client.put(PATH, json={**SETUP, **changes}, headers=admin.auth)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_token_goes_in_and_never_comes_out(
    client: httpx.AsyncClient, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    admin = await make_user(database, "admin")
    shown = await set_up(client, admin)
    assert shown["has_token"]
    assert (await client.post(f"{PATH}/test", headers=admin.auth)).status_code == 204
    answers = [shown, (await client.get(PATH, headers=admin.auth)).json()]
    async with database.read() as session:
        stored = list((await session.scalars(select(SealedSecret.sealed))).all())
        audited = [str(row.detail) for row in await session.scalars(select(AuditEntry))]
    log = "".join(capfd.readouterr())
    assert not [text for text in (*map(str, answers), *stored, *audited, log) if TOKEN.split(":")[1] in text]
    assert any("removed" in text for text in audited)
    # Left out it stays, empty it goes; a channel that is on needs one.
    kept = {name: value for name, value in SETUP.items() if name != "token"}
    assert (await client.put(PATH, json=kept, headers=admin.auth)).json()["has_token"]
    gone = await client.put(PATH, json={**SETUP, "token": ""}, headers=admin.auth)
    assert (gone.status_code, gone.json()["errors"][0]["field"]) == (422, "token")
    assert not (await set_up(client, admin, token="", enabled=False))["has_token"]


async def test_a_test_message_says_what_is_wrong(
    client: httpx.AsyncClient, database: Database, telegram: FakeTelegram
) -> None:
    admin = await make_user(database, "admin")
    before = await client.post(f"{PATH}/test", headers=admin.auth)
    assert (before.status_code, before.json()["code"]) == (409, "channel_not_set_up")
    await set_up(client, admin, enabled=False)
    assert (await client.post(f"{PATH}/test", headers=admin.auth)).status_code == 204
    assert admin.name in telegram.sent[0]["text"]
    for changes, reason in (({"chat_id": "-7"}, "wrong_chat"), ({"token": "1:other"}, "wrong_token")):
        await set_up(client, admin, **changes)
        answer = await client.post(f"{PATH}/test", headers=admin.auth)
        assert (answer.status_code, answer.json()["reason"]) == (409, reason)


async def test_who_may_and_what_is_accepted(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    for method, path, body in (
        ("GET", PATH, None),
        ("PUT", PATH, SETUP),
        ("POST", f"{PATH}/test", None),
        ("GET", "/api/digests/at_risk/preview", None),
    ):
        assert (await client.request(method, path, json=body)).status_code == 401
        assert (await client.request(method, path, json=body, headers=staff.auth)).status_code == 403
    bad: list[tuple[str, Any]] = [
        ("chat_id", "my chat"),
        ("token", "no token"),
        ("language", "fr"),
        ("digests", ["weather"]),
        ("enabled", None),
        ("surprise", 1),
    ]
    for field, value in bad:
        answer = await client.put(PATH, json={**SETUP, field: value}, headers=admin.auth)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"].startswith(field)
    assert (await client.get("/api/digests/weather/preview", headers=admin.auth)).status_code == 422


async def write(database: Database, key: str, *, wanted: bool = True) -> bool:
    async with database.write() as session:
        return await tell_channel(session, Digest.AT_RISK, key, f"text of {key}", wanted=wanted)


async def states(database: Database) -> dict[str, tuple[str, int, str | None]]:
    async with database.read() as session:
        rows = await session.scalars(select(ChannelMessage).order_by(ChannelMessage.seq))
        return {row.key: (row.state, row.attempts, row.error) for row in rows}


async def test_a_message_is_written_once_for_each_key_and_sent_once(
    client: httpx.AsyncClient, database: Database, settings: Settings, telegram: FakeTelegram
) -> None:
    await set_up(client, await make_user(database, "admin"))
    first = await asyncio.gather(*(write(database, "a day") for _ in range(3)))
    assert sorted(first) == [False, False, True]
    couriers = [Courier(database, settings) for _ in range(3)]
    carried = await asyncio.gather(*(courier.carry_due() for courier in couriers))
    # The app's own courier carries too, by the same clock: whoever it was, it was one.
    assert sum(carried) <= 1
    async with asyncio.timeout(20):
        while (await states(database))["a day"][0] != "sent":  # noqa: ASYNC110 - a row of a database tells nobody
            await asyncio.sleep(0.02)
    assert [body["text"] for body in telegram.sent] == ["text of a day"]


async def test_what_fails_is_tried_again_and_given_up_when_that_cannot_help(
    database: Database, settings: Settings, telegram: FakeTelegram
) -> None:
    courier = Courier(database, settings)
    async with database.write() as session:
        await _configured(session, settings)
    telegram.answers.extend([(502, {}), (429, {"parameters": {"retry_after": 600}}), (403, {"ok": False})])
    with frozen(NOON):
        await write(database, "late")
        assert await courier.carry_due() == 0
        assert (await states(database))["late"] == ("waiting", 1, "unreachable")
        assert await courier.carry_due() == 0
    with frozen(NOON + timedelta(seconds=31)):
        await courier.carry_due()
        assert (await states(database))["late"] == ("waiting", 2, "busy")
    with frozen(NOON + timedelta(seconds=600)):
        await courier.carry_due()
        assert (await states(database))["late"][1] == 2
    with frozen(NOON + timedelta(seconds=700)):
        await write(database, "fine")
        telegram.answers.rotate(-1)
        await courier.carry_due()
    assert (await states(database))["late"] == ("failed", 3, "wrong_chat")
    assert (await states(database))["fine"] == ("sent", 1, None)


async def _configured(session: Any, settings: Settings) -> None:
    from crm_boost.notifications.channel_schemas import ChannelChange
    from crm_boost.notifications.channel_service import change

    await change(session, Sealer(settings), ChannelChange.model_validate(SETUP))


async def test_what_was_switched_off_meanwhile_is_not_sent(
    database: Database, settings: Settings, telegram: FakeTelegram
) -> None:
    await write(database, "nobody wants it", wanted=False)
    await write(database, "switched off")
    assert await Courier(database, settings).carry_due() == 0
    assert await states(database) == {
        "nobody wants it": ("off", 0, None),
        "switched off": ("failed", 1, "switched_off"),
    }
    assert telegram.sent == []


async def test_a_message_of_a_process_that_died_is_taken_over(
    database: Database, settings: Settings, telegram: FakeTelegram
) -> None:
    from crm_boost.notifications import channel_repository as repository

    async with database.write() as session:
        await _configured(session, settings)
    courier = Courier(database, settings)
    with frozen(NOON):
        await write(database, "left")
        async with database.write() as session:
            assert await repository.claim(session, NOON, NOON + timedelta(minutes=2)) is not None
        assert await courier.carry_due() == 0
    with frozen(NOON + timedelta(minutes=3)):
        assert await courier.carry_due() == 1
    # What the first one says afterwards changes nothing.
    async with database.write() as session:
        await repository.note(session, 1, 1, state="failed", ended_at=NOON, error="late")
    assert (await states(database))["left"] == ("sent", 2, None)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("attempt", "result", "noted"),
    [
        (1, Sent(), {"state": "sent", "ended_at": NOON, "error": None}),
        (1, Sent("wrong_chat"), {"state": "failed", "ended_at": NOON, "error": "wrong_chat"}),
        (1, Sent("busy", again=True), {"not_before": NOON + timedelta(seconds=30), "error": "busy"}),
        (4, Sent("busy", again=True), {"not_before": NOON + timedelta(seconds=240), "error": "busy"}),
        (1, Sent("busy", True, 90), {"not_before": NOON + timedelta(seconds=90), "error": "busy"}),
        (8, Sent("unreachable", again=True), {"state": "failed", "ended_at": NOON, "error": "unreachable"}),
    ],
)
def test_after_an_attempt(attempt: int, result: Sent, noted: dict[str, Any]) -> None:
    assert after_attempt(attempt, result, NOON) == noted


@pytest.mark.pure
def test_what_is_sealed_needs_the_key(tmp_path: Path) -> None:
    here = Settings(data_dir=tmp_path / "a")
    sealed = Sealer(here).seal("secret")
    assert "secret" not in sealed
    assert Sealer(here).open(sealed) == "secret"
    assert (tmp_path / "a" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert list((tmp_path / "a").iterdir()) == [tmp_path / "a" / "secret.key"]
    assert Sealer(Settings(data_dir=tmp_path / "b")).open(sealed) is None
    given = Settings(data_dir=tmp_path / "c", secret_key=SecretStr("a key of many letters"))
    assert Sealer(given).open(Sealer(given).seal("secret")) == "secret"
    assert not (tmp_path / "c").exists()
