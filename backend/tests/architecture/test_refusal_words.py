"""Whatever a refusal says can be said in both languages: each has a code, and each code has words (spec 6, 1.6)."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic_core import core_schema

from crm_boost.databases.imports import errors as of_files
from crm_boost.exports.registry import kinds
from crm_boost.health.catalog import all_checks
from crm_boost.jobs.registry import JOBS

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "backend/src/crm_boost"
MENTIONS = re.compile(r"\b(Problem|InvalidInput|FieldError|Conflict|NotFound|Forbidden|TooLarge|PydanticCustomError)\b")

NO_WORDS = {
    "unknown_export_kind": "the kind is written by our own pages",
    "unknown_module": "the module is written by our own pages",
    "no_records": "a kept address that only scripts use",
    "upload_failed": "an upload in one call, which only scripts make",
    "scope_missing": "only a token lacks a scope, and no page uses one",
    "bad_export_link": "the link is opened by itself, outside of our pages",
}
"""Codes of refusals that no page of ours can be answered with."""

TAKES_ANOTHERS_CODE = {"AsBadRequest"}
GENERAL = {"Problem", "InvalidInput"}
"""What says nothing by itself: it needs the code of the field at fault."""

NOT_FROM_OUR_SCHEMAS = re.compile(
    # Python's own ways of calling, that JSON and addresses do not have
    r"arguments_type|.*_argument|.*_argument_values|callable_type|is_(instance|subclass)_of|needs_python_object|.*sentinel.*"
    r"|frozen_.*|get_attribute_error|no_such_attribute|dataclass_.*|named_tuple_type|default_factory_.*|iter.*|ellipsis_.*"
    # types that none of our schemas has
    r"|bytes_.*|time_.*|timezone_(naive|offset)|(date|datetime)_(past|future)|url_.*|uuid_.*|fraction_.*|complex_.*|union_tag_.*"
    r"|(ordered_dict|counter|mapping|deque|tuple|set)_type|set_item_.*|multiple_of|none_required|string_not_ascii"
    r"|invalid_key|recursion_.*|json_type|datetime_object_invalid"
    # refused by the test below
    r"|value_error|assertion_error"
)


@cache
def modules() -> list[tuple[str, ast.Module]]:
    texts = [(path.relative_to(SOURCE).as_posix(), path.read_text("utf-8")) for path in sorted(SOURCE.rglob("*.py"))]
    return [(name, ast.parse(text)) for name, text in texts if MENTIONS.search(text) or "schemas" in name]


@cache
def codes() -> dict[str, str | None]:
    """Every kind of refusal with its code; None where it has none of its own."""
    classes = [node for _, tree in modules() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found: dict[str, str | None] = {"Problem": None}
    while new := [
        node for node in classes if node.name not in found and any(ast.unparse(base) in found for base in node.bases)
    ]:
        for node in new:
            own = [
                ast.literal_eval(line.value)
                for line in node.body
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code"
            ]
            found[node.name] = own[0] if own else None
    return found


def functions() -> Iterator[tuple[str, list[ast.Call]]]:
    """Each outermost function, with what it calls."""
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path}: {node.name}", [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]


@cache
def words(language: str) -> dict[str, set[str]]:
    kit = json.loads((ROOT / f"frontend/src/i18n/{language}/kit.json").read_text("utf-8"))
    files = json.loads((ROOT / f"frontend/src/i18n/{language}/imports.json").read_text("utf-8"))
    groups = {"problems": kit["problems"], "fields": kit["fields"], "imports.error": files["error"]}
    return {name: {re.sub("_(one|other)$", "", key) for key in group} | set(group) for name, group in groups.items()}


def code_of(call: ast.Call) -> ast.expr | None:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    return given[0] if given else (call.args[2] if len(call.args) > 2 else None)


def written(node: ast.expr | None) -> set[str]:
    """The codes that stand where they are given; others come from a table, an error of a schema, a caller."""
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_every_kind_of_refusal_has_a_code_of_its_own() -> None:
    assert len(codes()) > 70
    nameless = {name for name, code in codes().items() if code is None}
    assert nameless == {"Problem", *TAKES_ANOTHERS_CODE}


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_code_has_words(language: str) -> None:
    general = {code for name, code in codes().items() if name in GENERAL}
    needed = {code for code in codes().values() if code is not None} - general
    assert needed - words(language)["problems"] - NO_WORDS.keys() == set()
    assert NO_WORDS.keys() & words(language)["problems"] == set()
    assert NO_WORDS.keys() <= needed


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_field_at_fault_has_a_code_with_words(language: str) -> None:
    """One without a code has that of the whole refusal, which then has to be more than "invalid input"."""
    wrong: list[Any] = []
    seen = 0
    for place, calls in functions():
        made = {ast.unparse(call.func).removesuffix(".of") for call in calls}
        is_named = bool(made & (codes().keys() - GENERAL)) and not made & GENERAL
        for call in calls:
            called = ast.unparse(call.func)
            if called == "PydanticCustomError":
                code: ast.expr | None = call.args[0]
            elif called == "FieldError" or (called.endswith(".of") and called.removesuffix(".of") in codes()):
                code = code_of(call)
            elif called in GENERAL:
                if not any(keyword.arg == "errors" for keyword in call.keywords):
                    wrong.append((place, call.lineno, f"{called} without a field"))
                continue
            else:
                continue
            seen += 1
            if code is None and not (is_named or called.removesuffix(".of") in codes().keys() - GENERAL):
                wrong.append((place, call.lineno, "no code"))
            wrong += [(place, call.lineno, text) for text in written(code) - words(language)["fields"]]
    assert seen > 90
    assert wrong == []


def test_schemas_refuse_by_code() -> None:
    """`ValueError` in a schema has one code for everything."""
    homes = [(path, tree) for path, tree in modules() if path.endswith("schemas.py") or path == "kit/text.py"]
    assert len(homes) > 20
    assert [
        (path, node.lineno)
        for path, tree in homes
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and node.exc is not None and ast.unparse(node.exc).startswith("ValueError(")
    ] == []


@pytest.mark.parametrize("language", ["en", "id"])
def test_what_schemas_refuse_by_themselves_has_words(language: str) -> None:
    kinds = {str(kind) for kind in get_args(core_schema.ErrorType)}
    assert {kind for kind in kinds - words(language)["fields"] if not NOT_FROM_OUR_SCHEMAS.fullmatch(kind)} == set()


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_file_that_is_refused_has_words(language: str) -> None:
    kinds = {value for name, value in vars(of_files).items() if name.isupper() and isinstance(value, str)}
    assert len(kinds) > 15
    assert kinds - words(language)["imports.error"] == set()


def _at(group: Any, path: str) -> Any:
    for part in path.split("."):
        group = group.get(part, {})
    return group


def _house_reasons() -> set[str]:
    """What our own code gives as the reason of a change: a text that stands there, or the constant that holds it."""
    found: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text("utf-8")
        if "reason=" not in text or "demo" in path.parts or "migrate_mongo" in path.parts:
            continue
        tree = ast.parse(text)
        constants = {
            ast.unparse(line.targets[0]): line.value.value
            for line in tree.body
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
        }
        given = [
            keyword.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] not in {"FieldError", "of"}
            for keyword in node.keywords
            if keyword.arg == "reason"
        ]
        found |= {str(constants[node.id]) for node in given if isinstance(node, ast.Name) and node.id in constants}
        found |= {node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found


@pytest.mark.parametrize("language", ["en", "id"])
def test_whatever_the_server_names_by_a_code_has_words(language: str) -> None:
    folder = ROOT / f"frontend/src/i18n/{language}"
    known = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    checks = {name: known["health"]["checks"].get(name, {}) for name in (check.name for check in all_checks())}
    assert len(checks) > 15
    assert [
        name for name, said in checks.items() if not {"name", "promise", "finding_one", "finding_other"} <= said.keys()
    ] == []
    for group, needed in (
        ("jobs.name", JOBS.keys()),
        ("jobs.about", JOBS.keys()),
        ("exports.kinds", kinds().keys()),
    ):
        assert needed - _at(known, group).keys() == set(), group
    reasons = _house_reasons()
    assert {"user_removed", "data_repair"} <= reasons
    said = {**known["customers"]["timeline"]["why"], **known["reservations"]["reason"]}
    assert reasons - said.keys() == set()
