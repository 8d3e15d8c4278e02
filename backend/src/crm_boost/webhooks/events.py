"""What this module announces to itself and to the processes that send."""

from dataclasses import dataclass

from crm_boost.kit.events import Event


class DeliveryWaits(Event):
    """Something to send was written in this transaction."""


class WebhooksChanged(Event):
    """What webhooks want to hear is something else after this transaction."""


@dataclass(frozen=True, slots=True)
class InterestRead(Event):
    """What any webhook wants to hear, as it is stored now."""

    wanted: frozenset[str]
