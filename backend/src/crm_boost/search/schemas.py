"""Response shape of the search."""

from enum import StrEnum

from pydantic import BaseModel


class HitKind(StrEnum):
    DATABASE = "database"
    CUSTOMER = "customer"
    USER = "user"
    PRODUCT = "product"


class Hit(BaseModel):
    """One object; `url` is its address in the web app."""

    kind: HitKind
    id: str
    title: str
    subtitle: str
    url: str


class SearchOut(BaseModel):
    items: list[Hit]
