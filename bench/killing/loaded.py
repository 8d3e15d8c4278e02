"""The program, with what each of its processes makes once: imported where servers are forked from."""

from tempfile import gettempdir

import crm_boost.cli
from crm_boost.settings import Settings

crm_boost.cli.create_app(Settings(data_dir=gettempdir()))
