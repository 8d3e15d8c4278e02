"""Groups of settings: defaults, changes, and who made them."""

from pydantic import BaseModel, Field
from sqlalchemy import select

from crm_boost.configuration import service
from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database


class Sample(BaseModel):
    enabled: bool = False
    most: int = Field(default=10, ge=0)


async def test_defaults_hold_until_somebody_changes_them(database: Database) -> None:
    async with database.read() as session:
        stored = await service.read(session, "sample", Sample)

    assert stored == service.Stored(Sample())


async def test_a_change_is_read_again_and_audited(database: Database) -> None:
    for most in (3, 4):
        async with database.write() as session:
            await service.write(session, "sample", Sample(enabled=True, most=most))

    async with database.read() as session:
        stored = await service.read(session, "sample", Sample)
        audited = (await session.scalars(select(AuditEntry.detail).order_by(AuditEntry.seq))).all()
    assert stored.value == Sample(enabled=True, most=4)
    assert stored.updated_at is not None
    assert [entry["from"]["most"] for entry in audited] == [10, 3]
    assert [entry["to"]["most"] for entry in audited] == [3, 4]
