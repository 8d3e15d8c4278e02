"""The gate in front of the API: what was promised is not taken away unnoticed, and what is added passes (ADR 46)."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from scripts import openapi_gate
from scripts.openapi_gate import Comparison, without_words

pytestmark = pytest.mark.pure

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/thing": {
            "post": {
                "parameters": [
                    {"in": "query", "name": "q", "schema": {"type": "string", "maxLength": 20}},
                    {"in": "query", "name": "sort", "schema": {"type": "string", "enum": ["a", "b"]}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Out"}}}},
                    "404": {"$ref": "#/components/responses/NotFound"},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "In": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "n": {"anyOf": [{"type": "number"}, {"type": "null"}]}},
            },
            "Out": {
                "type": "object",
                "required": ["id", "below"],
                "properties": {
                    "id": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "below": {"anyOf": [{"$ref": "#/components/schemas/Out"}, {"type": "null"}]},
                },
            },
        },
        "responses": {"NotFound": {"description": "no"}},
    },
}

Change = Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], Any]
"""What to do to the operation, the body's schema and the answer's schema."""


def after(change: Change) -> list[str]:
    new = copy.deepcopy(DOCUMENT)
    schemas = new["components"]["schemas"]
    change(new["paths"]["/thing"]["post"], schemas["In"], schemas["Out"])
    return list(Comparison(DOCUMENT, new).faults())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda op, _in, _out: op["responses"].pop("404"), "status 404 is gone"),
        (lambda op, _in, _out: op["parameters"].pop(0), "query q is no longer known"),
        (lambda op, _in, _out: op["parameters"][0].update(required=True), "query q is needed now"),
        (lambda op, _in, _out: op["parameters"][0]["schema"].update(maxLength=10), "query q has maxLength 10 now"),
        (lambda op, _in, _out: op["parameters"][0]["schema"].update(pattern="x"), "query q has another pattern"),
        (lambda op, _in, _out: op["parameters"][1]["schema"].update(enum=["a"]), 'query sort no longer takes "b"'),
        (lambda op, _in, _out: op["requestBody"].update(required=True), "a body is needed now"),
        (lambda op, _in, _out: op["requestBody"].update(content={}), "a body of application/json is no longer taken"),
        (lambda _op, in_, _out: in_["required"].append("n"), "body.n is needed now"),
        (lambda _op, in_, _out: in_["properties"].pop("n"), "body.n is no longer known"),
        (lambda _op, in_, _out: in_["properties"]["n"]["anyOf"].pop(), "body.n no longer takes null"),
        (lambda _op, in_, _out: in_.update(additionalProperties=False), "body refuses unknown fields now"),
        (lambda _op, in_, _out: in_["properties"].update(n={"type": "integer"}), "body.n no longer takes number"),
        (lambda _op, _in, out: out["properties"].pop("tags"), "200 .tags is gone"),
        (lambda _op, _in, out: out["required"].remove("id"), "200 .id may be missing now"),
        (lambda _op, _in, out: out["properties"].update(id={"type": "integer"}), "200 .id may be integer now"),
        (lambda _op, _in, out: out["properties"].update(id={}), "200 .id may be anything now"),
        (
            lambda _op, _in, out: out["properties"].update(id={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            "200 .id may be null now",
        ),
        (lambda _op, _in, out: out["properties"]["tags"].update(items={}), "200 .tags[] may be anything now"),
    ],
)
def test_what_is_taken_away_is_told(change: Change, fault: str) -> None:
    assert f"POST /thing: {fault}" in after(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda op, _in, _out: op["responses"].update({"409": {}}),
        lambda op, _in, _out: op["parameters"].append({"in": "query", "name": "new", "schema": {"type": "string"}}),
        lambda op, _in, _out: op["parameters"][0]["schema"].update(maxLength=30),
        lambda op, _in, _out: op["parameters"][1]["schema"]["enum"].append("c"),
        lambda _op, in_, _out: in_["properties"].update(new={"type": "string"}),
        lambda _op, in_, _out: in_["required"].clear(),
        lambda _op, in_, _out: in_["properties"]["name"].pop("type"),
        lambda _op, _in, out: out["properties"].update(new={"type": "string"}),
        lambda _op, _in, out: out["required"].append("tags"),
        lambda _op, _in, out: out["properties"]["below"]["anyOf"].pop(),
        lambda _op, _in, _out: None,
    ],
)
def test_what_is_added_passes(change: Change) -> None:
    assert after(change) == []


def test_an_address_that_is_gone_is_told() -> None:
    assert list(Comparison(DOCUMENT, {"paths": {}}).faults()) == ["POST /thing: is gone"]


def test_texts_are_left_out_and_fields_of_such_names_are_not() -> None:
    schema = {"description": "text", "properties": {"description": {"type": "string", "title": "T"}}}

    assert without_words(schema) == {"properties": {"description": {"type": "string"}}}


def test_the_api_keeps_what_was_released() -> None:
    assert openapi_gate.broken() == [], "see docs/adr/0046"
