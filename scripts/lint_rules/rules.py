"""The house rules. Each is a function from a parsed module to findings; `check_source` runs them all.

A path is given relative to the package `crm_boost`, with forward slashes: rules depend on what a file is called,
because the module template gives every name one meaning (docs/architecture.md).
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeGuard


@dataclass(frozen=True, order=True)
class Finding:
    """One broken rule: where, which rule, and what to do instead."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


Rule = Callable[[str, ast.Module], Iterator[Finding]]

#: Where statements may be built. Everything else asks a repository.
SQL_HOMES = (
    "db/*",
    "*/repository.py",
    "*/*_repository.py",
    "*/repositories/*",
    "*/models.py",  # conditions of partial indexes and checks
    "*/staging.py",  # the disposable SQLite file of one import, apart from the database
    "*/staged_rows.py",
    "databases/imports/rejected.py",
    "reservations/matching.py",  # the one expression for "is this customer reserved?", used by repositories
    "pools/rows.py",  # the columns of a record row, shared by repositories
)
STATEMENTS = {"select", "insert", "update", "delete", "text", "union", "union_all", "exists"}
SQL_TEXT = re.compile(
    r"^\s*(SELECT|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX)|WITH\s+\w+\s+AS)\b"
)

MODULES = {"memberwd", "bonanza"}
MODULE_MEMBERS = {"NORMAL", "MEMBER_WD", "MEMBERWD", "BONANZA"}
MODULE_HOMES = ("assignments/policies/*",)

CLOCK_HOME = "kit/clock.py"
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def _is_service(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name == "service.py" or name.endswith("_service.py")


def _called(node: ast.Call) -> tuple[str, str]:
    """What a call is made on and the name called: `a.b.c()` gives ("b", "c"), `c()` gives ("", "c")."""
    function = node.func
    if isinstance(function, ast.Name):
        return "", function.id
    if isinstance(function, ast.Attribute):
        owner = function.value
        if isinstance(owner, ast.Attribute):
            return owner.attr, function.attr
        return (owner.id if isinstance(owner, ast.Name) else "?"), function.attr
    return "?", "?"


def services_hold_no_plumbing(path: str, tree: ast.Module) -> Iterator[Finding]:
    """A service is use cases: it builds no statement, ends no transaction and knows no HTTP."""
    if not _is_service(path):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            owner, name = _called(node)
            if name == "select" and owner in {"", "sa", "sqlalchemy"}:
                yield Finding(path, node.lineno, "service-select", "a service asks its repository instead of select(")
            if name in {"commit", "rollback"} and owner:
                message = f"the unit of work ends the transaction, not a service ({name}()"
                yield Finding(path, node.lineno, "service-commit", message)
        if isinstance(node, ast.Name | ast.alias) and "HTTPException" in (
            getattr(node, "id", ""),
            getattr(node, "name", ""),
        ):
            yield Finding(path, node.lineno, "service-http", "a service raises a named error, not HTTPException")


def time_comes_from_the_clock(path: str, tree: ast.Module) -> Iterator[Finding]:
    """The time is asked of the clock that was handed in, so that a test can say what time it is."""
    if path == CLOCK_HOME:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in CLOCKS:
            yield Finding(path, node.lineno, "clock", f"ask kit.clock instead of {'.'.join(_called(node))}()")


def _is_sql_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(SQL_TEXT.match(node.value))


def sql_lives_in_repositories(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Statements are built in repositories, so that every read starts from what the principal may see."""
    if _matches(path, SQL_HOMES):
        return
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy"
        for alias in node.names
        if alias.name in STATEMENTS
    }
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            owner, name = _called(node)
            if (not owner and name in imported) or (owner in {"sa", "sqlalchemy"} and name in STATEMENTS):
                yield Finding(path, node.lineno, "sql-home", f"{name}() belongs into a repository")
        elif _is_sql_text(node) and id(node) not in documentation:
            yield Finding(path, node.lineno, "sql-home", "SQL text belongs into a repository")


def _names_a_module(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in MODULES
    if isinstance(node, ast.Attribute):
        return node.attr in MODULE_MEMBERS and isinstance(node.value, ast.Name) and node.value.id.endswith("Module")
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(_names_a_module(element) for element in node.elts)
    return False


def modules_differ_in_policies_only(path: str, tree: ast.Module) -> Iterator[Finding]:
    """What differs between the modules is asked of the policy; nobody else compares a module's name."""
    if _matches(path, MODULE_HOMES):
        return
    message = "ask the module's policy instead of comparing its name"
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(map(_names_a_module, (node.left, *node.comparators))):
            yield Finding(path, node.lineno, "module-name", message)
        elif isinstance(node, ast.MatchValue) and _names_a_module(node.value):
            yield Finding(path, node.lineno, "module-name", message)


ROLES = {"staff", "admin", "master_admin"}
ROLE_HOMES = ("identity/*",)


def roles_are_not_compared(path: str, tree: ast.Module) -> Iterator[Finding]:
    """One permission table answers every check (spec 1.2): no code compares role names."""
    if _matches(path, ROLE_HOMES):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = (node.left, *node.comparators)
        asks_role = any(isinstance(side, ast.Attribute) and side.attr == "role" for side in sides)
        names_role = any(
            (isinstance(side, ast.Constant) and side.value in ROLES)
            or (isinstance(side, ast.Attribute) and isinstance(side.value, ast.Name) and side.value.id == "Role")
            for side in sides
        )
        if asks_role and names_role:
            yield Finding(path, node.lineno, "role-name", "ask for a permission instead of comparing roles")


RULES: tuple[Rule, ...] = (
    services_hold_no_plumbing,
    time_comes_from_the_clock,
    sql_lives_in_repositories,
    modules_differ_in_policies_only,
    roles_are_not_compared,
)


def check_source(path: str, source: str) -> list[Finding]:
    """Every broken rule in one module, in the order of its lines."""
    tree = ast.parse(source, filename=path)
    return sorted(finding for rule in RULES for finding in rule(path, tree))


def check_package(package: Path) -> list[Finding]:
    """Every broken rule in all modules below the folder of a package; generated and built files are left out."""
    findings: list[Finding] = []
    for file in sorted(package.rglob("*.py")):
        path = file.relative_to(package).as_posix()
        if not path.startswith("web_app/"):
            findings.extend(check_source(path, file.read_text(encoding="utf-8")))
    return findings
