"""The same key and body: one effect, the same answer. Another body: refused (spec 2.1)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Header
from pydantic import BaseModel
from sqlalchemy import func, select

from crm_boost.db.audit import AuditEntry, record_audit
from crm_boost.db.engine import Database
from crm_boost.db.idempotency import KEEP, Idempotency, IdempotencyKey, idempotency
from crm_boost.db.session import Writer
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import Conflict
from crm_boost.settings import Settings
from crm_boost.web.problems import install_problem_handlers


class Order(BaseModel):
    quantity: int


def shop(settings: Settings) -> FastAPI:
    """An app with one effect: an audit entry."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = Database(settings)
        yield
        await app.state.database.dispose()

    app = FastAPI(lifespan=lifespan)
    install_problem_handlers(app)

    async def person(x_person: Annotated[str, Header()] = "p1") -> None:
        current_context().actor_id = x_person

    @app.post("/orders", dependencies=[Depends(person)])
    @app.post("/other-orders", dependencies=[Depends(person)])
    async def order(
        session: Writer,
        body: Order,
        once: Annotated[Idempotency, Depends(idempotency)],
        x_fail: Annotated[bool, Header()] = False,
    ) -> dict[str, Any]:
        async def effect() -> dict[str, Any]:
            await record_audit(session, "ordered", "order", "1", quantity=body.quantity)
            number = await session.scalar(select(func.count()).select_from(AuditEntry))
            await asyncio.sleep(0.02)
            if x_fail:
                raise Conflict("Sold out.")
            return {"number": number, "quantity": body.quantity}

        return await once.once(session, effect)

    return app


@pytest.fixture
async def app_with_orders(settings: Settings) -> AsyncIterator[FastAPI]:
    app = shop(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def orders(app_with_orders: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app_with_orders)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


async def effects(app: FastAPI) -> int:
    async with app.state.database.read() as session:
        return (await session.scalar(select(func.count()).select_from(AuditEntry))) or 0


async def keys(app: FastAPI) -> int:
    async with app.state.database.read() as session:
        return (await session.scalar(select(func.count()).select_from(IdempotencyKey))) or 0


KEY = {"Idempotency-Key": "k-1"}


async def test_a_repeated_request_has_one_effect_and_the_same_answer(
    orders: httpx.AsyncClient, app_with_orders: FastAPI
) -> None:
    first = await orders.post("/orders", json={"quantity": 3}, headers=KEY)
    second = await orders.post("/orders", json={"quantity": 3}, headers=KEY)

    assert first.json() == second.json() == {"number": 1, "quantity": 3}
    assert await effects(app_with_orders) == 1


async def test_without_a_key_every_request_has_its_effect(orders: httpx.AsyncClient, app_with_orders: FastAPI) -> None:
    for _ in range(2):
        await orders.post("/orders", json={"quantity": 3})

    assert (await effects(app_with_orders), await keys(app_with_orders)) == (2, 0)


@pytest.mark.parametrize(
    ("path", "body"),
    [("/orders", {"quantity": 4}), ("/other-orders", {"quantity": 3}), ("/orders?x=1", {"quantity": 3})],
)
async def test_a_key_used_for_something_else_is_refused(
    orders: httpx.AsyncClient, app_with_orders: FastAPI, path: str, body: dict[str, int]
) -> None:
    await orders.post("/orders", json={"quantity": 3}, headers=KEY)

    refused = await orders.post(path, json=body, headers=KEY)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["Idempotency-Key"]
    assert await effects(app_with_orders) == 1


async def test_the_same_key_of_another_person_is_another_key(
    orders: httpx.AsyncClient, app_with_orders: FastAPI
) -> None:
    await orders.post("/orders", json={"quantity": 3}, headers=KEY)
    other = await orders.post("/orders", json={"quantity": 5}, headers={**KEY, "X-Person": "p2"})

    assert other.json() == {"number": 2, "quantity": 5}
    assert await effects(app_with_orders) == 2


async def test_a_failed_effect_leaves_no_key(orders: httpx.AsyncClient, app_with_orders: FastAPI) -> None:
    refused = await orders.post("/orders", json={"quantity": 3}, headers={**KEY, "X-Fail": "true"})
    assert refused.status_code == 409
    assert (await effects(app_with_orders), await keys(app_with_orders)) == (0, 0)

    good = await orders.post("/orders", json={"quantity": 3}, headers=KEY)
    assert good.status_code == 200


async def test_simultaneous_requests_with_one_key_have_one_effect(
    orders: httpx.AsyncClient, app_with_orders: FastAPI
) -> None:
    answers = await asyncio.gather(*(orders.post("/orders", json={"quantity": 3}, headers=KEY) for _ in range(8)))

    assert [answer.status_code for answer in answers] == [200] * 8
    assert {answer.text for answer in answers} == {answers[0].text}
    assert await effects(app_with_orders) == 1


async def test_when_the_first_of_two_fails_the_second_has_the_effect(
    orders: httpx.AsyncClient, app_with_orders: FastAPI
) -> None:
    answers = await asyncio.gather(
        orders.post("/orders", json={"quantity": 3}, headers={**KEY, "X-Fail": "true"}),
        orders.post("/orders", json={"quantity": 3}, headers=KEY),
    )

    # Whichever came first; the one that succeeded is remembered for both.
    assert [answer.status_code for answer in answers] in ([409, 200], [200, 200])
    assert (await effects(app_with_orders), await keys(app_with_orders)) == (1, 1)


async def test_a_key_is_free_again_after_a_day(orders: httpx.AsyncClient, app_with_orders: FastAPI) -> None:
    now = utc_now()
    with frozen(now):
        await orders.post("/orders", json={"quantity": 3}, headers=KEY)
    with frozen(now + KEEP - timedelta(seconds=1)):
        assert (await orders.post("/orders", json={"quantity": 4}, headers=KEY)).status_code == 422
    with frozen(now + KEEP + timedelta(seconds=1)):
        assert (await orders.post("/orders", json={"quantity": 4}, headers=KEY)).json()["number"] == 2

    assert (await effects(app_with_orders), await keys(app_with_orders)) == (2, 1)


async def test_a_key_is_free_again_even_when_many_others_expired_before(
    orders: httpx.AsyncClient, app_with_orders: FastAPI
) -> None:
    now = utc_now()
    with frozen(now):
        await orders.post("/orders", json={"quantity": 3}, headers=KEY)
    async with app_with_orders.state.database.write() as session:
        for number in range(150):
            at = now - timedelta(hours=1)
            session.add(IdempotencyKey(user_id="p9", key=str(number), fingerprint="", answer="{}", created_at=at))
    with frozen(now + KEEP + timedelta(seconds=1)):
        again = await orders.post("/orders", json={"quantity": 4}, headers=KEY)

    assert (again.status_code, await keys(app_with_orders)) == (200, 51)


async def test_expired_keys_of_everybody_are_forgotten(orders: httpx.AsyncClient, app_with_orders: FastAPI) -> None:
    now = utc_now()
    with frozen(now - KEEP - timedelta(hours=1)):
        for number in range(5):
            await orders.post("/orders", json={"quantity": 3}, headers={"Idempotency-Key": f"old-{number}"})
    with frozen(now):
        await orders.post("/orders", json={"quantity": 3}, headers=KEY)

    assert await keys(app_with_orders) == 1


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_has_a_length(orders: httpx.AsyncClient, key: str) -> None:
    refused = await orders.post("/orders", json={"quantity": 3}, headers={"Idempotency-Key": key})

    assert refused.status_code == 422
