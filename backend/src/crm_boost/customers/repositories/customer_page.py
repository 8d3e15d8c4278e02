"""Statement about one customer: the records within a caller's reach, over all databases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from crm_boost.contacts.service import Reach
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_texts, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.products.models import Product

MAX_RECORDS = 200
"""No person has more; a placeholder in a file may stand for thousands."""


async def records_of_customer(session: ReadSession, customer_key: str, reach: Reach) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return a customer's records in live databases within reach, the newest first."""
    statement = (
        select(
            Record.seq,
            Record.id,
            Record.state,
            Record.display_name,
            Record.phone,
            Record.phone_e164,
            CustomerDatabase.uploaded_at,
            CustomerDatabase.uploaded_by_name,
            CustomerDatabase.product_id,
            Product.name.label("product_name"),
        )
        .join(RecordKey, RecordKey.record_seq == Record.seq)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .join(Product, Product.id == CustomerDatabase.product_id)
        .where(
            RecordKey.customer_key == customer_key,
            unindexed(Record.state) != RecordState.TRASHED,
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
        )
        .order_by(RecordKey.record_seq.desc())
        .limit(MAX_RECORDS)
    )
    if reach.modules is not None:
        statement = statement.where(in_texts(CustomerDatabase.module, reach.modules))
    if reach.holder is not None:
        # The customer leads: one person may hold very many records.
        statement = statement.where(
            unindexed(Record.assigned_to) == reach.holder, unindexed(Record.state) == RecordState.ASSIGNED
        )
    return (await session.execute(statement)).all()
