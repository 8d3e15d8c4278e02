"""Refusals of follow-ups."""

from crm_boost.kit.errors import Conflict, NotFound


class UnknownFollowUp(NotFound):
    code = "unknown_follow_up"
    title = "No such follow-up"


class FollowUpMovedOn(Conflict):
    """The follow-up is in a state from which this is not possible; `state` says which."""

    code = "follow_up_moved_on"
    title = "The follow-up has moved on"
