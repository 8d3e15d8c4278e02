"""One ASGI middleware around every request: id, body limit, security headers, timing, and the last-resort 500."""

import re
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.ids import new_id
from crm_boost.observing.observer import Observer
from crm_boost.web.problems import problem_response, unexpected

log = structlog.get_logger("crm_boost.request")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


_ONLY_TLS = "max-age=31536000"
"""A year. Of this name alone: what else the domain serves is not ours to say."""


class _BodyTooLarge(HTTPException):
    """An HTTPException, since the framework turns any other error raised while it reads a body into a 400."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The request is larger than {limit} bytes.")


def _route_of(scope: Scope) -> str:
    """Return the path with its parameters blotted out (`/api/users/{user_id}`): never what a person typed."""
    if "endpoint" not in scope:
        return "-"
    # Under its own name the framework says which of its routes answers.
    if (matched := scope.get("fastapi", {}).get("effective_route_context")) is not None:
        return str(matched.path)
    path = scope["path"]
    if path.startswith("/assets/"):
        return "/assets/{path}"
    names = {str(value): name for name, value in scope.get("path_params", {}).items()}
    if whole := names.get(path.removeprefix("/")):
        return f"/{{{whole}}}"
    return "/".join(f"{{{names[part]}}}" if part in names else part for part in path.split("/"))


def _is_over_tls(scope: Scope) -> bool:
    """Whether browsers reach this by TLS: they do directly, or the settings say that a proxy in front ends it."""
    settings = getattr(scope["app"].state, "settings", None)
    return scope.get("scheme") == "https" or (settings is not None and settings.auth.cookie_secure)


class RequestMiddleware:
    """Wraps the application; `upload_paths` may receive `max_upload_bytes`, everything else `max_body_bytes`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body_bytes: int,
        max_upload_bytes: int,
        upload_paths: frozenset[str],
        observer: Observer | None = None,
    ) -> None:
        self._app = app
        self._observer = observer or Observer()
        self._max_body = max_body_bytes
        # A multipart body is a little larger than the file in it.
        self._max_upload = max_upload_bytes + 64 * 1024
        self._upload_paths = upload_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else new_id()
        client = scope.get("client")
        enter_context(ActionContext(correlation_id=request_id, address=client[0] if client else None))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        watch = self._observer.request(scope, headers, request_id)
        limit = self._max_upload if scope["path"] in self._upload_paths else self._max_body
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out["X-Request-Id"] = request_id
                for name, value in _SECURITY_HEADERS.items():
                    out.setdefault(name, value)
                if _is_over_tls(scope):
                    out.setdefault("Strict-Transport-Security", _ONLY_TLS)
                if scope["path"].startswith("/api/"):
                    out.setdefault("Cache-Control", "no-store")
                if getattr(scope["app"].state, "stopping", False):
                    # The connection ends with its answer, so that none is open when the process goes.
                    out["Connection"] = "close"
                if watch is not None:
                    watch.answered(out.get("content-type", ""))
            await send(message)

        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _BodyTooLarge(limit)
            return message

        try:
            declared = headers.get("content-length", "0")
            if declared.isascii() and declared.isdigit() and int(declared) > limit:
                raise _BodyTooLarge(limit)
            if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
                response = problem_response(422, "invalid_input", "Invalid input", "An address holds no NUL.")
                await response(scope, receive, send_with_headers)
            else:
                await self._app(scope, receive_limited, send_with_headers)
        except _BodyTooLarge as error:
            if status:
                raise
            response = problem_response(413, "too_large", "Too large", error.detail, limit=limit)
            # The rest of the body is not read: the connection cannot be used again.
            response.headers["Connection"] = "close"
            await response(scope, receive, send_with_headers)
        except Exception as error:
            if status:
                raise
            self._observer.report(error, route=_route_of(scope))
            await (await unexpected(error))(scope, receive, send_with_headers)
        finally:
            # The route is logged, neither the path nor the query: both can carry a customer's identity.
            seconds, route = time.perf_counter() - started, _route_of(scope)
            log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
            if watch is not None:
                watch.ended(route, status, seconds)
