"""Shapes of personal tokens."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from crm_boost.identity.schemas import Name, Strict
from crm_boost.identity.scopes import Scope


def _in_order(scopes: list[Scope]) -> list[Scope]:
    return [scope for scope in Scope if scope in scopes]


class ApiTokenCreate(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Nightly report", "scopes": ["read", "export"], "expires_in_days": 90}]
        }
    )

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope)), AfterValidator(_in_order)]
    expires_in_days: int = Field(default=90, ge=1, le=365)


class ApiTokenOut(BaseModel):
    """A token as it is listed. `hint`: its last characters, to tell it from others; the token itself is never told
    again. `is_expired`: it opens nothing any more."""

    id: str
    name: str
    hint: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    is_expired: bool
    last_used_at: datetime | None = None


class ApiTokenCreated(ApiTokenOut):
    token: str = Field(description="Shown this once.")
