"""Writes the OpenAPI document of the server, the only source of the web app's types.

python scripts/generate_openapi.py [FILE]      default: frontend/openapi.json

The text depends on the code alone: no settings, no order of dictionaries, no version of the day. The examples that are put
together from it (ADR 48) are left out: as comments they would be most of the types.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from crm_boost.app import create_app
from crm_boost.settings import Settings

TARGET = Path(__file__).resolve().parents[1] / "frontend" / "openapi.json"


def document() -> dict[str, Any]:
    """The OpenAPI document of an app that is created but never started."""
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = create_app(Settings(data_dir=Path(folder))).openapi()
    for methods in found["paths"].values():
        for operation in methods.values():
            for part in (operation.get("requestBody", {}), *operation["responses"].values()):
                for content in part.get("content", {}).values():
                    content.pop("example", None)
    return found


def main(arguments: list[str]) -> int:
    """Write the document to the file named, or to where the web app reads it."""
    target = Path(arguments[0]) if arguments else TARGET
    target.write_text(json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
