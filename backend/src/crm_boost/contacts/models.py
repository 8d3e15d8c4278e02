"""Tables of contact work."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, UtcDateTime


class Contact(Base):
    """One staff's work on one record, from the hand-out that gave it to them until it leaves them.

    `deal_rank` is the record's own at that time and names the hand-out: after a recall the next holder starts with a
    row of their own, this one stays for ever, and undoing the recall finds it again. There is no row before the first
    mark. The `first_*` times are never changed again. `version` grows with every change; each field keeps the version
    of its last one, so changes of different fields merge and changes of one field are noticed (spec 2.4).
    """

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_staff", "staff_id", "assigned_at"),
        {"sqlite_with_rowid": False},
    )

    record_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    deal_rank: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer)
    wa_status: Mapped[str | None] = mapped_column(Text)
    wa_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wa_version: Mapped[int] = mapped_column(Integer, default=0)
    first_wa_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    respond_status: Mapped[str | None] = mapped_column(Text)
    respond_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    respond_version: Mapped[int] = mapped_column(Integer, default=0)
    first_respond_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verdict_note: Mapped[str | None] = mapped_column(Text)
    verdict_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verdict_version: Mapped[int] = mapped_column(Integer, default=0)
    first_verdict_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ContactEvent(Base):
    """One change of one field of a contact: who, when, from, to. Never changed, never removed."""

    __tablename__ = "contact_events"
    __table_args__ = (Index("ix_contact_events_record", "record_seq", "seq"),)

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    record_seq: Mapped[int] = mapped_column(BigInteger)
    deal_rank: Mapped[int] = mapped_column(BigInteger)
    staff_id: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    field: Mapped[str] = mapped_column(Text)
    from_value: Mapped[str | None] = mapped_column(Text)
    to_value: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)


class RecordNote(Base):
    """A free text about a record."""

    __tablename__ = "record_notes"
    __table_args__ = (Index("ix_record_notes_record", "record_seq", "seq"),)

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    record_seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[str | None] = mapped_column(Text)
    author_name: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
