"""Bodies that an endpoint accepts, made from its schema: what has to be there, and the things somebody names."""

from datetime import timedelta
from typing import Any

from crm_boost.kit.clock import utc_now
from tests.hardening.routes import Endpoint, body_schemas, resolved

_PLAIN = {"string": "text", "integer": 1, "number": 1, "boolean": True, "null": None}
_CHOICES = {"respond_status": "ya", "whatsapp_status": "ada", "kind": "omset", "nominal": 1000}
_VALID = {"password": "long enough for anybody", "email": "somebody@example.test"}


def sample_body(endpoint: Endpoint, document: dict[str, Any], named: dict[str, Any]) -> Any:
    """A body for this endpoint, with the things in `named` wherever a field has such a name; None when it takes none."""
    for schema in body_schemas(endpoint.operation):
        return _sample("", schema, document, named)
    return None


def _sample(name: str, schema: dict[str, Any], document: dict[str, Any], named: dict[str, Any]) -> Any:
    schema = resolved(schema, document)
    if name in named:
        return named[name]
    if name in _CHOICES or name in _VALID:
        return {**_CHOICES, **_VALID}[name]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _sample(name, schema[several][0], document, named)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return _object(schema, document, named)
        case "array":
            items = schema.get("items", {})
            return [_sample(name.removesuffix("s"), items, document, named) for _ in range(schema.get("minItems", 0))]
        case "string" if schema.get("format") in {"date", "date-time"}:
            return (utc_now() + timedelta(days=3)).isoformat()[: 10 if schema["format"] == "date" else None]
        case kind:
            return _PLAIN[kind or "string"]


def _object(schema: dict[str, Any], document: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    needed = set(schema.get("required", []))
    fields = schema.get("properties", {})
    # What is optional is left out, unless it names a thing or is a mark: a change has to change something.
    wanted = [name for name in fields if name in needed or name in named or name in _CHOICES]
    return {name: _sample(name, fields[name], document, named) for name in wanted or fields}
