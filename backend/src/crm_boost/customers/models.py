"""Tables of a staff's own view of their customers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import UtcDateTime


class GroupView(Base):
    """What a staff made of one of their groups (a batch or a database): pinned, and seen until when."""

    __tablename__ = "group_views"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - declared so by the base

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    group_id: Mapped[str] = mapped_column(Text, primary_key=True)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
