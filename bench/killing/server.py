"""`crm-boost serve` in a process group of its own, quickly begun and ended by SIGKILL.

The program is loaded once, in a process that does nothing else, and each server is forked from it: hundreds of starts take
minutes, and each of them still opens the database, migrates and sweeps as any other start does.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from crm_boost.settings import Settings

_START_SECONDS = 60.0
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["bench.killing.loaded", "bench.killing.rounds"])


def _serve(environment: dict[str, str], log: str) -> None:
    os.setsid()
    for name in [name for name in os.environ if name.startswith("CRM_")]:
        del os.environ[name]
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.argv = ["crm-boost", "serve"]
    from crm_boost.cli import main

    main()


class Server:
    """One server process. `log` takes what every process of the same desk says."""

    def __init__(self, settings: Settings, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.is_killed = False
        environment = {
            "CRM_DATA_DIR": str(settings.data_dir),
            "CRM_PORT": str(port),
            "CRM_IMPORTS__CHUNK_ROWS": "60",
            "CRM_WEBHOOKS__ALLOW_LOOPBACK": "true",
        }
        if settings.database.url:
            environment["CRM_DATABASE__URL"] = settings.database.url
        self._log = log
        self._process: BaseProcess = _context.Process(target=_serve, args=(environment, str(log)))
        self._process.start()

    async def ready(self) -> None:
        """Wait until it takes requests."""
        async with (
            asyncio.timeout(_START_SECONDS),
            httpx.AsyncClient(base_url=self.url, timeout=5, verify=False) as client,
        ):
            while True:
                if not self._process.is_alive():
                    raise RuntimeError(f"the server ended by itself:\n{self._log.read_text(encoding='utf-8')[-3000:]}")
                try:
                    if (await client.get("/api/ready")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """End the whole group at once, as a crash does: nothing of it runs another instruction."""
        self.is_killed = True
        try:
            os.killpg(self._process.pid or 0, signal.SIGKILL)
        except ProcessLookupError:
            self._process.kill()
        self._process.join()
