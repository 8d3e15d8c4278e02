"""Fixtures of the import tests: an admin at the wizard, and a way to stop the work at a step."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from crm_boost.db.engine import Database
from crm_boost.uploads import work
from tests.support.factories import make_product, make_user
from tests.uploads.desk import Desk


@pytest.fixture
async def desk(app: FastAPI, client: httpx.AsyncClient, database: Database) -> Desk:
    """An admin with a product."""
    admin = await make_user(database, "admin", name="Ratna")
    client.headers.update(admin.auth)
    return Desk(app, client, admin, await make_product(database, "Alpha"))


@dataclass
class Pause:
    """`reached` when the work stands at the step; it goes on with `go`."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)


PauseAt = Callable[..., Pause]


@pytest.fixture
def pause_at(monkeypatch: pytest.MonkeyPatch) -> PauseAt:
    """Stop the work of imports before (or after) a step of `uploads.work`."""

    def at(step: str, *, after: bool = False) -> Pause:
        original, pause = getattr(work, step), Pause()

        async def paused(*arguments: Any) -> Any:
            result = await original(*arguments) if after else None
            pause.reached.set()
            await pause.go.wait()
            return result if after else await original(*arguments)

        monkeypatch.setattr(work, step, paused)
        return pause

    return at
