"""Named refusals of this module (spec 1.5, 2.3)."""

from crm_boost.kit.errors import Conflict, NotFound
from crm_boost.requests.states import RequestStatus


class UnknownRequest(NotFound):
    code = "unknown_request"
    title = "There is no such request"


class RequestMovedOn(Conflict):
    """The request is not what the command starts from; carries the state it has now."""

    code = "stale_transition"
    title = "The request has moved on"


class NothingHeld(Conflict):
    """None of the records held for a request can be given any more; the request stays as it is."""

    code = "nothing_held"
    title = "Nothing left to give"


def unknown(request_id: str) -> UnknownRequest:
    """Build the refusal for a request that does not exist, or is none of the caller's business."""
    return UnknownRequest("There is no such request.", id=request_id)


def moved_on(request_id: str, status: str) -> RequestMovedOn:
    """Build the refusal for a request that was decided meanwhile."""
    return RequestMovedOn(f"This request is already {RequestStatus(status).value}.", id=request_id, state=status)
