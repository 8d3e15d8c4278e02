"""Alembic's entry: one connection, one transaction, one process at a time."""

from alembic import context
from sqlalchemy import create_engine, event, pool, text

from crm_boost.db.metadata import load_metadata

_LOCK = 7_391_200
_SEARCH = "customer_records_search"
_OF_SQLITE = {
    "fk_customer_records_assigned_to",
    "fk_customer_records_batch_id",
    "fk_customer_records_database_id",
    "fk_record_history_operation_seq",
}


def _include(_object: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    # PostgreSQL goes without these keys (ADR 63): they are in the models, and not to be missed.
    if kind == "foreign_key_constraint" and name in _OF_SQLITE:
        return reflected or compare_to is not None
    # The search index is made by hand (db/search_index.py) and has no counterpart in the models.
    return not (name or "").startswith(_SEARCH)


def run() -> None:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _configure(connection, _record):  # type: ignore[no-untyped-def]
            connection.isolation_level = None
            connection.execute("PRAGMA busy_timeout=60000")
            connection.execute("PRAGMA journal_mode=WAL")
            # Kibibytes: what is sorted for an index or a roll-up of a million rows goes to a file where it does not fit.
            connection.execute("PRAGMA cache_size=-65536")

        @event.listens_for(engine, "begin")
        def _begin(connection):  # type: ignore[no-untyped-def]
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        context.configure(
            connection=connection,
            target_metadata=load_metadata(),
            include_object=_include,
            render_as_batch=engine.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
