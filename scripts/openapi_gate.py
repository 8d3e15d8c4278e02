"""Whether the API still keeps what the last released OpenAPI document promised to scripts and integrations.

python -m scripts.openapi_gate              compare frontend/openapi.json with docs/openapi-released.json
python -m scripts.openapi_gate --release    what is there now is released: promises start here

What is taken away fails: an address, a status, a field of an answer, a value that was accepted; and so does a field that
was not needed and is now, or one of an answer that may now be something else. A line in docs/openapi-allowed.txt lets one
such change through; releasing empties that file. See docs/adr/0046.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CURRENT = ROOT / "frontend" / "openapi.json"
RELEASED = ROOT / "docs" / "openapi-released.json"
ALLOWED = ROOT / "docs" / "openapi-allowed.txt"

_METHODS = ("get", "post", "put", "patch", "delete")
_WORDS = {"description", "summary", "title", "examples", "example", "tags", "operationId"}
_AT_LEAST = ("minLength", "minItems", "minimum", "exclusiveMinimum")
_AT_MOST = ("maxLength", "maxItems", "maximum", "exclusiveMaximum")

Json = dict[str, Any]


class Comparison:
    """Two documents, and what the newer one no longer keeps."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new

    def faults(self) -> Iterator[str]:
        """Each broken promise as one line."""
        for path, methods in self._old["paths"].items():
            for method in _METHODS:
                if method in methods:
                    name = f"{method.upper()} {path}"
                    operation = self._new["paths"].get(path, {}).get(method)
                    if operation is None:
                        yield f"{name}: is gone"
                    else:
                        yield from (f"{name}: {fault}" for fault in self._operation(methods[method], operation))

    def _operation(self, old: Json, new: Json) -> Iterator[str]:
        before = {(one["in"], one["name"]): one for one in old.get("parameters", [])}
        now = {(one["in"], one["name"]): one for one in new.get("parameters", [])}
        for key, parameter in now.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"{key[0]} {key[1]} is needed now"
        for key, parameter in before.items():
            if key not in now:
                yield f"{key[0]} {key[1]} is no longer known"
            else:
                yield from self._narrower(
                    parameter.get("schema", {}), now[key].get("schema", {}), f"{key[0]} {key[1]}", ()
                )
        yield from self._body(old.get("requestBody", {}), new.get("requestBody", {}))
        for status, answer in old["responses"].items():
            if status not in new["responses"]:
                yield f"status {status} is gone"
                continue
            before_content = _named(answer, self._old).get("content", {})
            now_content = _named(new["responses"][status], self._new).get("content", {})
            for media, content in before_content.items():
                if media not in now_content:
                    yield f"{status} is no longer {media}"
                else:
                    schemas = content.get("schema", {}), now_content[media].get("schema", {})
                    yield from self._different(*schemas, f"{status} ", ())

    def _body(self, old: Json, new: Json) -> Iterator[str]:
        if new.get("required") and not old.get("required"):
            yield "a body is needed now"
        for media, content in old.get("content", {}).items():
            if media not in new.get("content", {}):
                yield f"a body of {media} is no longer taken"
            else:
                schemas = content.get("schema", {}), new["content"][media].get("schema", {})
                yield from self._narrower(*schemas, "body", ())

    def _narrower(self, old: Json, new: Json, where: str, seen: tuple[Any, ...]) -> Iterator[str]:
        """What was taken and is no longer: each kind of value that was has to fit one that is."""
        if (pair := (str(old), str(new))) in seen:
            return
        kinds = _kinds(new, self._new)
        for before in _kinds(old, self._old):
            answers = [list(self._input(before, now, where, (*seen, pair))) for now in kinds]
            yield from min(answers, key=len)

    def _input(self, old: Json, new: Json, where: str, seen: tuple[Any, ...]) -> Iterator[str]:
        if "type" in new and old.get("type") != new["type"] and (old.get("type"), new["type"]) != ("integer", "number"):
            yield f"{where} no longer takes {old.get('type', 'anything')}"
            return
        for value in _values(old):
            if _values(new) and value not in _values(new):
                yield f"{where} no longer takes {json.dumps(value)}"
        if _values(new) and not _values(old):
            yield f"{where} takes certain values only now"
        for limit in (*_AT_LEAST, *_AT_MOST):
            if limit in new and (limit not in old or _is_tighter(limit, old[limit], new[limit])):
                yield f"{where} has {limit} {new[limit]} now"
        if new.get("pattern", old.get("pattern")) != old.get("pattern"):
            yield f"{where} has another pattern"
        if new.get("additionalProperties") is False and old.get("additionalProperties") is not False and old:
            yield f"{where} refuses unknown fields now"
        for name in new.get("required", []):
            if name not in old.get("required", []):
                yield f"{where}.{name} is needed now"
        for name, field in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where}.{name} is no longer known"
            else:
                yield from self._narrower(field, new["properties"][name], f"{where}.{name}", seen)
        if "items" in old and "items" in new:
            yield from self._narrower(old["items"], new["items"], f"{where}[]", seen)

    def _different(self, old: Json, new: Json, where: str, seen: tuple[Any, ...]) -> Iterator[str]:
        """What an answer no longer says, or may say now: each kind of value that is has to be one that was."""
        if (pair := (str(old), str(new))) in seen:
            return
        kinds = _kinds(old, self._old)
        for now in _kinds(new, self._new):
            answers = [list(self._output(before, now, where, (*seen, pair))) for before in kinds]
            yield from min(answers, key=len)

    def _output(self, old: Json, new: Json, where: str, seen: tuple[Any, ...]) -> Iterator[str]:
        if "type" in old and old["type"] != new.get("type") and (old["type"], new.get("type")) != ("number", "integer"):
            yield f"{where} may be {new.get('type', 'anything')} now"
            return
        for name, field in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where}.{name} is gone"
                continue
            if name in old.get("required", []) and name not in new.get("required", []):
                yield f"{where}.{name} may be missing now"
            yield from self._different(field, new["properties"][name], f"{where}.{name}", seen)
        if "items" in old:
            yield from self._different(old["items"], new.get("items", {}), f"{where}[]", seen)


