"""Declarative base with constraint names that are the same on every database, so that migrations can name them."""

from sqlalchemy import Index, MetaData, text
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


def partial_index(name: str, condition: str, *columns: str) -> Index:
    """Return an index of the rows that meet `condition`, in the same words on both databases."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))
