"""How many errors of browsers a process writes down: a page that fails in a loop, or somebody who wants to fill the log,
must not push everything else out of it. Pure but for the clock.

Counted in memory, since a statement for each would be the greater harm; each process counts for itself.
"""

from collections import deque
from datetime import datetime, timedelta

from crm_boost.kit.clock import utc_now

_WINDOW = timedelta(minutes=10)
OF_ONE_PERSON = 20
OF_EVERYBODY = 200


class BrowserErrors:
    """What was written down in the last ten minutes."""

    def __init__(self) -> None:
        self._written: deque[tuple[datetime, str]] = deque(maxlen=OF_EVERYBODY)

    def may_report(self, user_id: str) -> bool:
        """Whether one more error of this person is written down; counts it if so."""
        now = utc_now()
        while self._written and self._written[0][0] <= now - _WINDOW:
            self._written.popleft()
        of_this_person = sum(user == user_id for _, user in self._written)
        if of_this_person >= OF_ONE_PERSON or len(self._written) >= OF_EVERYBODY:
            return False
        self._written.append((now, user_id))
        return True
