"""Business refusals as named errors (spec 1.6).

A service raises one of these; the web layer turns it into RFC 9457 problem details. Nothing below the web layer
knows about HTTP beyond the status code an error stands for.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One field at fault: its dotted name in the request, and what is wrong with it.

    `code` is stable and stands for the sentence, with `params` for its figures, so that a client can say it in another
    language; without one the code of the whole refusal stands for it.
    """

    field: str
    message: str
    code: str = ""
    params: Mapping[str, int | float | str] = dataclasses.field(default_factory=dict)

    def document(self, code: str = "") -> dict[str, Any]:
        """Return what a client gets of it; `code`: of the whole refusal, where the field has none of its own."""
        found: dict[str, Any] = {"field": self.field, "message": self.message, "code": self.code or code}
        if self.params:
            found["params"] = dict(self.params)
        return found


class Problem(Exception):
    """A refusal with a status, a stable code and a sentence for a person.

    `extras` become further members of the problem document (for example the current state, or an eligible count).
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "Bad request"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), **extras: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.extras = extras
        self.headers: dict[str, str] = {}


class InvalidInput(Problem):
    """The request is well formed but a field's value is not acceptable."""

    status = 422
    code = "invalid_input"
    title = "Invalid input"

    @classmethod
    def of(
        cls,
        field: str,
        message: str,
        code: str = "",
        params: Mapping[str, int | float | str] | None = None,
        **extras: Any,
    ) -> "InvalidInput":
        """Build the error for a single field; `code` and `params` are those of a `FieldError`."""
        return cls(message, errors=[FieldError(field, message, code, params or {})], **extras)


class Unauthenticated(Problem):
    status = 401
    code = "unauthenticated"
    title = "Sign in first"


class Forbidden(Problem):
    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(Problem):
    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(Problem):
    status = 409
    code = "conflict"
    title = "Conflict"


class TooLarge(Problem):
    status = 413
    code = "too_large"
    title = "Too large"


class TooManyRequests(Problem):
    """Refused for now; `retry_after` is in whole seconds."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int, **extras: Any) -> None:
        super().__init__(detail, retry_after=retry_after, **extras)
        self.headers["Retry-After"] = str(retry_after)
