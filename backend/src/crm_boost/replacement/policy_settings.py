"""Settings of the rule that replaces rejected records, one group for each module (spec 2.5)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from crm_boost.assignments.policies.base import Policy
from crm_boost.configuration import service as configuration
from crm_boost.configuration.service import Stored
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession

MAX_REPLACEMENTS = 1000


class ReplacementRule(BaseModel):
    """Whether rejected records are replaced at once, and how many over the life of a batch."""

    model_config = ConfigDict(extra="forbid")

    auto_replace_invalid: bool = False
    max_replacements_per_batch: Annotated[int, Field(ge=0, le=MAX_REPLACEMENTS, strict=True)] = 10


def _name(policy: Policy) -> str:
    return f"replacement.{policy.module}"


async def rule_of(session: ReadSession, policy: Policy) -> Stored[ReplacementRule]:
    """Return the rule of a module, and who changed it last."""
    return await configuration.read(session, _name(policy), ReplacementRule)


async def change_rule(session: WriteSession, policy: Policy, rule: ReplacementRule) -> Stored[ReplacementRule]:
    """Change the rule of a module. It holds for what is rejected from now on."""
    stored = await configuration.write(session, _name(policy), rule)
    await announce(session, "validation", {"module": policy.module})
    return stored
