"""Each body and each answer of the OpenAPI document has an example, and it is one that the server's own models take."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter, ValidationError

from crm_boost.api_words import ANSWERS, WORDS
from crm_boost.app import create_app
from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from crm_boost.settings import Settings
from crm_boost.web.examples import Examples, UnknownField
from tests.support.factories import make_database, make_user

Json = dict[str, Any]
JSON = "application/json"


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """An app that was never started."""
    folder: Path = tmp_path_factory.mktemp("data")
    return create_app(Settings(data_dir=folder))


def operations(app: FastAPI) -> Iterator[tuple[str, APIRoute, Json]]:
    document = app.openapi()
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, (context.path or "").replace(":path}", "}")
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                yield f"{method} {path}", route, document["paths"][path][method.lower()]


def bodies(operation: Json) -> Json:
    found: Json = operation.get("requestBody", {}).get("content", {})
    return found


def answers(operation: Json) -> list[Json]:
    """What is answered as JSON when it went well."""
    well = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    return [answer["content"][JSON] for answer in well if JSON in answer.get("content", {})]


@pytest.mark.pure
def test_no_body_and_no_answer_is_without_an_example(described: FastAPI) -> None:
    shown = [
        (name, content)
        for name, _, operation in operations(described)
        for content in (*bodies(operation).values(), *answers(operation))
    ]

    assert len(shown) > 350
    examples = Examples(described.openapi()["components"]["schemas"], WORDS)
    missing = {}
    for name, content in shown:
        if "example" not in content:
            with pytest.raises(UnknownField) as unknown:
                examples.of(content["schema"])
            missing[name] = str(unknown.value)
    assert missing == {}, "say it in crm_boost/api_words.py, or in the schema itself"


@pytest.mark.pure
def test_each_body_is_one_that_the_endpoint_takes(described: FastAPI) -> None:
    refused, taken = {}, 0
    for name, route, operation in operations(described):
        if JSON not in bodies(operation):
            continue
        assert route.body_field is not None
        model: Any = route.body_field.field_info.annotation
        try:
            TypeAdapter(model).validate_python(bodies(operation)[JSON]["example"])
            taken += 1
        except ValidationError as error:
            refused[name] = str(error)

    assert refused == {}
    assert taken > 90


@pytest.mark.pure
def test_each_answer_is_one_that_the_endpoint_gives(described: FastAPI) -> None:
    refused, given = {}, 0
    for name, route, operation in operations(described):
        if route.response_model is None:
            continue
        for content in answers(operation):
            try:
                TypeAdapter(route.response_model).validate_python(content["example"])
                given += 1
            except ValidationError as error:
                refused[name] = str(error)

    assert refused == {}
    assert given > 250


@pytest.mark.pure
def test_answers_are_written_out_only_where_no_schema_says_more(described: FastAPI) -> None:
    found = {name: answers(operation) for name, _, operation in operations(described)}

    assert set(ANSWERS) <= set(found)
    assert [name for name in ANSWERS if any("$ref" in str(content["schema"]) for content in found[name])] == []


@pytest.mark.pure
def test_what_one_schema_shows_is_of_a_schema_there_is(described: FastAPI) -> None:
    schemas = described.openapi()["components"]["schemas"]
    own = [word.split(".") for word in WORDS if "." in word]

    assert own
    assert [word for word in own if word[1] not in schemas.get(word[0], {}).get("properties", {})] == []


SCHEMAS: Json = {
    "Leaf": {"type": "object", "properties": {"name": {"type": "string"}, "n": {"type": "integer", "minimum": 3}}},
    "Own": {"type": "object", "properties": {}, "examples": [{"said": "so"}]},
    "Tree": {
        "type": "object",
        "properties": {
            "below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "above": {"anyOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "null"}]},
        },
    },
}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.pure
@pytest.mark.parametrize(
    ("schema", "name", "shown"),
    [
        (ref("Leaf"), "", {"name": "Ana", "n": 3}),
        ({"type": "array", "items": ref("Leaf")}, "", [{"name": "Ana", "n": 3}]),
        (ref("Own"), "name", {"said": "so"}),
        (ref("Tree"), "", {"below": [], "above": None}),
        ({"anyOf": [ref("Leaf"), {"type": "null"}]}, "", {"name": "Ana", "n": 3}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "n", None),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "name", "Ana"),
        # A word of another kind is not shown.
        ({"type": "integer"}, "name", 1),
        ({"type": "boolean"}, "one", False),
        ({"type": "string", "enum": ["a", "b"]}, "name", "a"),
        ({"const": "c"}, "", "c"),
        ({"type": "string", "format": "date"}, "", "2025-03-01"),
    ],
)
def test_an_example_is_put_together(schema: Json, name: str, shown: Any) -> None:
    assert Examples(SCHEMAS, {"name": "Ana", "one": 1}).of(schema, name) == shown


@pytest.mark.pure
def test_a_word_of_one_schema_goes_first_and_a_missing_one_is_named() -> None:
    assert Examples(SCHEMAS, {"name": "Ana", "Leaf.name": "Budi"}).of(ref("Leaf"))["name"] == "Budi"
    with pytest.raises(UnknownField, match="name in Leaf"):
        Examples(SCHEMAS, {}).of(ref("Leaf"))
    assert Examples(SCHEMAS, {}).shown(ref("Leaf")) == {}


def differing(shown: Any, real: Any) -> Iterator[str]:
    """Names that the example has and the answer has not."""
    if isinstance(shown, dict) and isinstance(real, dict):
        for name, below in shown.items():
            if name not in real:
                yield name
            else:
                yield from differing(below, real[name])
    elif isinstance(shown, list) and isinstance(real, list) and shown and real:
        yield from differing(shown[0], real[0])


async def test_what_is_written_out_is_what_is_answered(client: httpx.AsyncClient, database: Database) -> None:
    """`repaired` and the counts by status name what there is at that moment; all other names are fixed."""
    admin, holder, owner = [await make_user(database, role) for role in (Role.ADMIN, Role.STAFF, Role.STAFF)]

    async def call(method: str, path: str, body: Json | None = None) -> Any:
        answer = await client.request(method, path, json=body, headers=admin.auth)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    for module in ("memberwd", "bonanza"):
        stored = await make_database(database, 2, module=module)
        await call("POST", f"/api/{module}/assign", {"record_ids": stored.record_ids, "staff_id": holder.id})
        taken = {"customer_id": "customer0", "product_id": stored.product_id, "staff_id": owner.id}
        await call("POST", "/api/reserved-members", taken)

    # What is looked at comes before what repairs it.
    in_order = sorted(name for name in ANSWERS if not name.endswith("/counts"))
    real = {name: await call(*name.partition(" ")[::2]) for name in in_order}

    assert real["GET /api/memberwd/admin/diagnose-reserved-conflicts"]["total_conflicts"] == 1
    assert real["POST /api/memberwd/admin/fix-reserved-conflicts"]["total_fixed"] == 1
    wrong = {name: [*differing(ANSWERS[name], real[name])] for name in in_order}
    assert {name: fields for name, fields in wrong.items() if set(fields) - {"orphan_holders"}} == {}
