"""Whether a pooled connection to PostgreSQL still leads to its server, found out without asking the server each time."""

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

_TRUSTED_SECONDS = 30.0
"""So long after its last use a connection on which nothing has arrived is taken to be alive. A server that ends says so at
once; one that vanishes, or a router that forgets, does not."""
_LAST_USED = "last_used"


def check_on_checkout(engine: Engine) -> None:
    """Let connections that the server has closed be replaced before anybody uses them.

    Asking the server costs a round trip for each transaction; looking whether something arrived on an idle connection
    costs nothing.
    """

    def used(_connection: Any, record: Any, *_: Any) -> None:
        record.info[_LAST_USED] = time.monotonic()

    def check(connection: Any, record: Any, _proxy: Any) -> None:
        is_recent = time.monotonic() - record.info.get(_LAST_USED, 0.0) < _TRUSTED_SECONDS
        if is_recent and not _something_arrived(connection.driver_connection):
            return
        dialect: Any = engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "connect", used)
    event.listen(engine, "checkin", used)
    event.listen(engine, "checkout", check)


def _something_arrived(connection: Any) -> bool:
    """Whether there is anything to read on a connection that waits for nothing: mostly its end."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
