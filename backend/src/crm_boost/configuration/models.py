"""Table of the settings admins change."""

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import Json, UtcDateTime


class StoredSetting(Base):
    """One group of settings. There is no row before the first change: the defaults hold."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str | None] = mapped_column(Text)
    updated_by_name: Mapped[str] = mapped_column(Text)
