"""Every endpoint as the router has it: who may call it, and each place where a caller names a thing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from crm_boost.identity.permissions import ROLE_PERMISSIONS, Permission, Role

_NAMES_A_THING = re.compile(r"(^|_)ids?$|^key$")
_REF = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller names a thing: in the path, in the query, or somewhere in the body."""

    where: str
    name: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one address. `operation` is what the OpenAPI document says about it."""

    method: str
    path: str
    permissions: frozenset[Permission]
    operation: dict[str, Any]
    places: tuple[Place, ...]

    def is_open_to(self, role: Role) -> bool:
        return self.permissions <= ROLE_PERMISSIONS[role]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def endpoints_of(app: FastAPI) -> list[Endpoint]:
    """Every endpoint of the API, in the router's order."""
    document = app.openapi()
    found = []
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, (context.path or "").replace(":path}", "}")
        if not isinstance(route, APIRoute) or not path.startswith("/api"):
            continue
        permissions = frozenset(_permissions(route.dependant))
        for method in sorted(route.methods or ()):
            operation = document["paths"][path][method.lower()]
            found.append(Endpoint(method, path, permissions, operation, tuple(_places(operation, document))))
    return found


def _permissions(dependant: Dependant) -> Iterator[Permission]:
    permission = getattr(dependant.call, "permission", None)
    if permission is not None:
        yield permission
    for below in dependant.dependencies:
        yield from _permissions(below)


def _places(operation: dict[str, Any], document: dict[str, Any]) -> Iterator[Place]:
    for parameter in operation.get("parameters", []):
        where, name = parameter["in"], parameter["name"]
        # Everything in a path is taken for a thing until somebody says that it is a word.
        if where == "path" or (where == "query" and _NAMES_A_THING.search(name)):
            yield Place(where, name)
    for schema in body_schemas(operation):
        yield from {Place("body", name): None for name in _fields(schema, document) if _NAMES_A_THING.search(name)}


def body_schemas(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema of each kind of body that the endpoint takes."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield content.get("schema", {})


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, where it is only named."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].removeprefix(_REF)]
    return schema


def _fields(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    schema = resolved(schema, document)
    for name, below in schema.get("properties", {}).items():
        yield name
        yield from _fields(below, document)
    for below in (*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])):
        yield from _fields(below, document)
    if "items" in schema:
        yield from _fields(schema["items"], document)
