"""What a rule is and what it looks at: facts that were read under lock; rules themselves are pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_boost.assignments.policies.base import Policy


@dataclass(frozen=True, slots=True)
class HandOutFacts:
    """A hand-out before it happens. `staff_field` is what the request calls its receivers."""

    policy: Policy
    database_ids: Sequence[str]
    databases: Mapping[str, Any]
    staff_ids: Sequence[str]
    staff: Mapping[str, Any]
    batch_id: str | None = None
    batch: Any = None
    staff_field: str = "staff_ids"


Rule = Callable[[HandOutFacts], None]
"""Returns when it has nothing against it; raises a named refusal otherwise."""
