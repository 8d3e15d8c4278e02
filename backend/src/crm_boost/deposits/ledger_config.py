"""Closed periods: up to which day the books are closed (spec 4.2)."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from crm_boost.configuration.service import Stored, read
from crm_boost.db.session import ReadSession

NAME = "ledger"


class LedgerConfig(BaseModel):
    """What counts on days up to and including `ledger_closed_until` does not change any more; None: all is open."""

    model_config = ConfigDict(extra="forbid")

    ledger_closed_until: date | None = None


async def stored_config(session: ReadSession) -> Stored[LedgerConfig]:
    """Return the setting, and who changed it last."""
    return await read(session, NAME, LedgerConfig)


async def closed_until(session: ReadSession) -> date | None:
    """Return the last closed day, if there is one."""
    return (await stored_config(session)).value.ledger_closed_until
