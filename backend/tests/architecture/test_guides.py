"""The guides call what is on the screen as the screen does, in both languages, and their pictures are there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parents[3]
GUIDES = ROOT / "docs" / "guides"
PICTURES = ROOT / "docs" / "images" / "guides"
WORDS = ROOT / "frontend" / "src" / "i18n"
WORTH_LOADING = 120_000
"""How many bytes a picture may have."""

GUIDE = pytest.mark.parametrize("name", ["staff.en", "staff.id", "admin.en", "admin.id"])


def texts(tree: dict[str, Any]) -> Iterator[str]:
    for below in tree.values():
        if isinstance(below, dict):
            yield from texts(below)
        else:
            yield below


def words_on_screen(language: str) -> re.Pattern[str]:
    """What matches every text of the web app in this language, whatever stands for its figures and names."""
    found = {
        text
        for path in (WORDS / language).glob("*.json")
        for text in texts(json.loads(path.read_text(encoding="utf-8")))
    }
    parts = [[re.escape(piece) for piece in re.split(r"\{\{.*?\}\}", text)] for text in sorted(found)]
    # A text that is all figures and names would match anything.
    return re.compile(
        "|".join(".+".join(part) for part in parts if len(part) == 1 or re.search(r"\w{3}", "".join(part)))
    )


def read(name: str) -> str:
    return (GUIDES / f"{name}.md").read_text(encoding="utf-8")


def bold(text: str) -> list[str]:
    return re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)


@GUIDE
def test_what_is_bold_is_a_word_on_the_screen(name: str) -> None:
    on_screen = words_on_screen(name.rsplit(".", 1)[1])
    named = bold(read(name))

    assert len(named) > 40
    assert [word for word in named if not on_screen.fullmatch(word)] == []


def test_a_word_that_no_screen_has_is_found() -> None:
    on_screen = words_on_screen("en")

    assert on_screen.fullmatch("Import 1,000 rows")
    assert not on_screen.fullmatch("Import them all")
    assert not on_screen.fullmatch("Bagikan")


@pytest.mark.parametrize("guide", ["staff", "admin"])
def test_both_languages_tell_the_same(guide: str) -> None:
    english, indonesian = read(f"{guide}.en"), read(f"{guide}.id")

    for mark in (r"^## ", r"^\d+\. ", r"^- ", r"^!\["):
        counts = [len(re.findall(mark, text, re.MULTILINE)) for text in (english, indonesian)]
        assert counts[0] == counts[1], mark
    assert len(bold(english)) == len(bold(indonesian))


@GUIDE
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)", read(name))

    assert [target for target in targets if not (GUIDES / target).is_file()] == []


def test_every_picture_is_shown_and_small() -> None:
    shown = "".join(read(path.stem) for path in GUIDES.glob("*.md"))
    pictures = sorted(PICTURES.glob("*.png"))

    assert pictures
    assert [path.name for path in pictures if path.name not in shown] == []
    assert [path.name for path in pictures if path.stat().st_size > WORTH_LOADING] == []
