"""Errors that browsers report: in the log and in Sentry without a person, and never so many that they are the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI

from crm_boost.kit.clock import frozen
from crm_boost.observing.observer import Observer
from crm_boost.operations import browser_errors
from crm_boost.operations.browser_errors import BrowserErrors
from crm_boost.settings import ObservabilitySettings
from crm_boost.web.logging import configure_logging
from tests.observing.test_reporting import Door, reporter
from tests.support.factories import make_user

NAME, PHONE = "Budi Santoso", "081234567890"
ERROR = {
    "kind": "TypeError",
    "message": f"no desk for '{NAME}' at {PHONE}",
    "stack": f"TypeError: {NAME}\n    at onOpen (https://desk.test/assets/index-4f2a.js:12:345)\n    {NAME} {PHONE}",
    "page": "/_app/users",
}
NOW = datetime(2025, 3, 1, 8, tzinfo=UTC)


async def test_an_error_is_logged_and_reported_without_a_person(
    app: FastAPI, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    staff, door = await make_user(app.state.database), Door()
    app.state.observer = Observer(reporter=reporter(door))
    configure_logging(ObservabilitySettings())
    answer = await client.post("/api/client-errors", json=ERROR, headers=staff.auth)

    assert (answer.status_code, answer.content) == (204, b"")
    lines = [orjson.loads(line) for line in capsys.readouterr().err.splitlines() if '"browser_error"' in line]
    (line,) = lines
    assert line["message"] == "no desk for [text] at [number]"
    assert (line["kind"], line["page"]) == ("TypeError", "/_app/users")
    assert line["frames"] == ["onOpen /assets/index-4f2a.js:12:345"]
    assert line["request_id"] == answer.headers["x-request-id"]
    (event,) = door.events
    (error,) = event["exception"]["values"]
    assert (event["platform"], error["type"], error["value"]) == ("javascript", "TypeError", line["message"])
    assert [frame["filename"] for frame in error["stacktrace"]["frames"]] == ["/assets/index-4f2a.js"]
    assert [word for word in (NAME, PHONE) if word in b"".join(door.envelopes).decode() or word in repr(line)] == []


async def test_who_is_not_signed_in_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/client-errors", json=ERROR)).status_code == 401


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "not a class"),
        ("kind", "K" * 81),
        ("message", "m" * 501),
        ("stack", "s" * 8001),
        ("page", "/customers?q=Budi"),
        ("page", "somewhere"),
        ("more", "x"),
    ],
)
async def test_what_is_no_error_of_ours_is_refused(
    app: FastAPI, client: httpx.AsyncClient, field: str, value: Any
) -> None:
    staff = await make_user(app.state.database)
    answer = await client.post("/api/client-errors", json={**ERROR, field: value}, headers=staff.auth)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


async def test_a_page_that_fails_in_a_loop_is_written_down_a_few_times(
    app: FastAPI, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_errors, "OF_ONE_PERSON", 2)
    staff = await make_user(app.state.database)
    configure_logging(ObservabilitySettings())
    answers = [await client.post("/api/client-errors", json=ERROR, headers=staff.auth) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [204] * 4
    assert capsys.readouterr().err.count('"browser_error"') == 2


@pytest.mark.pure
def test_the_pace_is_of_each_person_of_everybody_and_of_ten_minutes() -> None:
    pace = BrowserErrors()
    with frozen(NOW):
        assert [pace.may_report("a") for _ in range(22)] == [True] * 20 + [False] * 2
        assert pace.may_report("b")
        others = sum(pace.may_report(f"person {number}") for number in range(300))
    assert others == browser_errors.OF_EVERYBODY - 21
    with frozen(NOW + timedelta(minutes=9, seconds=59)):
        assert not pace.may_report("c")
    with frozen(NOW + timedelta(minutes=10)):
        assert pace.may_report("a")
