"""Builds the application. Nothing is configured at import: `create_app(settings)` is the only entry."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Route

from crm_boost import __version__
from crm_boost.access.meter import Meter
from crm_boost.api import PREFIX, ROUTERS, UPLOAD_PATHS
from crm_boost.api_words import ANSWERS, WORDS
from crm_boost.assignments.dealing import Dealing
from crm_boost.db.engine import Database
from crm_boost.exports.runner import ExportRunner
from crm_boost.identity.activity import ActivityRecorder
from crm_boost.identity.token_pace import TokenPace
from crm_boost.jobs.runner import JobRunner
from crm_boost.live.relay import Relay
from crm_boost.notifications.courier import Courier
from crm_boost.observing.observer import Observer
from crm_boost.operations.browser_errors import BrowserErrors
from crm_boost.operations.endpoints import metrics
from crm_boost.settings import Settings
from crm_boost.uploads.runner import ImportRunner
from crm_boost.web.middleware import RequestMiddleware
from crm_boost.web.openapi import install_openapi
from crm_boost.web.problems import install_problem_handlers
from crm_boost.web.static_app import install_static_app
from crm_boost.webhooks.courier import HookCourier
from crm_boost.wiring import build_bus


@cache
def _api_routes() -> tuple[BaseRoute, ...]:
    """Every endpoint. The same routes serve any number of apps: resolving what each endpoint depends on takes longer than
    everything else about an app."""
    root, routes = APIRouter(prefix=PREFIX), APIRouter()
    for router in ROUTERS:
        root.include_router(router)
    routes.include_router(root)
    return tuple(routes.routes)


def create_app(settings: Settings | None = None, observer: Observer | None = None) -> FastAPI:
    """Return the application for these settings (default: from the environment). The schema must be migrated.

    What the settings want to be watched is watched, unless an observer is given.
    """
    settings = settings or Settings()
    observer = observer or Observer.of(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings, build_bus(), observer)
        app.state.database = database
        app.state.activity = ActivityRecorder(database, online_seconds=settings.auth.online_seconds)
        app.state.token_pace = TokenPace(database, settings.auth.token_requests_per_minute)
        app.state.meter = Meter(database)
        app.state.dealing = Dealing(database)
        app.state.imports = ImportRunner(database, settings)
        await app.state.imports.start()
        app.state.exports = ExportRunner(database, app.state.meter)
        await app.state.exports.start()
        app.state.live = Relay(database)
        app.state.jobs = JobRunner(database, settings.jobs)
        app.state.jobs.start()
        background = [
            asyncio.create_task(app.state.activity.run(), name="activity"),
            asyncio.create_task(app.state.meter.run(), name="access counts"),
            asyncio.create_task(app.state.live.run(), name="outbox relay"),
            asyncio.create_task(app.state.live.keep_alive(), name="streams"),
            asyncio.create_task(app.state.live.tidy_regularly(), name="outbox tidy"),
        ]
        if not settings.staging:
            background.append(asyncio.create_task(Courier(database, settings).run(), name="messages to the outside"))
            hooks = HookCourier(database, settings)
            await hooks.listen()
            background.append(asyncio.create_task(hooks.run(), name="webhooks"))
        app.state.ready = True
        try:
            yield
        finally:
            app.state.ready = False
            app.state.live.close()
            await app.state.jobs.stop()
            await app.state.exports.stop()
            await app.state.imports.stop()
            for task in background:
                task.cancel()
            for task in background:
                with suppress(asyncio.CancelledError):
                    await task
            await app.state.activity.flush()
            await app.state.meter.flush()
            await database.dispose()
            await observer.close()

    app = FastAPI(
        title="CRM Boost",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        routes=list(_api_routes()),
        # Its own spans and logs would hold paths, queries and what exceptions say, as soon as the environment asks for them.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.settings = settings
    app.state.observer = observer
    app.state.browser_errors = BrowserErrors()
    app.state.ready = False
    install_problem_handlers(app)
    app.router.routes.append(Route("/metrics", metrics))
    install_openapi(app, WORDS, ANSWERS)
    install_static_app(app, settings.web_app_dir)
    app.add_middleware(
        RequestMiddleware,
        max_body_bytes=settings.max_body_bytes,
        max_upload_bytes=settings.imports.max_bytes,
        upload_paths=UPLOAD_PATHS,
        observer=observer,
    )
    return app
