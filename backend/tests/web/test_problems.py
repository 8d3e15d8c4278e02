"""Every error is a problem document with a sentence, a code and the request id (spec 1.6)."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crm_boost.kit.errors import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidInput,
    NotFound,
    Problem,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
)
from crm_boost.web.middleware import RequestMiddleware
from crm_boost.web.problems import install_problem_handlers

pytestmark = pytest.mark.pure

REFUSALS: dict[str, Problem] = {
    "400": Problem("Odd."),
    "401": Unauthenticated("Sign in."),
    "403": Forbidden("Not you."),
    "404": NotFound("Nowhere."),
    "409": Conflict("It moved on.", state="assigned", eligible=3),
    "413": TooLarge("Too much."),
    "422": InvalidInput(
        "Wrong.",
        errors=[FieldError("quantity", "Too many."), FieldError("name", "Empty.", "missing", {"min_length": 1})],
    ),
    "429": TooManyRequests("Later.", retry_after=30),
}


class Body(BaseModel):
    quantity: int = Field(ge=1)
    names: list[Annotated[str, Field(min_length=1)]] = []


@pytest.fixture
async def refusing() -> AsyncIterator[httpx.AsyncClient]:
    """An app whose routes fail in every way there is."""
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/refuse/{kind}")
    async def refuse(kind: str) -> None:
        raise REFUSALS[kind]

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("password=hunter2 at line 7")

    @app.get("/overload/{kind}")
    async def overload(kind: str) -> None:
        cause = Exception("inside")
        raise {"pool": PoolTimeout(), "locked": OperationalError("", {}, cause), "value": DataError("", {}, cause)}[
            kind
        ]

    @app.post("/body")
    async def body(sent: Body, limit: Annotated[int, Query(ge=1)] = 1) -> None:
        return None

    app.add_middleware(RequestMiddleware, max_body_bytes=10_000, max_upload_bytes=20_000, upload_paths=frozenset())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://crm.test") as client:
        yield client


def checked(response: httpx.Response, status: int) -> dict[str, Any]:
    """The document, after what holds for every one of them."""
    document: dict[str, Any] = response.json()
    assert response.status_code == document["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert document["request_id"] == response.headers["x-request-id"]
    assert document["type"].endswith(document["code"])
    assert document["title"]
    assert document["detail"]
    return document


@pytest.mark.parametrize("kind", list(REFUSALS))
async def test_a_business_refusal_is_a_problem_document(refusing: httpx.AsyncClient, kind: str) -> None:
    document = checked(await refusing.get(f"/refuse/{kind}"), int(kind))

    assert document["detail"] == REFUSALS[kind].detail
    assert document["code"] == REFUSALS[kind].code


async def test_a_conflict_says_what_the_state_is(refusing: httpx.AsyncClient) -> None:
    document = checked(await refusing.get("/refuse/409"), 409)

    assert (document["state"], document["eligible"]) == ("assigned", 3)


async def test_every_field_at_fault_is_named(refusing: httpx.AsyncClient) -> None:
    document = checked(await refusing.get("/refuse/422"), 422)

    assert document["errors"] == [
        {"field": "quantity", "message": "Too many.", "code": "invalid_input"},
        {"field": "name", "message": "Empty.", "code": "missing", "params": {"min_length": 1}},
    ]


async def test_a_throttled_caller_learns_when_to_come_back(refusing: httpx.AsyncClient) -> None:
    response = await refusing.get("/refuse/429")

    assert (response.headers["retry-after"], checked(response, 429)["retry_after"]) == ("30", 30)


async def test_extras_never_replace_the_standard_members(refusing: httpx.AsyncClient) -> None:
    REFUSALS["sly"] = Conflict("No.", code="other", status=200, headers=1)
    try:
        assert checked(await refusing.get("/refuse/sly"), 409)["code"] == "conflict"
    finally:
        del REFUSALS["sly"]


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/body", {"quantity": 0}, ["quantity"]),
        ("/body", {}, ["quantity"]),
        ("/body", {"quantity": "many", "names": ["a", "", ""]}, ["quantity", "names.1", "names.2"]),
        ("/body?limit=0", {"quantity": 1}, ["limit"]),
        ("/body", [1], ["body"]),
    ],
)
async def test_an_invalid_request_names_its_fields(
    refusing: httpx.AsyncClient, path: str, body: Any, fields: list[str]
) -> None:
    document = checked(await refusing.post(path, json=body), 422)

    assert [error["field"] for error in document["errors"]] == fields
    assert all(error["message"] and error["code"] for error in document["errors"])


async def test_a_field_error_has_a_code_and_its_figures(refusing: httpx.AsyncClient) -> None:
    """So that a client can say it in another language."""
    body = {"quantity": 0, "names": [""]}
    errors = checked(await refusing.post("/body", json=body), 422)["errors"]
    assert [(error["code"], error["params"]) for error in errors] == [
        ("greater_than_equal", {"ge": 1}),
        ("string_too_short", {"min_length": 1}),
    ]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"quantity": 1', b""])
async def test_a_body_that_is_no_json_is_an_invalid_request(refusing: httpx.AsyncClient, body: bytes) -> None:
    response = await refusing.post("/body", content=body, headers={"content-type": "application/json"})

    assert response.status_code in {400, 422}
    assert checked(response, response.status_code)


async def test_a_thousand_errors_are_not_all_repeated(refusing: httpx.AsyncClient) -> None:
    document = checked(await refusing.post("/body", json={"quantity": 1, "names": [""] * 1000}), 422)

    assert len(document["errors"]) == 50


async def test_a_wrong_value_is_not_sent_back(refusing: httpx.AsyncClient) -> None:
    response = await refusing.post("/body", json={"quantity": "hunter2"})

    assert "hunter2" not in response.text


async def test_an_unknown_address_and_a_wrong_method(refusing: httpx.AsyncClient) -> None:
    assert checked(await refusing.get("/nowhere"), 404)["code"] == "not_found"
    wrong = await refusing.delete("/crash")
    assert checked(wrong, 405)["code"] == "method_not_allowed"
    assert wrong.headers["allow"] == "GET"


async def test_an_unexpected_error_says_nothing_of_the_inside(refusing: httpx.AsyncClient) -> None:
    response = await refusing.get("/crash")

    assert checked(response, 500)["code"] == "internal"
    for secret in ("hunter2", "RuntimeError", "Traceback", "line 7", ".py"):
        assert secret not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("kind", ["pool", "locked"])
async def test_an_overloaded_database_is_a_503_to_be_tried_again(refusing: httpx.AsyncClient, kind: str) -> None:
    response = await refusing.get(f"/overload/{kind}")

    assert checked(response, 503)["code"] == "unavailable"
    assert int(response.headers["retry-after"]) > 0


async def test_a_value_the_database_cannot_hold_is_no_server_error(refusing: httpx.AsyncClient) -> None:
    assert checked(await refusing.get("/overload/value"), 422)["code"] == "invalid_input"


def test_a_document_can_hold_any_extra() -> None:
    from crm_boost.web.problems import problem_response

    body = bytes(problem_response(409, "c", "T", "d", where=object).body)

    assert json.loads(body)["where"]
