"""What a module decides for itself; everything else is the engine's and exists once (spec 2)."""

from dataclasses import dataclass
from enum import StrEnum


class QuotaScope(StrEnum):
    """Over what the quota of automatic replacements is counted (spec 2.5)."""

    BATCH = "batch"
    STAFF_AND_DATABASE = "staff_and_database"


@dataclass(frozen=True, slots=True)
class Policy:
    """One module. `module` is the stored code, `page` the menu key that can be blocked, `title_key` its i18n key."""

    module: str
    page: str
    title_key: str
    batched: bool
    """A hand-out makes a batch per staff; otherwise staff see records grouped by database."""
    extends_batches: bool
    """A hand-out may be added to an existing batch of the same staff and database."""
    takes_requests: bool
    """Staff may ask for records themselves."""
    replacement_quota: QuotaScope
    has_kept_paths: bool
    """Existing clients call it under `/api/{module}/…` (spec 2.7)."""
    kept_databases_path: str = ""
    kept_upload_path: str = ""
    export_kind: str = ""
    """What its records are called as a kind of export (spec 5.5)."""
    export_title: tuple[str, str] = ("Records", "Data")
    """What a file of them is called, in English and Indonesian."""

    def __post_init__(self) -> None:
        # Where a module does not say otherwise, its kept addresses and its files are called by its code.
        object.__setattr__(self, "kept_databases_path", self.kept_databases_path or f"/{self.module}/databases")
        object.__setattr__(self, "kept_upload_path", self.kept_upload_path or f"/{self.module}/upload")
        object.__setattr__(self, "export_kind", self.export_kind or self.module)

    def quota_key(self, staff_id: str, database_id: str, batch_id: str | None) -> str:
        """Return what the quota of automatic replacements of such a record belongs to (spec 2.5)."""
        if self.replacement_quota is QuotaScope.BATCH and batch_id is not None:
            return batch_id
        return f"{staff_id}:{database_id}"
