"""What the audit page gets."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class AuditTraceOut(BaseModel):
    """One thing somebody did. `action` is a stable code ("auth.sign_in"); `detail` holds small facts of it."""

    id: str
    at: datetime
    actor_id: str | None = None
    actor_name: str = Field(description="The name at that time; `system` where no person did it.")
    action: str
    kind: str = Field(description="What it is about: user, records, reservation, deposit, import, settings …")
    object_id: str
    object_name: str | None = None
    database_id: str | None = None
    module: str | None = None
    reason: str | None = None
    address: str | None = Field(default=None, description="The network address it came from, where it was kept.")
    request_id: str
    detail: dict[str, Any]


class AuditActorOut(BaseModel):
    """Somebody whose deeds can be asked for."""

    id: str
    name: str
    role: str
