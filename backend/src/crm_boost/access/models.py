"""Table of what people looked at."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import UtcDateTime


class AccessCount(Base):
    """How many customers a person opened, searched for or leafed through in one hour, in all processes together.

    A row of kind `alarm` says that administrators were told of this person's day; its hour is the start of the day.
    """

    __tablename__ = "access_counts"
    __table_args__ = (
        Index("ix_access_counts_hour", "hour", "kind"),
        {"sqlite_with_rowid": False},
    )

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
