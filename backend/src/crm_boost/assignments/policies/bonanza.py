"""DB Bonanza: dealt per database, without batches."""

from crm_boost.assignments.policies.base import Policy, QuotaScope
from crm_boost.identity.permissions import Page

BONANZA = Policy(
    module="bonanza",
    page=Page.BONANZA,
    title_key="modules.bonanza",
    batched=False,
    extends_batches=False,
    takes_requests=False,
    replacement_quota=QuotaScope.STAFF_AND_DATABASE,
    has_kept_paths=True,
    export_title=("DB Bonanza", "DB Bonanza"),
)
