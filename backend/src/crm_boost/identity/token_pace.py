"""How many requests one token may make: a script in a loop must not take the desk from the people who work on it.

All processes count together (ADR 51). What they know of each other comes with the row of the token, which every request
reads anyway; what a process has counted it adds to that row in steps, so that a script within its pace costs next to
nothing, and one that is told to wait nothing at all.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.db.engine import Database
from crm_boost.identity.token_repository import add_requests
from crm_boost.kit.errors import TooManyRequests

log = structlog.get_logger(__name__)

STEPS = 20
"""A process adds what it has counted when it is this part of what a minute allows."""


@dataclass(slots=True)
class _Minute:
    """What is known of one token in the running minute: the sum of all processes as far as they told, and what this one
    has not told yet."""

    told: int = 0
    untold: int = 0


class TokenPace:
    """The counts of one process."""

    def __init__(self, database: Database, per_minute: int) -> None:
        self._database = database
        self._per_minute = per_minute
        self._step = max(per_minute // STEPS, 1)
        self._minute: datetime | None = None
        self._counts: dict[str, _Minute] = {}

    async def use(self, token_id: str, stored: tuple[datetime | None, int], now: datetime) -> None:
        """Count a request; 429 when the minute is used up. `stored`: of which minute the row of the token knows how many.

        Opens a unit of work of its own now and then: called before the request has one.
        """
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._counts = {}
        count = self._counts.setdefault(token_id, _Minute())
        if stored[0] == minute:
            count.told = max(count.told, stored[1])
        if count.told + count.untold >= self._per_minute:
            message = f"This token may make {self._per_minute} requests a minute."
            raise TooManyRequests(message, retry_after=60 - now.second)
        count.untold += 1
        if count.untold >= self._step:
            await self._tell(token_id, minute, count)

    async def _tell(self, token_id: str, minute: datetime, count: _Minute) -> None:
        """Add what was counted here to the row of the token; what could not be told is told with the next step."""
        # Told from here on: requests that come meanwhile must neither count it twice nor forget it.
        telling, count.untold = count.untold, 0
        count.told += telling
        try:
            async with self._database.write() as session:
                together = await add_requests(session, token_id, minute, telling)
        except SQLAlchemyError as error:
            count.told -= telling
            count.untold += telling
            log.warning("token_pace_not_told", error=type(error).__name__)
        else:
            count.told = max(count.told, together)
