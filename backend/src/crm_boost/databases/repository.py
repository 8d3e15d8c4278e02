"""SQL that every insertion of records needs: their keys, and the two indexes that are filled by hand."""

from collections.abc import Sequence

from sqlalchemy import func, select, text

from crm_boost.databases.models import Counter, CustomerDatabase, Record, RecordKey
from crm_boost.databases.states import DatabaseState
from crm_boost.db.dialect import in_texts, inserting
from crm_boost.db.search_index import INDEX_RANGE
from crm_boost.db.session import ReadSession, WriteSession

_RECORDS = "customer_records"


async def allocate_seqs(session: WriteSession, count: int) -> int:
    """Reserve `count` consecutive record keys for one database, for ever; return the first."""
    statement = inserting(session, Counter).values(name=_RECORDS, value=count)
    last: int | None = await session.scalar(
        statement.on_conflict_do_update(index_elements=[Counter.name], set_={"value": Counter.value + count}).returning(
            Counter.value
        )
    )
    assert last is not None
    return last - count + 1


async def index_records(session: WriteSession, first_seq: int, last_seq: int) -> None:
    """Make the records `first_seq..last_seq` findable by customer and by text, in the transaction that inserts them.

    Imports do the same in chunks (`uploads.bulk_repository`).
    """
    await index_customers(session, first_seq, last_seq)
    await session.execute(text(INDEX_RANGE), {"first": first_seq, "last": last_seq})


async def index_customers(session: WriteSession, first_seq: int, last_seq: int) -> None:
    """Make the records `first_seq..last_seq` findable by customer."""
    theirs = Record.seq.between(first_seq, last_seq)
    # In the order of the keys: each page of the table is then written once.
    keys = select(Record.customer_key, Record.seq).where(theirs).order_by(Record.customer_key, Record.seq)
    await session.execute(RecordKey.__table__.insert().from_select(["customer_key", "record_seq"], keys))  # type: ignore[attr-defined]


async def databases_per_product(session: ReadSession, product_ids: Sequence[str]) -> dict[str, int]:
    """Return how many databases each of these products has, those in the trash left out."""
    statement = (
        select(CustomerDatabase.product_id, func.count())
        .where(
            in_texts(CustomerDatabase.product_id, product_ids),
            CustomerDatabase.state != DatabaseState.DISCARDED,
            CustomerDatabase.deleted_at.is_(None),
        )
        .group_by(CustomerDatabase.product_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}
