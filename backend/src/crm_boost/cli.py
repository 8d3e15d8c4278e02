"""The command line: serve, migrate, create-admin, seed, backup, restore, stage."""

import asyncio
import getpass
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from crm_boost.app import create_app
from crm_boost.db.backups import BackupFailed, back_up
from crm_boost.db.backups import restore as restore_backup
from crm_boost.db.engine import Database
from crm_boost.db.migrate import upgrade
from crm_boost.demo.credentials import sign_in_lines
from crm_boost.demo.service import DemoFailed, seed_demo
from crm_boost.identity.passwords import hash_password
from crm_boost.identity.permissions import Role
from crm_boost.identity.service import add_user, check_new_password
from crm_boost.kit.errors import Problem
from crm_boost.kit.garbage import spare_what_stays
from crm_boost.observing.observer import NotInstalled
from crm_boost.settings import Settings
from crm_boost.staging.repository import is_copy
from crm_boost.staging.rules import NoRule
from crm_boost.staging.service import StagingFailed, make_copy
from crm_boost.web.logging import configure_logging

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="CRM Boost.")


IDLE_SECONDS = 150
"""How long a connection that nobody uses stays open: longer than proxies and browsers keep theirs (two minutes at most), so
that none sends a request into a connection that is being closed here at that moment, which would be lost."""


@cli.command()
def serve() -> None:
    """Bring the schema up to date and serve the API and the web app."""
    settings = Settings()
    configure_logging(settings.observability)
    try:
        app = create_app(settings)
    except NotInstalled as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    upgrade(settings.database_url)
    if settings.staging != is_copy(settings.database_url):
        typer.echo(
            "CRM_STAGING is set, but these are the real data: only what `crm-boost stage` made is served so."
            if settings.staging
            else "This is a copy for staging: serve it with CRM_STAGING=true.",
            err=True,
        )
        raise typer.Exit(1)
    Server(listening(app, settings), app, settings.stop_delay_seconds).run()


def listening(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Where and how the app is served."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
        timeout_keep_alive=IDLE_SECONDS,
    )


class Server(uvicorn.Server):
    """Told to stop, it ends the open event streams, says at `/api/ready` that it goes, and takes requests for as long as
    whoever spreads them needs to notice. A second signal ends the waiting."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, delay: float) -> None:
        super().__init__(config)
        self._app = app
        self._delay = delay
        self._told: tuple[float, int] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        spare_what_stays()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        state = self._app.state
        state.ready, state.stopping = False, True
        if hasattr(state, "live"):
            state.live.close()
        if self._told is None and self._delay and self.started:
            self._told = (time.monotonic() + self._delay, sig)
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if self._told is not None and time.monotonic() >= self._told[0] and not self.should_exit:
            super().handle_exit(self._told[1], None)
        return await super().on_tick(counter)


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = Settings()
    upgrade(settings.database_url)
    typer.echo("The database is at the newest schema.")


@cli.command("create-admin")
def create_admin(
    email: Annotated[str, typer.Option(prompt=True)],
    name: Annotated[str, typer.Option(prompt=True)],
    role: Role = Role.MASTER_ADMIN,
) -> None:
    """Create a user; the password is read from standard input or asked for, never taken from the command line."""
    settings = Settings()
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")

    async def create() -> None:
        check_new_password(password, settings.auth)
        hashed = await hash_password(password)
        database = Database(settings)
        try:
            async with database.write() as session:
                await add_user(session, email=email, name=name, role=role, password_hash=hashed)
        finally:
            await database.dispose()

    upgrade(settings.database_url)
    try:
        asyncio.run(create())
    except Problem as problem:
        typer.echo(f"Not created: {problem.detail}", err=True)
        raise typer.Exit(1) from problem
    typer.echo(f"{email} can sign in now.")


@cli.command()
def backup(target: Annotated[Path, typer.Argument(help="The new file; it must not exist.")]) -> None:
    """Copy the database to a file. The server may go on working meanwhile."""
    _do_or_say(lambda: back_up(Settings().database_url, target))
    typer.echo(f"{target}: {target.stat().st_size / 1_000_000:,.1f} MB, checked.")


@cli.command()
def restore(source: Annotated[Path, typer.Argument(help="A file that `backup` made.")]) -> None:
    """Fill an empty database from a backup. What is there already is never replaced."""
    _do_or_say(lambda: restore_backup(Settings().database_url, source))
    typer.echo("Restored, at the newest schema.")


@cli.command()
def stage(
    folder: Annotated[Path, typer.Argument(help="Where the copy is to be; its DATA_DIR.")],
    database_url: Annotated[
        str | None,
        typer.Option(envvar="CRM_STAGE_DATABASE_URL", help="An empty database, where the data are in PostgreSQL."),
    ] = None,
) -> None:
    """Copy the data without anything that says who somebody is, for a second desk to try things at."""
    try:
        staged = make_copy(Settings(), folder, database_url)
    except (StagingFailed, NoRule) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo("Sign in to the copy with one of these accounts; all others have the same password:\n")
    for role, email, name in staged.accounts:
        typer.echo(f"  {role:<13} {email:<36} {name}")
    typer.echo(f"\n  Password: {staged.password}\n")


@cli.command("import-mongo")
def import_mongo(
    source: Annotated[
        str,
        typer.Argument(
            help="The folder that mongodump wrote, or mongodb://…/name. An address with a password belongs into"
            " CRM_MONGO_SOURCE, where others on this machine do not see it.",
            envvar="CRM_MONGO_SOURCE",
        ),
    ],
    name: Annotated[str | None, typer.Option("--database", help="The database, if the address names none.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come of it.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write everything that was found to this file.")] = None,
) -> None:
    """Fill an empty desk with a CRM Boost that ran on MongoDB. Broken off, it goes on where it was."""
    # Only here: a server does without the driver of MongoDB.
    from crm_boost.migrate_mongo.command import ImportFailed, import_now

    settings = Settings()
    upgrade(settings.database_url)
    try:
        import_now(settings, source, name=name, dry_run=dry_run, report=report, tell=typer.echo)
    except ImportFailed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _do_or_say(action: Callable[[], None]) -> None:
    try:
        action()
    except BackupFailed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@cli.command()
def seed(
    if_empty: Annotated[bool, typer.Option(help="Do nothing where somebody can sign in already.")] = False,
    seed: Annotated[int, typer.Option(help="Another number makes other customers.")] = 1,
) -> None:
    """Add the demo data: products, people, databases. Says how to sign in."""
    settings = Settings()
    upgrade(settings.database_url)
    try:
        seeded = asyncio.run(seed_demo(settings, seed=seed, if_empty=if_empty))
    except (DemoFailed, Problem) as error:
        typer.echo(f"The demo data is not complete: {error}", err=True)
        raise typer.Exit(1) from error
    if seeded is None:
        return
    for file, result in seeded.databases:
        left_out = result["rows_total"] - result["stored"]
        typer.echo(f"  {file.module:<9} {file.name:<20} {result['stored']:>6,} records, {left_out} rows left out")
    if seeded.password is None:
        typer.echo("The demo accounts were there already; their password stays as it is.")
        return
    typer.echo("\nSign in with one of these demo accounts:\n")
    for line in sign_in_lines(seeded.accounts, seeded.password):
        typer.echo(f"  {line}".rstrip())
    typer.echo(f"\nThis is also in {seeded.credentials}. Remove these accounts before you use it for real.")


def main() -> None:
    """Entry point of the `crm-boost` command."""
    cli()
