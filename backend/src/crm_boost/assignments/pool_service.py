"""Use cases on a database as a whole: find it, rename it, move it to another product."""

from crm_boost.assignments.errors import UnknownDatabase
from crm_boost.assignments.events import DatabaseChangedProduct
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.repositories.locking import lock_databases_alone
from crm_boost.assignments.reserve import match_database
from crm_boost.databases.models import CustomerDatabase
from crm_boost.databases.schemas import DatabaseUpdate
from crm_boost.db.audit import record_audit
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.pools import repository
from crm_boost.products.service import require_active_product


async def require_database(
    session: ReadSession, policy: Policy, database_id: str, *, deleted: bool | None = False
) -> CustomerDatabase:
    """Return a complete database of the policy's module or refuse with 404; `deleted=None` finds trashed ones too."""
    database = await repository.get_database(session, policy.module, database_id, deleted=deleted)
    if database is None:
        raise UnknownDatabase("There is no such database.", id=database_id)
    return database


async def update_database(
    session: WriteSession, policy: Policy, database_id: str, update: DatabaseUpdate
) -> CustomerDatabase:
    """Rename or describe a database, or move it to another product, which matches reservations anew (spec 3.2)."""
    # Alone: no hand-out may look at the reservations of the former product while the records move.
    await lock_databases_alone(session, [database_id])
    database = await require_database(session, policy, database_id)
    if update.name is not None:
        database.name = update.name
    if update.description is not None:
        database.description = update.description
    if update.product_id is not None and update.product_id != database.product_id:
        await require_active_product(session, update.product_id)
        former, database.product_id = database.product_id, update.product_id
        await session.flush()
        await repository.move_records_to_product(session, database.id, update.product_id)
        await match_database(session, policy.module, database.id)
        await session.emit(DatabaseChangedProduct(database.id, former))
    await session.flush()
    await record_audit(session, "database.updated", "database", database.id, fields=sorted(update.model_fields_set))
    await announce(session, "databases", {"id": database.id, "module": policy.module})
    return database
