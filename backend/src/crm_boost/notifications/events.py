"""What this module announces."""

from crm_boost.kit.events import Event


class MessageWaits(Event):
    """A message to the outside was written in this transaction."""
