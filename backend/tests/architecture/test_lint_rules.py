"""The house rules find what they are for, and leave alone what is allowed."""

import pytest

from scripts.lint_rules.rules import check_source

pytestmark = pytest.mark.pure

BROKEN = [
    ("products/service.py", "rows = select(Product)", "service-select"),
    ("products/service.py", "import sqlalchemy as sa\nrows = sa.select(Product)", "service-select"),
    ("imports/commit_service.py", "async def f(session):\n    await session.commit()", "service-commit"),
    ("products/service.py", "async def f(session):\n    await session.rollback()", "service-commit"),
    ("products/service.py", "from fastapi import HTTPException", "service-http"),
    ("products/service.py", "import fastapi\ndef f():\n    raise HTTPException(404)", "service-http"),
    ("products/service.py", "from datetime import datetime\nnow = datetime.now()", "clock"),
    ("products/service.py", "import datetime\nnow = datetime.datetime.now(datetime.UTC)", "clock"),
    ("assignments/engine.py", "import datetime\nday = datetime.date.today()", "clock"),
    ("products/endpoints.py", "from sqlalchemy import select\nrows = select(Product)", "sql-home"),
    ("products/handlers.py", "from sqlalchemy import text as sql\nsql('x')", "sql-home"),
    ("products/handlers.py", "statement = 'SELECT id FROM products'", "sql-home"),
    ("products/handlers.py", "statement = '''\n  UPDATE products SET name = 1'''", "sql-home"),
    ("assignments/engine.py", "if module == 'memberwd':\n    pass", "module-name"),
    ("assignments/engine.py", "if database.module in ('memberwd', 'bonanza'):\n    pass", "module-name"),
    ("assignments/engine.py", "if module is Module.MEMBER_WD:\n    pass", "module-name"),
    ("assignments/engine.py", "match module:\n    case 'bonanza':\n        pass", "module-name"),
    ("products/service.py", "if principal.role == 'admin':\n    pass", "role-name"),
    ("products/service.py", "if user.role is not Role.STAFF:\n    pass", "role-name"),
]

ALLOWED = [
    ("products/repository.py", "from sqlalchemy import select\nrows = select(Product)"),
    ("db/migrations/versions/0001.py", "op.execute('UPDATE products SET name = 1')"),
    ("products/service.py", "async def f(repository):\n    return await repository.select(1)"),
    ("products/service.py", '"""SELECT your words with care."""'),
    ("products/service.py", "now = clock.now()"),
    ("kit/clock.py", "from datetime import UTC, datetime\nnow = datetime.now(UTC)"),
    ("products/endpoints.py", "label = 'Select a product'"),
    ("products/endpoints.py", "from kit import select\nselect('a widget')"),
    ("assignments/policies/member_wd.py", "if module == 'memberwd':\n    pass"),
    ("assignments/engine.py", "policy = policies['memberwd']"),
    ("assignments/engine.py", "if level == 'normal':\n    pass"),
    ("identity/permissions.py", "if user.role == 'admin':\n    pass"),
    ("products/service.py", "if name == 'admin':\n    pass"),
]


@pytest.mark.parametrize(("path", "source", "rule"), BROKEN)
def test_a_broken_rule_is_found(path: str, source: str, rule: str) -> None:
    assert rule in [finding.rule for finding in check_source(path, source)]


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_what_is_allowed_is_left_alone(path: str, source: str) -> None:
    assert check_source(path, source) == []


def test_a_finding_says_where_it_is() -> None:
    (finding,) = check_source("products/service.py", "\n\nrows = select(Product)")

    assert str(finding).startswith("products/service.py:3: service-select: ")
