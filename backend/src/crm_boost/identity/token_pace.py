"""How many requests one token may make: a script in a loop must not take the desk from the people who work on it."""

from collections import Counter
from datetime import datetime

from crm_boost.kit.errors import TooManyRequests


class TokenPace:
    """Counts requests by token and minute, in this process."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._minute: datetime | None = None
        self._used: Counter[str] = Counter()

    def use(self, token_id: str, now: datetime) -> None:
        """Count a request; 429 when the minute is used up."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._used.clear()
        if self._used[token_id] >= self._per_minute:
            message = f"This token may make {self._per_minute} requests a minute."
            raise TooManyRequests(message, retry_after=60 - now.second)
        self._used[token_id] += 1
