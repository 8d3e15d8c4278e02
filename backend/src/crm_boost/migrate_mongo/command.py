"""The command line's side of an import: opens source and desk, and says what happened in words."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import orjson

from crm_boost.db.engine import Database
from crm_boost.migrate_mongo.errors import ImportRefused
from crm_boost.migrate_mongo.report import lines_of
from crm_boost.migrate_mongo.service import Outcome, Tell, import_from
from crm_boost.migrate_mongo.sources import DumpSource, ServerSource, Source, SourceFailed
from crm_boost.settings import Settings
from crm_boost.wiring import build_bus

_ADDRESSES = ("mongodb://", "mongodb+srv://")


class ImportFailed(Exception):
    """Nothing, or not everything, was imported; the message says why and what to do."""


def import_now(
    settings: Settings, where: str, *, name: str | None, dry_run: bool, report: Path | None, tell: Tell
) -> Outcome:
    """Import from the folder of a dump, or from the address of a server (`name`: its database, where the address has
    none); `report`: also write everything that was found to this file. The schema must be migrated."""
    try:
        outcome = asyncio.run(_import(settings, where, name, dry_run=dry_run, tell=tell))
    except (ImportRefused, SourceFailed) as error:
        raise ImportFailed(str(error)) from error
    for line in lines_of(outcome.report):
        tell(line)
    if report is not None:
        report.write_bytes(orjson.dumps(outcome.report, option=orjson.OPT_INDENT_2))
    if outcome.rejected is not None:
        tell(f"What is not stored: {outcome.rejected} (it holds customers; remove it when you are done).")
    tell(_ending(outcome, dry_run=dry_run))
    return outcome


async def _import(settings: Settings, where: str, name: str | None, *, dry_run: bool, tell: Tell) -> Outcome:
    async with AsyncExitStack() as opened:
        source: Source
        if where.startswith(_ADDRESSES):
            source = await opened.enter_async_context(ServerSource(where, name))
        else:
            source = DumpSource(Path(where))
        database = Database(settings, build_bus())
        opened.push_async_callback(database.dispose)
        return await import_from(database, settings, source, dry_run=dry_run, tell=tell)


def _ending(outcome: Outcome, *, dry_run: bool) -> str:
    if dry_run:
        return "Dry run: nothing was written to the desk."
    if outcome.was_there:
        return "This import was done before; nothing was changed."
    health = outcome.health
    begun = "Resumed and finished" if outcome.resumed else "Done"
    score = f"The data's health: {health['health_score']} of 100. {health['message']} See Data Sync."
    return f"{begun}; every table, state and amount is as it was read. {score}"
