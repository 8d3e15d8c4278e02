"""Serves the built web app: hashed assets for ever, and `index.html` for every page address the app knows."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import Scope

_PACKAGED = Path(__file__).resolve().parent.parent / "web_app"


class _HashedAssets(StaticFiles):
    """File names carry a content hash, so browsers may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install_static_app(app: FastAPI, folder: Path | None) -> None:
    """Mount the web app built into `folder` (default: the packaged one); without a build, the API alone is served."""
    folder = (folder or _PACKAGED).resolve()
    index = folder / "index.html"
    if not index.is_file():
        return
    app.mount("/assets", _HashedAssets(directory=folder / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str, request: Request) -> Response:
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404, "There is nothing at this address.")
        file = (folder / path).resolve()
        if path and file.is_relative_to(folder) and file.is_file():
            return FileResponse(file)
        if "." in path.rsplit("/", 1)[-1] or "text/html" not in request.headers.get("accept", "text/html"):
            raise HTTPException(404, "There is nothing at this address.")
        return FileResponse(index, headers={"Cache-Control": "no-cache"})
