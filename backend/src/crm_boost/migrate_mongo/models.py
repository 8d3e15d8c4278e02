"""Table of the one import from MongoDB that a desk can have."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import Json, UtcDateTime


class MongoImport(Base):
    """How far an import is. `fingerprint` tells its source; `step` and `done` grow in the transactions that store rows, so
    that one that was broken off goes on exactly behind the last row. `before` is what record keys are counted from."""

    __tablename__ = "mongo_imports"
    __table_args__ = (CheckConstraint("done >= 0", name="done"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    step: Mapped[str] = mapped_column(Text)
    done: Mapped[int] = mapped_column(Integer)
    before: Mapped[int] = mapped_column(BigInteger)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    report: Mapped[dict[str, Any]] = mapped_column(Json)
