"""Member WD: dealt in batches, which later hand-outs may extend."""

from crm_boost.assignments.policies.base import Policy, QuotaScope
from crm_boost.identity.permissions import Page

MEMBER_WD = Policy(
    module="memberwd",
    page=Page.MEMBER_WD,
    title_key="modules.memberwd",
    batched=True,
    extends_batches=True,
    takes_requests=False,
    replacement_quota=QuotaScope.BATCH,
    has_kept_paths=True,
    export_title=("Member WD", "Member WD"),
)
