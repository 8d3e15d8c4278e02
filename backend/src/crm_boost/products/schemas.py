"""Request and response shapes of products."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from crm_boost.kit.text import SeveralLines, SingleLine

ProductName = Annotated[SingleLine, StringConstraints(min_length=1, max_length=120)]
Description = Annotated[SeveralLines, StringConstraints(max_length=2000)]


class ProductCreate(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Product A", "description": "The first one"}]}
    )

    name: ProductName
    description: Description = ""


class ProductUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"is_active": False}]})

    name: ProductName | None = None
    description: Description | None = None
    is_active: bool | None = None


class ProductOut(BaseModel):
    id: str
    name: str
    description: str
    is_active: bool
    database_count: int
