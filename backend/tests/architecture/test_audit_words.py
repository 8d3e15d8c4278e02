"""Whatever is written into the audit log can be read on the audit page, in both languages."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[3]
WRITTEN = re.compile(r'record_audit\(\s*session,\s*"([a-z_.]+)",\s*"([a-z_]+)"')
FOUND = sorted(
    {found for file in (ROOT / "backend/src").rglob("*.py") for found in WRITTEN.findall(file.read_text("utf-8"))}
)


def words(language: str) -> Any:
    return json.loads((ROOT / f"frontend/src/i18n/{language}/audit.json").read_text("utf-8"))


def test_there_is_something_to_look_for() -> None:
    assert ("auth.sign_in", "user") in FOUND


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize(("action", "kind"), FOUND)
def test_an_entry_has_words(language: str, action: str, kind: str) -> None:
    known = words(language)
    node = known["actions"]
    for part in action.split("."):
        assert part in node, f"audit.actions.{action} is missing in {language}"
        node = node[part]
    assert kind in known["kinds"], f"audit.kinds.{kind} is missing in {language}"
