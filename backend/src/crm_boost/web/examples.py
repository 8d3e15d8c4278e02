"""Examples for the OpenAPI document: what a body or an answer looks like, put together from the schemas themselves.

A schema that carries an example of its own is shown as it says; every other one is put together from its fields. A field
is shown by its name, from a list of words: the same name means the same thing in nearly all of the API.
"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_FORMATS = {"date-time": "2025-03-01T02:30:00+00:00", "date": "2025-03-01", "binary": "the file"}
_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


class UnknownField(Exception):
    """There is no word for this field, and its schema does not show one either."""


class Examples:
    """Examples of one document. `words` says what is shown for a field of this name, `Schema.field` for that of one."""

    def __init__(self, schemas: Mapping[str, Json], words: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._words = words

    def shown(self, schema: Json) -> Json:
        """Return what a body or an answer of this schema says of its example: nothing when there is a word missing, which
        the tests find."""
        try:
            return {"example": self.of(schema)}
        except UnknownField:
            return {}

    def of(self, schema: Json, name: str = "", above: tuple[str, ...] = ()) -> Any:
        """Return an example of `schema`, which is that of the field `name`; raises `UnknownField`."""
        if "$ref" in schema:
            component = schema["$ref"].rsplit("/", 1)[1]
            return self.of(self._schemas[component], name, (*above, component))
        if "examples" in schema:
            return schema["examples"][0]
        for known in (f"{above[-1]}.{name}" if above else "", name):
            if known in self._words and self._fits(self._words[known], schema):
                return self._words[known]
        if alternatives := schema.get("anyOf"):
            return self._one_of(alternatives, name, above)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        return self._by_type(schema, name, above)

    def _one_of(self, alternatives: list[Json], name: str, above: tuple[str, ...]) -> Any:
        """What may be missing is shown as missing, unless there is a word for it or it has fields of its own."""
        is_nullable = any(one.get("type") == "null" for one in alternatives)
        whole = [one for one in alternatives if one.get("type") != "null"]
        if is_nullable and ("$ref" not in whole[0] or whole[0]["$ref"].rsplit("/", 1)[1] in above):
            return None
        return self.of(whole[0], name, above)

    def _by_type(self, schema: Json, name: str, above: tuple[str, ...]) -> Any:
        kind = schema.get("type")
        if kind == "object":
            fields = schema.get("properties", {})
            return {field: self.of(below, field, above) for field, below in fields.items()}
        if kind == "array":
            items = schema.get("items", {})
            is_within_itself = items.get("$ref", "").rsplit("/", 1)[-1] in above
            return [] if is_within_itself or not items else [self.of(items, f"{name}[]", above)]
        if kind == "boolean":
            return False
        if kind in {"integer", "number"}:
            return max(1, schema.get("minimum", 1))
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        raise UnknownField(f"{name or 'this'} in {above[-1] if above else 'the operation'}")

    def _fits(self, value: Any, schema: Json) -> bool:
        """Whether a word may be shown here at all: the same name may stand for a list in one place, a sum in another."""
        if "$ref" in schema:
            return self._fits(value, self._schemas[schema["$ref"].rsplit("/", 1)[1]])
        if alternatives := schema.get("anyOf"):
            return any(self._fits(value, one) for one in alternatives)
        if "const" in schema or "enum" in schema:
            return value in schema.get("enum", [schema.get("const")])
        kind = schema.get("type")
        if kind is None or "properties" in schema:
            return kind is None
        return isinstance(value, _KINDS[kind]) and (kind == "boolean") == isinstance(value, bool)
