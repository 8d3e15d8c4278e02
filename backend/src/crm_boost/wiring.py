"""Every event and who reacts to it, in one list. Calls go down the layers; events go up, and meet here."""

from crm_boost.kit.events import EventBus


def build_bus() -> EventBus:
    """Return the bus with every handler registered."""
    return EventBus()
