"""Whether the index that searches ask holds what there is."""

from sqlalchemy import text

from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession


async def unfindable_records(session: ReadSession, database: Database) -> int:
    """How many more records there are than can be searched for; both are counted at the same instant."""
    entries = "customer_records_search_docsize" if database.is_sqlite else "customer_records_search"
    statement = f"SELECT (SELECT count(*) FROM customer_records) - (SELECT count(*) FROM {entries})"
    return (await session.scalar(text(statement))) or 0
