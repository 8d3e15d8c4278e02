"""Texts that have broken programs: our own list, which the journeys in a browser read too."""

import json
from pathlib import Path

_GROUPS: dict[str, dict[str, str]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))

CONTROLS = _GROUPS["controls"]
"""Refused everywhere: no name holds them, and PostgreSQL stores no NUL."""

LAYOUT = _GROUPS["layout"]
"""Refused in names, kept in notes, where a line break is one sign."""

UNSTORABLE = _GROUPS["unstorable"]
"""Only half of a sign: no encoding can write it."""

HARMLESS = _GROUPS["harmless"]
"""Kept as they are, wherever a text may be of that length."""
