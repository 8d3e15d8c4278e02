"""The normal desk: staff request records, or an admin assigns them."""

from crm_boost.assignments.policies.base import Policy, QuotaScope
from crm_boost.identity.permissions import Page

NORMAL = Policy(
    module="normal",
    page=Page.DATABASES,
    title_key="modules.normal",
    batched=True,
    extends_batches=False,
    takes_requests=True,
    replacement_quota=QuotaScope.BATCH,
    has_kept_paths=False,
    kept_databases_path="/databases",
    kept_upload_path="/databases",
    export_kind="customer-records",
    export_title=("Customer records", "Data pelanggan"),
)
