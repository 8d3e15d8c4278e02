"""Tables of databases and their records."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.databases.states import RecordState
from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, Json, UtcDateTime


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


IS_JUDGED = "validation_status IN ('validated', 'invalid')"
"""Condition of the index of verdicts by database. A query that means this index says the same words: another one, which
looks for rejected records everywhere, does not, and cannot mistake it for the index of those."""


class CustomerDatabase(Base):
    """One uploaded file. The keys `first_seq..last_seq` are its records' alone: lists, searches and random draws work on
    that range. Its records are stored in random order without gaps (`is_shuffled`, ADR 64), or, of older ones, in that of
    the file (keys of rows that were not stored are unused)."""

    __tablename__ = "databases"
    __table_args__ = (
        CheckConstraint("state IN ('importing', 'ready', 'discarded')", name="state"),
        Index("ix_databases_module", "module", "uploaded_at", "id"),
        Index("ix_databases_product_id", "product_id"),
        Index("ix_databases_file_hash", "file_hash"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    module: Mapped[str] = mapped_column(Text)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"))
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    filename: Mapped[str] = mapped_column(Text)
    file_hash: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    columns: Mapped[list[str]] = mapped_column(Json)
    mapping: Mapped[dict[str, int | None]] = mapped_column(Json)
    first_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uploaded_by: Mapped[str | None] = mapped_column(Text)
    uploaded_by_name: Mapped[str] = mapped_column(Text)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_by: Mapped[str | None] = mapped_column(Text)
    is_shuffled: Mapped[bool] = mapped_column(default=False, server_default=false())
    auto_approve: Mapped[bool | None] = mapped_column()
    """Requests of this database: always approved at once, never, or as the global setting says (None)."""


class FileOrder(Base):
    """Where the rows of a file went that was stored in random order: 4 bytes for each of the 4,096 rows of a part, the
    lowest first. Row `n` has the key `first_seq - 1 + place`; place 0: it was not stored (ADR 64)."""

    __tablename__ = "file_orders"

    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    places: Mapped[bytes] = mapped_column(LargeBinary)


class RecordKey(Base):
    """From a customer to its records, in every database.

    A table of its own and not an index on `customer_records`: an import fills it in the order of the keys. Rows of a
    file come in any order, and inserting them one by one into a large index would rewrite most of it per chunk.
    """

    __tablename__ = "record_keys"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - declared so by the base

    customer_key: Mapped[str] = mapped_column(Text, primary_key=True)
    record_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class Counter(Base):
    """Numbers that are handed out once and never again."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class RecordCount(Base):
    """How many records of a database are in a state: the sum of these rows (ADR 52).

    Where writers work side by side, each transaction adds rows of its own (`part` is its number), so that nobody waits for
    anybody; a job adds them up into part 0. Where they take turns there is only part 0.
    """

    __tablename__ = "record_counts"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in RecordState)})", name="state"),
        {"sqlite_with_rowid": False},
    )

    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"), primary_key=True)
    state: Mapped[str] = mapped_column(Text, primary_key=True)
    part: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    records: Mapped[int] = mapped_column(BigInteger)


class Record(Base):
    """One row of a database, handed to at most one staff at a time.

    `row_data` is the verbatim row: a JSON array of texts in the order of the database's columns. `seq` never leaves
    the server: draws go by it. `deal_rank` orders a staff's records: by hand-out, and within one
    at random, so the order tells nothing about the file. `held_for` is the staff a request holds it for; `replaced_by`
    links an archived record 1:1 to the one dealt in its place.
    """

    __tablename__ = "customer_records"
    __table_args__ = (
        # PostgreSQL would look each up by itself: half of what storing a record costs it, a third of a move (ADR 63, 68).
        ForeignKeyConstraint(["database_id"], ["databases.id"]).ddl_if(dialect="sqlite"),
        ForeignKeyConstraint(["batch_id"], ["batches.id"]).ddl_if(dialect="sqlite"),
        ForeignKeyConstraint(["assigned_to"], ["users.id"]).ddl_if(dialect="sqlite"),
        CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in RecordState)})", name="state"),
        CheckConstraint("state <> 'assigned' OR assigned_to IS NOT NULL", name="holder"),
        CheckConstraint("state NOT IN ('available', 'reserved', 'requested') OR assigned_to IS NULL", name="no_holder"),
        CheckConstraint("(state = 'requested') = (held_for IS NOT NULL)", name="held_for"),
        # One for each state, of keys alone: a move takes a record out of one and puts it into another, at random places.
        *(Index(f"ix_customer_records_{state}", "seq", **_where(f"state = '{state}'")) for state in RecordState),
        # Verdicts are given one by one: this index grows with the work done, not with the pool.
        Index(
            "ix_customer_records_judged",
            "database_id",
            "validation_status",
            "seq",
            "state",
            **_where(IS_JUDGED),
        ),
        # What somebody holds was drawn from all over the pool: counts and groups of it do not read the rows.
        Index(
            "ix_customer_records_holder",
            *("assigned_to", "deal_rank", "id"),
            *("state", "database_id", "batch_id", "assigned_at", "validation_status"),
            **_where("assigned_to IS NOT NULL"),
        ),
        Index("ix_customer_records_batch", "batch_id", "deal_rank", **_where("batch_id IS NOT NULL")),
        Index("ix_customer_records_dealt", "deal_rank", "id", **_where("deal_rank IS NOT NULL")),
        Index("ix_customer_records_came_back", "seq", **_where("came_back IS NOT NULL")),
        Index("ix_customer_records_request", "request_id", **_where("request_id IS NOT NULL")),
        Index("ix_customer_records_held", "held_for", "held_until", **_where("held_for IS NOT NULL")),
        Index(
            "ix_customer_records_invalid",
            *("assigned_to", "database_id", "seq", "state", "validation_status"),
            **_where("validation_status = 'invalid' AND state = 'assigned'"),
        ),
        Index("ix_customer_records_archived", "archived_at", "seq", **_where("archived_at IS NOT NULL")),
        Index("uq_customer_records_replaced_by", "replaced_by", unique=True, **_where("replaced_by IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    database_id: Mapped[str] = mapped_column(Text)
    product_id: Mapped[str] = mapped_column(Text)
    row_number: Mapped[int] = mapped_column(Integer)
    row_data: Mapped[str] = mapped_column(Text)
    customer_key: Mapped[str] = mapped_column(Text)
    display_name: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    phone_e164: Mapped[str | None] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    held_for: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    batch_id: Mapped[str | None] = mapped_column(Text)
    assigned_to: Mapped[str | None] = mapped_column(Text)
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deal_rank: Mapped[int | None] = mapped_column(BigInteger)
    validation_status: Mapped[str | None] = mapped_column(Text)
    validation_reason: Mapped[str | None] = mapped_column(Text)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_by: Mapped[str | None] = mapped_column(Text)
    came_back: Mapped[bool | None] = mapped_column()
    """True: some command brought it back to the pool, where it is now (ADR 64)."""
