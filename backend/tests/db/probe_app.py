"""A tiny app on the real unit of work, to watch when it commits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import func, select

from crm_boost.db.audit import AuditEntry, record_audit
from crm_boost.db.engine import Database
from crm_boost.db.session import Reader, ReadSession, Writer
from crm_boost.kit.errors import Conflict
from crm_boost.settings import Settings
from crm_boost.web.problems import install_problem_handlers


def probe_app(settings: Settings) -> FastAPI:
    """An app with one write route, one that fails after writing, and one that answers before it fails to commit."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = Database(settings)
        yield
        await app.state.database.dispose()

    app = FastAPI(lifespan=lifespan)
    install_problem_handlers(app)

    @app.post("/write")
    async def write(session: Writer) -> dict[str, str]:
        await record_audit(session, "probe.written", "probe", "1")
        return {"state": "written"}

    @app.post("/refuse")
    async def refuse(session: Writer) -> dict[str, str]:
        await record_audit(session, "probe.written", "probe", "1")
        raise Conflict("Not now.")

    @app.post("/read")
    async def write_through_a_reader(session: Reader) -> dict[str, str]:
        await session.execute(AuditEntry.__table__.delete())  # type: ignore[attr-defined]
        return {}

    return app


async def count_entries(session: ReadSession) -> int:
    """How many audit entries are committed."""
    return (await session.scalar(select(func.count()).select_from(AuditEntry))) or 0
