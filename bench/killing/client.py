"""A client that remembers what it was told. What it was not told it asks again after the restart, with the same key."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.killing.server import Server
from crm_boost.db.session import ReadSession
from crm_boost.kit.ids import new_id
from tests.support.factories import Account

Then = Callable[[Any], None]
Refusal = Callable[[httpx.Response], bool]


class Gone(Exception):
    """The server was killed before it answered."""


class Violation(Exception):
    """Something happened that must not."""


@dataclass
class Counts:
    """What the clients of a desk did altogether."""

    acknowledged: int = 0
    repeated: int = 0
    done_before: int = 0
    """Repeated requests whose effect was there already, or whose key was used: their answer alone had been lost."""


@dataclass(frozen=True)
class Ask:
    """A write. `then` takes the answer into what must be there; `otherwise` says whether a refusal is in order."""

    method: str
    path: str
    body: Any
    headers: dict[str, str]
    then: Then
    otherwise: Refusal | None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.body}"


@dataclass
class Line:
    """The line to the server of this round."""

    server: Server
    client: httpx.AsyncClient
    began: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first write that is sent."""


class Client:
    """One client, one request after the other. Subclasses say what it does (`step`) and what must be there (`check`)."""

    def __init__(self, account: Account, seed: int, counts: Counts) -> None:
        self.account = account
        self.rng = random.Random(seed)
        self.counts = counts
        self.line: Line | None = None
        self._unsure: Ask | None = None
        self._last: tuple[Ask, Any] | None = None
        self._number = 0

    async def work(self, line: Line) -> None:
        """Do one thing after the other until the server is gone."""
        self.line = line
        try:
            while True:
                await self.step()
        except Gone:
            return

    async def settle(self, line: Line) -> None:
        """Ask again what was not answered, and once more what was answered last: that must give the same answer."""
        self.line = line
        if self._last is not None:
            ask, answer = self._last
            again = await self._request(ask)
            if not again.is_success or again.json() != answer:
                raise Violation(f"{ask}: answered {answer} first and then {again.status_code} {again.text[:500]}")
            self._last = None
        if self._unsure is not None:
            self.counts.repeated += 1
            await self._send(self._unsure)

    @property
    def is_unsure(self) -> bool:
        """Whether a write was sent and not answered."""
        return self._unsure is not None

    def drop_unsure(self) -> None:
        """Do not ask again: what became of it is looked up."""
        self._unsure = None

    async def step(self) -> None:
        raise NotImplementedError

    async def check(self, session: ReadSession) -> list[str]:
        """What is not as the answers said."""
        raise NotImplementedError

    def name(self) -> str:
        """A word nobody has used."""
        self._number += 1
        return f"{self.account.id[-5:]}x{self._number}".lower()

    async def write(
        self,
        method: str,
        path: str,
        body: Any,
        then: Then,
        *,
        keyed: bool = True,
        otherwise: Refusal | None = None,
        by: Account | None = None,
    ) -> None:
        """Send a write, with an idempotency key where the address takes one."""
        headers = {**(by or self.account).auth, **({"Idempotency-Key": new_id()} if keyed else {})}
        await self._send(Ask(method, path, body, headers, then, otherwise))

    async def read(self, path: str, **params: Any) -> Any:
        """Ask for something."""
        answer = await self._request(Ask("GET", path, None, self.account.auth, lambda _: None, None), params=params)
        if not answer.is_success:
            raise Violation(f"GET {path} {params}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    async def upload(self, path: str, content: bytes, filename: str, data: dict[str, str]) -> Any:
        """Send a file. It has no key: one that was not acknowledged is not sent again, and may be there or not."""
        assert self.line is not None
        self.line.began.set()
        ask = Ask("POST", path, None, self.account.auth, lambda _: None, None)
        answer = await self._request(ask, data=data, files={"file": (filename, content)})
        if not answer.is_success:
            raise Violation(f"{ask}: {answer.status_code} {answer.text[:500]}")
        self.counts.acknowledged += 1
        return answer.json()

    async def _send(self, ask: Ask) -> None:
        assert self.line is not None
        is_repeated, self._unsure = ask is self._unsure, ask
        self.line.began.set()
        answer = await self._request(ask)
        if answer.is_success:
            told = answer.json() if answer.content else None
            ask.then(told)
            self.counts.acknowledged += 1
            self._last = (ask, told) if "Idempotency-Key" in ask.headers else None
        elif ask.otherwise is None or not ask.otherwise(answer):
            raise Violation(f"{ask}{' (repeated)' if is_repeated else ''}: {answer.status_code} {answer.text[:500]}")
        elif is_repeated:
            self.counts.done_before += 1
        self._unsure = None

    async def _request(self, ask: Ask, **content: Any) -> httpx.Response:
        assert self.line is not None
        if ask.body is not None:
            content["json"] = ask.body
        try:
            return await self.line.client.request(ask.method, ask.path, headers=ask.headers, **content)
        except Exception as error:
            # The library has several ways to say that the other end is gone, some of them by accident.
            if self.line.server.is_killed:
                raise Gone from error
            raise Violation(f"{ask}: no answer from a server that runs ({type(error).__name__})") from error
