"""A receiver beside the desk, and a desk that may tell this machine."""

from collections.abc import AsyncIterator

import pytest

from crm_boost.settings import Settings, WebhookSettings
from tests.webhooks.receiver import Receiver, receiver


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhooks": WebhookSettings(allow_loopback=True)})


@pytest.fixture
async def other_side() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found
