"""All SQL of the search that is not another module's list: databases and customers, each within what the reader sees.

Customers are found by the search of the record lists (`pools.search`): same terms, same index.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_numbers, like_pattern, lowered
from crm_boost.db.session import ReadSession
from crm_boost.pools.search import SearchTerm, matching
from crm_boost.products.models import Product

_CANDIDATES = 500


def _live(modules: Sequence[str]) -> list[ColumnElement[bool]]:
    return [
        CustomerDatabase.state == DatabaseState.READY,
        CustomerDatabase.deleted_at.is_(None),
        CustomerDatabase.module.in_(modules),
    ]


async def find_databases(session: ReadSession, q: str, modules: Sequence[str], limit: int) -> Sequence[Any]:
    """Return the newest databases of these modules whose name or file name contains `q`."""
    pattern = like_pattern(q.lower())
    statement = (
        select(CustomerDatabase.id, CustomerDatabase.module, CustomerDatabase.name, Product.name.label("product_name"))
        .join(Product, Product.id == CustomerDatabase.product_id)
        .where(
            *_live(modules),
            or_(
                lowered(CustomerDatabase.name).like(pattern, escape="\\"),
                lowered(CustomerDatabase.filename).like(pattern, escape="\\"),
            ),
        )
        .order_by(CustomerDatabase.uploaded_at.desc(), CustomerDatabase.id.desc())
        .limit(limit)
    )
    return (await session.execute(statement)).all()


def _customer_columns() -> Select[*tuple[Any, ...]]:
    return select(
        Record.id,
        Record.customer_key,
        Record.row_data,
        Record.display_name,
        Record.phone_e164,
        Record.database_id,
        CustomerDatabase.module,
        CustomerDatabase.name.label("database_name"),
        CustomerDatabase.mapping,
    ).join(CustomerDatabase, CustomerDatabase.id == Record.database_id)


async def find_customers(session: ReadSession, term: SearchTerm, modules: Sequence[str], limit: int) -> Sequence[Any]:
    """Return records of these modules that contain `term`.

    Terms that the index cannot answer are not looked for: that would read every record there is.
    """
    if not term.is_indexed:
        return []
    # First a few matches of the text index, then their databases: the other way round every record of the databases
    # would be read for a rare term.
    candidates = matching(session, select(Record.seq), term).where(Record.state != RecordState.TRASHED)
    seqs = (await session.scalars(candidates.limit(_CANDIDATES))).all()
    seen = _customer_columns().where(*_live(modules))
    rows = (await session.execute(seen.where(in_numbers(Record.seq, seqs)).limit(limit))).all()
    if len(rows) == limit or len(seqs) < _CANDIDATES:
        return rows
    # A common term, most of whose matches this reader does not see: now the databases first is quick.
    statement = matching(session, seen, term).where(Record.state != RecordState.TRASHED)
    return (await session.execute(statement.limit(limit))).all()


async def find_own_customers(session: ReadSession, term: SearchTerm, staff_id: str, limit: int) -> Sequence[Any]:
    """Return records this person holds that contain `term`, the last received first."""
    # One person's records are few: they are read through the holder, whatever everybody else's contain.
    statement = (
        _customer_columns()
        .where(
            Record.assigned_to == staff_id,
            Record.state == RecordState.ASSIGNED,
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
            Record.search_text.like(like_pattern(term.text), escape="\\"),
        )
        .order_by(Record.deal_rank.desc(), Record.id.desc())
        .limit(limit)
    )
    return (await session.execute(statement)).all()
