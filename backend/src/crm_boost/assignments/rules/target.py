"""Rules on where the records come from and which batch they go to."""

from crm_boost.assignments.errors import DatabaseNotReady, ForeignBatch, UnknownDatabase
from crm_boost.assignments.rules.base import HandOutFacts
from crm_boost.databases.states import DatabaseState
from crm_boost.kit.errors import FieldError


def databases_are_known(facts: HandOutFacts) -> None:
    """Every database exists and belongs to the module."""
    for database_id in facts.database_ids:
        database = facts.databases.get(database_id)
        if database is None or database.module != facts.policy.module:
            message = "There is no such database in this module."
            raise UnknownDatabase(message, errors=[FieldError("database_id", message)], id=database_id)


def databases_are_live(facts: HandOutFacts) -> None:
    """No database is in the trash or still being imported."""
    for database_id in facts.database_ids:
        database = facts.databases[database_id]
        if database.deleted_at is not None:
            raise DatabaseNotReady("This database is in the trash.", state="trashed", id=database_id)
        if database.state != DatabaseState.READY:
            raise DatabaseNotReady("This database is not complete.", state=database.state, id=database_id)


def batch_has_one_receiver(facts: HandOutFacts) -> None:
    """A hand-out to several people, or to a module without extendable batches, names no batch."""
    if facts.batch_id is None:
        return
    if not facts.policy.extends_batches:
        raise ForeignBatch.of("batch_id", "Batches of this module cannot be extended.")
    if len(facts.staff_ids) != 1:
        raise ForeignBatch.of("batch_id", "Only a hand-out to one person can extend a batch.")


def batch_fits(facts: HandOutFacts) -> None:
    """The batch belongs to the same staff, database and module."""
    if facts.batch_id is None:
        return
    batch = facts.batch
    fits = (
        batch is not None
        and batch.module == facts.policy.module
        and batch.staff_id == facts.staff_ids[0]
        and all(batch.database_id == database_id for database_id in facts.database_ids)
    )
    if not fits:
        raise ForeignBatch.of("batch_id", "This batch belongs to another person, database or module.")
