"""Which addresses are told, how a delivery is signed, and when it is tried again: without a database."""

import base64
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import httpx
import pytest

from crm_boost.kit.errors import InvalidInput
from crm_boost.webhooks import sender
from crm_boost.webhooks.addresses import checked_url, is_allowed
from crm_boost.webhooks.courier import after_attempt, why_off
from crm_boost.webhooks.sender import Sent, send
from crm_boost.webhooks.signing import new_secret, signed_headers

pytestmark = pytest.mark.pure
NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "2002:a00:1::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_what_only_this_server_can_reach_is_never_told(text: str) -> None:
    assert not is_allowed(ip_address(text), loopback=False)


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_the_open_internet_is(text: str) -> None:
    assert is_allowed(ip_address(text), loopback=False)


def test_this_machine_only_where_it_is_allowed() -> None:
    for text, told in (("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False)):
        assert is_allowed(ip_address(text), loopback=True) is told


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.com/", "https_only"),
        ("ftp://hooks.example.com/", "https_only"),
        ("hooks.example.com", "address_invalid"),
        ("https://", "address_invalid"),
        ("https://me:secret@hooks.example.com/", "address_invalid"),
        ("https://hooks.example.com/#part", "address_invalid"),
        ("https://exa mple.com:port/", "address_invalid"),
        ("https://127.0.0.1/", "address_not_public"),
        ("https://[::1]/", "address_not_public"),
        ("https://[::ffff:10.0.0.1]/", "address_not_public"),
        ("https://169.254.169.254/latest/meta-data", "address_not_public"),
        ("https://localhost/", "address_not_public"),
        ("http://127.0.0.1/", "https_only"),
    ],
)
def test_an_address_that_cannot_be_registered(url: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_url(url, loopback=False)
    assert [(error.field, error.code) for error in refused.value.errors] == [("url", code)]


def test_an_address_that_can() -> None:
    for url in ("https://hooks.example.com/a?b=c", "https://hooks.example.com:8443/", "https://8.8.8.8/"):
        assert checked_url(url, loopback=False) == url
    assert checked_url("http://127.0.0.1:9/x", loopback=True) == "http://127.0.0.1:9/x"
    with pytest.raises(InvalidInput):
        checked_url("http://hooks.example.com/", loopback=True)


@pytest.mark.parametrize(
    ("url", "answers", "loopback"),
    [
        ("https://inside.example/", ["10.0.0.1"], False),
        ("https://inside.example/", ["8.8.8.8", "169.254.169.254"], True),
        ("https://inside.example/", ["::1"], False),
        # Without TLS only to this machine, also when a name says so no longer.
        ("http://localhost/", ["8.8.8.8"], True),
        ("https://inside.example/", [], False),
    ],
)
async def test_a_name_is_judged_by_what_it_means_now(
    monkeypatch: pytest.MonkeyPatch, url: str, answers: list[str], loopback: bool
) -> None:
    asked = []

    async def addresses_of(host: str, port: int) -> list[Any]:
        asked.append((host, port))
        return [ip_address(answer) for answer in answers]

    monkeypatch.setattr(sender, "addresses_of", addresses_of)
    assert await send(url, {}, b"{}", loopback=loopback) == Sent("address_not_public")
    target = httpx.URL(url)
    assert asked == [(target.host, 443 if target.scheme == "https" else 80)]


async def test_what_cannot_be_reached_is_an_answer() -> None:
    assert await send("http://127.0.0.1:1/", {}, b"{}", loopback=True) == Sent("unreachable")
    assert await send("http://127.0.0.1:1/", {}, b"{}", loopback=False) == Sent("address_not_public")


def test_the_signature_is_that_of_the_standard() -> None:
    # The example of the specification (Standard Webhooks 1.0).
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    secrets = {new_secret() for _ in range(3)}
    assert len(secrets) == 3
    assert {len(base64.b64decode(secret.removeprefix("whsec_"))) for secret in secrets} == {32}


@pytest.mark.parametrize(
    ("attempt", "sent", "noted"),
    [
        (1, Sent(status=204), {"state": "sent", "ended_at": NOON, "status_code": 204, "error": None}),
        (1, Sent("refused", 500), {"not_before": NOON + timedelta(seconds=30), "status_code": 500, "error": "refused"}),
        (4, Sent("timeout"), {"not_before": NOON + timedelta(seconds=240), "status_code": None, "error": "timeout"}),
        (10, Sent("refused", 404), {"state": "failed", "ended_at": NOON, "status_code": 404, "error": "refused"}),
        (1, Sent("refused", 410), {"state": "failed", "ended_at": NOON, "status_code": 410, "error": "refused"}),
        (1, Sent("secret_lost"), {"state": "failed", "ended_at": NOON, "status_code": None, "error": "secret_lost"}),
    ],
)
def test_after_an_attempt(attempt: int, sent: Sent, noted: dict[str, Any]) -> None:
    assert after_attempt(attempt, sent, NOON) == noted


@pytest.mark.parametrize(
    ("sent", "failures", "hours", "reason"),
    [
        (Sent("refused", 410), 1, 0, "gone"),
        (Sent("timeout"), 20, 24, "failing"),
        (Sent("timeout"), 19, 48, None),
        (Sent("timeout"), 500, 23, None),
    ],
)
def test_when_a_webhook_is_switched_off(sent: Sent, failures: int, hours: int, reason: str | None) -> None:
    assert why_off(sent, failures, NOON, NOON + timedelta(hours=hours)) == reason
