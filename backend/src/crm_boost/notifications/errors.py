"""Refusals of the channel."""

from crm_boost.kit.errors import Conflict


class ChannelNotSetUp(Conflict):
    """There is no token or no chat."""

    code = "channel_not_set_up"


class ChannelRefused(Conflict):
    """The other side did not take the message, or could not be reached."""

    code = "channel_refused"
