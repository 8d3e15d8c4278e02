"""Fixtures of the list tests: an admin who reads."""

import httpx
import pytest

from crm_boost.db.engine import Database
from tests.support.factories import Account, make_user


@pytest.fixture
async def admin(database: Database, client: httpx.AsyncClient) -> Account:
    """An admin; the client carries the session."""
    account = await make_user(database, "admin")
    client.headers.update(account.auth)
    return account