def _named(thing: Json, document: Json) -> Json:
    while "$ref" in thing:
        found: Any = document
        for step in thing["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        thing = found
    return thing


def _kinds(schema: Json, document: Json) -> list[Json]:
    """The alternatives of a schema, each of one type."""
    schema = _named(schema, document)
    if schema.get("allOf") and len(schema["allOf"]) == 1:
        return _kinds(schema["allOf"][0], document)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return [kind for one in schema[several] for kind in _kinds(one, document)]
    return [schema]


def _values(schema: Json) -> list[Any]:
    found: list[Any] = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return found


def _is_tighter(limit: str, old: float, new: float) -> bool:
    return new > old if limit in _AT_LEAST else new < old


def without_words(value: Any, *, names: bool = False) -> Any:
    """The document without its texts for people; `names`: the keys of this level are names, whatever they are."""
    if isinstance(value, dict):
        return {
            key: without_words(below, names=key in {"properties", "schemas", "responses", "paths"} and not names)
            for key, below in value.items()
            if names or key not in _WORDS
        }
    return [without_words(one) for one in value] if isinstance(value, list) else value


def allowed() -> set[str]:
    """The broken promises that somebody has decided about."""
    lines = ALLOWED.read_text(encoding="utf-8").splitlines() if ALLOWED.exists() else []
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def _load(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def broken() -> list[str]:
    """The promises that the current document breaks and nobody has allowed; and what is allowed without being needed."""
    found = list(dict.fromkeys(Comparison(_load(RELEASED), _load(CURRENT)).faults()))
    listed = allowed()
    return [line for line in found if line not in listed] + [
        f"{ALLOWED.name} allows what has not changed: {line}" for line in sorted(listed - set(found))
    ]


def _release() -> None:
    document = without_words(_load(CURRENT))
    parts = {"openapi": document["openapi"], "info": document["info"]}
    lines = [f"{json.dumps(name)}: {json.dumps(value, sort_keys=True)}" for name, value in parts.items()]
    for name in ("paths", "components"):
        below = [f" {json.dumps(k)}: {json.dumps(v, sort_keys=True)}" for k, v in sorted(document[name].items())]
        lines.append(f"{json.dumps(name)}: {{\n" + ",\n".join(below) + "\n}")
    RELEASED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    text = "# Promises of the last release that are given up, a line each as `python -m scripts.openapi_gate` says it, and why above it.\n"
    ALLOWED.write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Compare, or release."""
    if arguments == ["--release"]:
        _release()
        return 0
    found = broken()
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
