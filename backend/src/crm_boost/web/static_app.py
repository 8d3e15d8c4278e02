"""Serves the built web app: hashed assets for ever, and `index.html` for every page address the app knows."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Scope

_PACKAGED = Path(__file__).resolve().parent.parent / "web_app"
_NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>CRM Boost</title></head>
<body><h1>CRM Boost</h1><p>The server runs, but the web app is not built. Run <code>make run</code>.</p></body></html>
"""


class _HashedAssets(StaticFiles):
    """File names carry a content hash, so browsers may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class _Pages(Route):
    """Every address outside the API. Inside it, the router's own 404 and 405 hold."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope.get("path", "")
        if path == "/api" or path.startswith("/api/"):
            return Match.NONE, {}
        return super().matches(scope)


def install_static_app(app: FastAPI, folder: Path | None) -> None:
    """Mount the web app built into `folder` (default: the packaged one); without a build, one page that says so."""
    folder = (folder or _PACKAGED).resolve()
    index = folder / "index.html"
    if not index.is_file():
        app.router.routes.append(_Pages("/{path:path}", _not_built, include_in_schema=False))
        return
    if (folder / "assets").is_dir():
        app.mount("/assets", _HashedAssets(directory=folder / "assets"), name="assets")
    # Addresses are looked up, never joined to the folder: there is no path to climb out of.
    files = {
        file.relative_to(folder).as_posix(): file
        for file in folder.rglob("*")
        if file.is_file() and file.resolve().is_relative_to(folder)
    }

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if file := files.get(path):
            return FileResponse(file, headers={"Cache-Control": "no-cache"})
        if "." in path.rsplit("/", 1)[-1] or not _wants_a_page(request):
            raise HTTPException(404, "There is nothing at this address.")
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    app.router.routes.append(_Pages("/{path:path}", page, include_in_schema=False))


def _wants_a_page(request: Request) -> bool:
    accepted = request.headers.get("accept", "*/*")
    return "text/html" in accepted or "*/*" in accepted


async def _not_built(request: Request) -> Response:
    if request.path_params["path"]:
        raise HTTPException(404, "There is nothing at this address.")
    return HTMLResponse(_NOT_BUILT, headers={"Cache-Control": "no-store"})
