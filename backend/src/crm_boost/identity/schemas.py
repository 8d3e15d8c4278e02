"""Request and response shapes of sign-in, profile and users."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from crm_boost.identity.permissions import Page, Role
from crm_boost.kit.text import SingleLine, has_control_characters

Name = Annotated[SingleLine, StringConstraints(min_length=1, max_length=120)]
Language = Literal["en", "id"]
Presence = Literal["online", "idle", "offline"]
Theme = Literal["system", "light", "dark"]


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    labels = domain.split(".")
    odd = any(c.isspace() for c in value) or has_control_characters(value)
    if not at or not local or odd or len(labels) < 2 or not all(labels):
        raise PydanticCustomError("not_an_email", "This is not an email address.")
    return value


def _once_each(pages: list[Page]) -> list[Page]:
    return sorted(set(pages))


Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)]
BlockedPages = Annotated[list[Page], AfterValidator(_once_each)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class Strict(BaseModel):
    """Requests with unknown fields are refused: a misspelt field must not be silently ignored."""

    model_config = ConfigDict(extra="forbid")


class LoginRequest(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "sinta@example.com", "password": "long enough for anybody"}]}
    )

    email: Annotated[SingleLine, StringConstraints(max_length=254)]
    password: Password


class SetupRequest(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Ratna", "email": "ratna@example.com", "password": "long enough for anybody"}]
        }
    )

    name: Name
    email: Email
    password: Password


class UserSelf(BaseModel):
    """The signed-in person, as the web app needs it."""

    id: str
    email: str
    name: str
    role: Role
    blocked_pages: list[str]
    permissions: list[str]
    language: Language
    theme: Theme


class Me(UserSelf):
    csrf_token: str


class SignedIn(BaseModel):
    """`token` is the bearer token of scripts; browsers use the cookie set beside it and `csrf_token`."""

    token: str
    csrf_token: str
    user: UserSelf


class SetupState(BaseModel):
    needs_setup: bool
    password_min_length: int


class ProfileUpdate(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"language": "id", "theme": "dark"}]})

    name: Name | None = None
    language: Language | None = None
    theme: Theme | None = None


class PasswordChange(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"current_password": "long enough for anybody", "new_password": "another one that is long"}]
        }
    )

    current_password: Password
    new_password: Password


class UserCreate(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "sinta@example.com",
                    "name": "Sinta",
                    "role": "staff",
                    "password": "long enough for anybody",
                    "capacity": 400,
                }
            ]
        }
    )

    email: Email
    name: Name
    role: Role
    password: Password
    capacity: int | None = Field(default=None, ge=0, le=1_000_000)
    blocked_pages: BlockedPages = []
    language: Language | None = None


class UserUpdate(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"capacity": 200, "blocked_pages": ["reports"]}]})

    name: Name | None = None
    role: Role | None = None
    is_active: bool | None = None
    capacity: int | None = Field(default=None, ge=0, le=1_000_000)
    blocked_pages: BlockedPages | None = None
    password: Password | None = None


class UserOut(BaseModel):
    """A user as managers see them. `capacity` and `last_seen_at` are absent where there is none."""

    id: str
    email: str
    name: str
    role: Role
    is_active: bool
    capacity: int | None = None
    blocked_pages: list[str]
    language: Language
    presence: Presence
    last_seen_at: datetime | None = None
    created_at: datetime


class UserSessionOut(BaseModel):
    """One sign-in. `is_current`: the one that asks. `last_seen_at` is right to some minutes. What the browser says of itself
    may be anything."""

    id: str
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime
    user_agent: str | None = None
    address: str | None = None
    is_current: bool


class UserRemovedOut(BaseModel):
    recalled_count: int
    released_count: int


class StaffName(BaseModel):
    id: str
    name: str
