"""RFC 9457 problem details for every error the API gives (spec 1.6)."""

import traceback
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from crm_boost.kit.context import current_context
from crm_boost.kit.errors import FieldError, Problem

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
_STANDARD = frozenset({"type", "title", "status", "detail", "code", "request_id", "errors", "headers"})
_MAX_FIELD_ERRORS = 50
_TITLES = {404: "Not found", 405: "Method not allowed", 413: "Too large", 400: "Bad request"}


def problem_response(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: list[FieldError] | None = None,
    headers: dict[str, str] | None = None,
    **extras: Any,
) -> Response:
    """Build the response; `extras` are further members."""
    document: dict[str, Any] = {
        **extras,
        "type": f"urn:crm-boost:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": current_context().correlation_id,
    }
    if errors:
        document["errors"] = [error.document(code) for error in errors]
    return Response(orjson.dumps(document, default=str), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _field_name(location: tuple[Any, ...]) -> str:
    parts = [str(part) for part in location if part not in ("body", "query", "path", "header", "cookie")]
    return ".".join(parts) or str(location[0] if location else "body")


def _field_error(found: dict[str, Any]) -> FieldError:
    if found["type"] == "json_invalid":
        return FieldError("body", "This is not valid JSON.", "json_invalid")
    figures = {name: value for name, value in found.get("ctx", {}).items() if isinstance(value, int | float)}
    message = str(found["msg"]).removeprefix("Value error, ")
    return FieldError(_field_name(tuple(found["loc"])), message, str(found["type"]), figures)


async def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(
        error.status,
        error.code,
        error.title,
        error.detail,
        errors=list(error.errors),
        headers=error.headers or None,
        **{name: value for name, value in error.extras.items() if name not in _STANDARD},
    )


async def _on_invalid_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [_field_error(found) for found in error.errors()[:_MAX_FIELD_ERRORS]]
    detail = "; ".join(f"{e.field}: {e.message}" for e in errors[:3]) or "The request is not valid."
    return problem_response(422, "invalid_input", "Invalid input", detail, errors=errors)


async def _on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = _TITLES.get(error.status_code, "Request failed")
    detail = str(error.detail) if error.detail else title
    code = title.lower().replace(" ", "_")
    return problem_response(error.status_code, code, title, detail, headers=dict(error.headers or {}))


def _trace(error: Exception) -> str:
    """Return the plain trace. Left to the log's renderer it might show local variables: passwords and customers."""
    return "".join(traceback.format_exception(error))


async def _on_unstorable(_request: Request, _error: Exception) -> Response:
    """A text or number that the schema let through and the database cannot hold (a NUL, half of a sign, a number of 30
    digits)."""
    return problem_response(422, "invalid_input", "Invalid input", "A value cannot be stored as it is.")


async def _on_overload(request: Request, error: Exception) -> Response:
    """The database did not take the work now: no free connection, a lock that was not to be had, a lost connection."""
    log.error("database_unavailable", exception=_trace(error))
    if (observer := getattr(request.app.state, "observer", None)) is not None:
        observer.report(error)
    return problem_response(
        503,
        "unavailable",
        "Not available",
        "The database does not take more work just now. Nothing was changed; try again.",
        headers={"Retry-After": "2"},
    )


async def unexpected(error: Exception) -> Response:
    """Answer 500 without a word about the inside; the log has the trace under the same request id."""
    log.error("request_failed", exception=_trace(error))
    return problem_response(
        500,
        "internal",
        "Something went wrong",
        "The server could not do this. Give the request id to your administrator.",
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Register the handlers on `app`."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(DataError, _on_unstorable)
    app.add_exception_handler(UnicodeEncodeError, _on_unstorable)
    app.add_exception_handler(OperationalError, _on_overload)
    app.add_exception_handler(PoolTimeout, _on_overload)
