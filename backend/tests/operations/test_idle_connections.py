"""A proxy, or a browser, keeps connections for the next request; whoever closes first must not be the server."""

import pytest
from fastapi import FastAPI

from crm_boost.cli import listening
from crm_boost.settings import Settings

LONGEST_OF_PROXIES = 120
"""Seconds: Caddy's, the longest of the usual ones."""


@pytest.mark.pure
def test_the_server_is_not_the_first_to_close() -> None:
    assert listening(FastAPI(), Settings()).timeout_keep_alive > LONGEST_OF_PROXIES
