"""The program, with what each of its processes makes once: imported where servers are forked from."""

import tempfile
from pathlib import Path

import crm_boost.cli  # noqa: F401 - to have it loaded
from crm_boost.app import create_app
from crm_boost.settings import Settings

create_app(Settings(data_dir=Path(tempfile.gettempdir())))
