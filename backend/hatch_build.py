"""Puts the built web app into the wheel, so that the wheel alone serves the whole product."""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = "crm_boost/web_app"


class WebAppHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `frontend/dist` as `crm_boost/web_app`; refuses to build a wheel without it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        inside = Path(self.root) / "src" / TARGET
        built = Path(os.environ.get("CRM_WEB_APP_DIST", Path(self.root).parent / "frontend" / "dist"))
        if (inside / "index.html").is_file():
            built = inside
        if not (built / "index.html").is_file():
            raise FileNotFoundError(f"the web app is not built: {built}/index.html is missing; run `make build`")
        build_data["force_include"][str(built)] = TARGET
