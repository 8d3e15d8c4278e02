"""Settings, read once from the environment (prefix `CRM_`, nested with `__`) and handed to `create_app`.

`DATA_DIR` and `PORT` are honoured without the prefix, because `make run` and hosting platforms set them so.
"""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AliasChoices, BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is not a known time zone") from error
    return name


class DatabaseSettings(BaseModel):
    """Where the data lives. Without a URL: one SQLite file in the data folder."""

    url: str | None = None
    read_connections: int = Field(default=8, ge=1, le=64)
    pool_size: int = Field(default=10, ge=1, le=100)


class AuthSettings(BaseModel):
    session_days: int = Field(default=14, ge=1, le=365)
    cookie_secure: bool = False
    password_min_length: int = Field(default=10, ge=8, le=128)
    max_failures: int = Field(default=8, ge=1)
    failure_window_seconds: int = Field(default=900, ge=1)
    max_failures_per_address: int = Field(default=60, ge=1)
    online_seconds: int = 300
    idle_seconds: int = 1800
    token_requests_per_minute: int = Field(default=600, ge=1)
    """Of one personal token, in one process."""


class BusinessSettings(BaseModel):
    """The business clock and the defaults a team may change (spec 1.1, 1.3, 1.4)."""

    zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Jakarta"
    currency: str = Field(default="IDR", pattern="^[A-Z]{3}$")
    default_country: str = Field(default="ID", pattern="^[A-Z]{2}$")
    reservation_scope: str = Field(default="product", pattern="^(product|everywhere)$")

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class ImportSettings(BaseModel):
    """Limits of an uploaded file (spec 2.2)."""

    max_bytes: int = Field(default=100 * 1024 * 1024, ge=1)
    max_rows: int = Field(default=1_000_000, ge=1)
    max_columns: int = Field(default=200, ge=1)
    max_inflated_bytes: int = Field(default=1024 * 1024 * 1024, ge=1)
    child_memory_bytes: int = Field(default=3 * 1024 * 1024 * 1024, ge=64 * 1024 * 1024)
    child_seconds: int = Field(default=600, ge=1)
    chunk_rows: int = Field(default=4000, ge=1)
    undo_hours: int = Field(default=24, ge=0)
    keep_staging_hours: int = Field(default=48, ge=1)


class JobSettings(BaseModel):
    """How this process does work by the clock (spec 3.6)."""

    enabled: bool = True
    """False: this process only serves; another one runs the jobs."""
    look_seconds: float = Field(default=5.0, gt=0)
    retry_seconds: float = Field(default=60.0, ge=0)
    stop_seconds: float = Field(default=10.0, ge=0)


class TelegramSettings(BaseModel):
    """Where the service of the channel is."""

    url: str = "https://api.telegram.org"


class WebhookSettings(BaseModel):
    """Where webhooks may lead."""

    allow_loopback: bool = False
    """Also to this machine, without TLS: for tests and for trying things out."""


class ObservabilitySettings(BaseModel):
    """What the process tells about itself, and to whom: nobody, unless it is said here (ADR 43)."""

    log_format: str = Field(default="json", pattern="^(json|console)$")
    log_level: str = "INFO"
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Who may read `/metrics`; without it there are none."""
    sentry_dsn: SecretStr | None = None
    otlp_endpoint: str | None = Field(default=None, pattern="^https?://")
    environment: str = Field(default="production", pattern="^[a-z0-9_-]{1,40}$")
    """What reports and traces are filed under."""
    slow_seconds: float = Field(default=2.0, gt=0)
    """Requests that take longer are reported."""


class Settings(BaseSettings):
    """Everything configurable, in one object."""

    model_config = SettingsConfigDict(
        env_prefix="CRM_", env_nested_delimiter="__", extra="ignore", populate_by_name=True
    )

    data_dir: Path = Field(default=Path("data"), validation_alias=AliasChoices("CRM_DATA_DIR", "DATA_DIR", "data_dir"))
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535, validation_alias=AliasChoices("CRM_PORT", "PORT", "port"))
    web_app_dir: Path | None = None
    """The built web app, where it is not the one inside the package (`make run` serves a checkout's build)."""
    secret_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    """What stored secrets are sealed with; without it a key file in the data folder."""
    max_body_bytes: int = Field(default=8 * 1024 * 1024, ge=1024)
    stop_delay_seconds: float = Field(default=0.0, ge=0, le=60)
    """How long a process that is told to stop still takes requests while `/api/ready` sends new ones elsewhere."""
    staging: bool = False
    """A place to try things: the web app says so, and nothing is sent to the outside."""
    database: DatabaseSettings = DatabaseSettings()
    auth: AuthSettings = AuthSettings()
    business: BusinessSettings = BusinessSettings()
    imports: ImportSettings = ImportSettings()
    jobs: JobSettings = JobSettings()
    telegram: TelegramSettings = TelegramSettings()
    webhooks: WebhookSettings = WebhookSettings()
    observability: ObservabilitySettings = ObservabilitySettings()

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force; `postgres://…` and `postgresql://…` are led to the psycopg driver."""
        url = self.database.url
        if url is None:
            return f"sqlite+aiosqlite:///{(self.data_dir / 'crm-boost.db').resolve()}"
        for prefix in ("postgresql://", "postgres://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url
