"""Sends one text to one chat of Telegram. Knows nothing of the desk.

The token is part of the address, so neither an address nor an error of the library ever reaches the log.
"""

import logging
from dataclasses import dataclass

import httpx

_SECONDS = 20.0
_TOO_MANY = 429

# It logs every address at its usual level.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it. `error` is a stable code, absent when the text has arrived; `again` says whether another try can
    help, `wait_seconds` when the other side said how long to wait."""

    error: str | None = None
    again: bool = False
    wait_seconds: int | None = None


async def send(url: str, token: str, chat_id: str, text: str) -> Sent:
    """Send a text, once."""
    body = {"chat_id": chat_id, "text": text, "disable_web_page_preview": True}
    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            answer = await client.post(f"{url.rstrip('/')}/bot{token}/sendMessage", json=body)
    except (httpx.HTTPError, httpx.InvalidURL):
        return Sent("unreachable", again=True)
    if answer.status_code == httpx.codes.OK:
        return Sent()
    if answer.status_code == _TOO_MANY:
        return Sent("busy", again=True, wait_seconds=_retry_after(answer))
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Sent("unreachable", again=True)
    # A token nobody knows is answered with 401 or 404, a chat that the bot is not in with 400 or 403.
    wrong_token = answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND)
    return Sent("wrong_token" if wrong_token else "wrong_chat")


def _retry_after(answer: httpx.Response) -> int | None:
    try:
        seconds = answer.json()["parameters"]["retry_after"]
    except (ValueError, KeyError, TypeError):
        return None
    return min(int(seconds), 3600) if isinstance(seconds, int) else None
