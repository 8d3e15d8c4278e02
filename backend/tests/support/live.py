"""A real server process over a real socket, for what an in-process client cannot show."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import create_engine

from crm_boost.db.migrate import sync_url
from crm_boost.settings import Settings

_START_SECONDS = 120.0
_STOP_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class LiveServer:
    """`url` is the address; `log()` is everything the process has logged so far."""

    url: str
    port: int
    settings: Settings
    log_file: Path
    process: "subprocess.Popen[bytes]"

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def stop(self) -> str:
        """End the process and return its whole log: the line of a request is written after its answer is sent."""
        self.process.terminate()
        self.process.wait(timeout=_STOP_SECONDS)
        return self.log()

    @contextmanager
    def without_table(self, name: str) -> Iterator[None]:
        """Take a table away under the running server, so that a request really fails; it is back afterwards.

        The database outlives the test: on PostgreSQL the next test empties the same one.
        """
        self._rename(name, f"{name}_away")
        try:
            yield
        finally:
            self._rename(f"{name}_away", name)

    def _rename(self, old: str, new: str) -> None:
        engine = create_engine(sync_url(self.settings.database_url))
        with engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
        engine.dispose()


@contextmanager
def serving(settings: Settings, log_file: Path, **environment: str) -> Iterator[LiveServer]:
    """Run `crm-boost serve` on the database of `settings` until the block ends. Work by the clock is theirs to allow."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    given = {"CRM_DATA_DIR": str(settings.data_dir), "CRM_PORT": str(port)}
    given |= {"CRM_JOBS__ENABLED": str(settings.jobs.enabled).lower(), **environment}
    if settings.database.url:
        given["CRM_DATABASE__URL"] = settings.database.url
    with log_file.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from crm_boost.cli import main; main()", "serve"],
            env={**clean, **given},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = LiveServer(f"http://127.0.0.1:{port}", port, settings, log_file, process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(server: LiveServer) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode}:\n{server.log()}")
        try:
            if httpx.get(f"{server.url}/api/ready", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"the server did not answer in time:\n{server.log()}")
        time.sleep(0.05)
