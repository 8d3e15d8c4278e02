"""What every operation of the OpenAPI document has in common, said in one place: who may call, every refusal, and what
its body and its answer look like.

Each refusal is a problem document (spec 1.6). Endpoints declare only what is their own; a status that is neither theirs
nor here is a defect, which the tests of the contract find.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from crm_boost.web.examples import Examples

_REFUSALS = {
    "400": ("BadRequest", "The request cannot be read, or cannot be done as things are."),
    "401": ("Unauthenticated", "No valid session."),
    "403": ("Forbidden", "The role does not allow this, or the page is blocked."),
    "404": ("NotFound", "There is no such thing, or it belongs to somebody else."),
    "409": ("Conflict", "Things have moved on; the answer says what the state is now."),
    "413": ("TooLarge", "The request is larger than the server takes."),
    "422": ("InvalidInput", "A field is at fault; `errors` names it."),
    "429": ("TooManyRequests", "Too much for now; `Retry-After` says when to come back."),
    "503": ("Unavailable", "The server does not take more work just now. Nothing was changed."),
}
_ALWAYS = ("429", "503")
_GUARDED = ("401", "403")
_READING = ("404", "422")
_CHANGING = ("400", "404", "409", "413", "422")

_FIELD_ERROR = {
    "type": "object",
    "title": "FieldError",
    "required": ["field", "message", "code"],
    "properties": {
        "field": {"type": "string", "description": "Its dotted name in the request."},
        "message": {"type": "string"},
        "code": {"type": "string", "description": "Stable; stands for the sentence."},
        "params": {"type": "object", "description": "The figures in the sentence."},
    },
}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details. Further members say more, for example the state things are in now.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "code": {"type": "string", "description": "Stable; stands for the sentence."},
        "request_id": {"type": "string", "description": "Is in the log of the server."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
    },
}
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The token of `POST /api/auth/login`."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "crm_session",
        "description": "Set by signing in; changes then need the header `X-CSRF-Token` too.",
    },
}


def install_openapi(app: FastAPI, words: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    """Let `app` describe itself with the refusals and ways to sign in that its endpoints share, and with examples: made
    of `words` (web/examples.py), or for an operation such as "GET /api/health" as `answers` says."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            _describe(document, app)
            _show(document, words, answers)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _describe(document: dict[str, Any], app: FastAPI) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for framework in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework, None)
    schemas.update({"FieldError": _FIELD_ERROR, "Problem": _PROBLEM})
    components["securitySchemes"] = _SCHEMES
    components["responses"] = {name: _refusal(text) for name, text in _REFUSALS.values()}
    for path, method, route in _operations(app):
        operation = document["paths"][path][method]
        guarded = _is_guarded(route.dependant)
        if guarded:
            operation["security"] = [{name: []} for name in _SCHEMES]
        own = {status: said for status, said in operation["responses"].items() if status != "422"}
        shared = {status: _reference(status) for status in _statuses(operation, method, guarded=guarded)}
        operation["responses"] = dict(sorted({**shared, **own}.items()))


def _show(document: dict[str, Any], words: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    examples = Examples(document["components"]["schemas"], words)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content.update(examples.shown(_needed(content["schema"])))
            own = answers.get(f"{method.upper()} {path}")
            for status, answer in operation["responses"].items():
                content = answer.get("content", {}).get("application/json")
                if status.startswith("2") and content is not None:
                    content.update({"example": own} if own else examples.shown(content["schema"]))


def _needed(schema: dict[str, Any]) -> dict[str, Any]:
    """A body without an example of its own is shown with what has to be in it."""
    if "properties" not in schema or "examples" in schema:
        return schema
    return {**schema, "properties": {name: schema["properties"][name] for name in schema.get("required", [])}}


def _refusal(text: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}


def _reference(status: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"}


def _operations(app: FastAPI) -> Iterator[tuple[str, str, APIRoute]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.include_in_schema:
            path = (context.path or "").replace(":path}", "}")
            for method in route.methods or ():
                yield path, method.lower(), route


def _is_guarded(dependant: Dependant) -> bool:
    """Whether the endpoint asks for a permission: its guard says which."""
    if getattr(dependant.call, "permission", None) is not None:
        return True
    return any(_is_guarded(below) for below in dependant.dependencies)


def _statuses(operation: dict[str, Any], method: str, *, guarded: bool) -> set[str]:
    found = {*_ALWAYS, *(_GUARDED if guarded else ())}
    if method != "get":
        found.update(_CHANGING)
    elif operation.get("parameters"):
        found.update(_READING)
    return found
