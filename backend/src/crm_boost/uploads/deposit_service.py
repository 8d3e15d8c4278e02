"""Use cases of imports of deposits: choose, confirm, undo (spec 2.2, 4.2). Uploading and cancelling are as for records."""

from crm_boost.db.audit import record_audit
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.deposits import importing
from crm_boost.deposits.importing_columns import ROLES
from crm_boost.deposits.importing_rows import FAULTS
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import FieldError, InvalidInput
from crm_boost.settings import Settings
from crm_boost.uploads.deposit_schemas import DepositImportCommit, DepositImportUpdate, DepositMapping
from crm_boost.uploads.errors import UndoNotPossible
from crm_boost.uploads.models import Import, ImportState
from crm_boost.uploads.service import expect, expect_chosen_again, require_import, restart, take_choice, undo_until

_NEEDED = {
    "date": "Choose the column that holds the day.",
    "customer": "Choose the column that holds the customer.",
    "amount": "Choose the column that holds the amount.",
}


async def choose(
    session: WriteSession, settings: Settings, worker: str, import_id: str, update: DepositImportUpdate
) -> Import:
    """Take another sheet, header row or mapping, and read the file again."""
    item = await require_import(session, import_id, lock=True, ledger=True)
    expect_chosen_again(settings, item)
    known_columns = item.state == ImportState.READY and not update.model_fields_set & {"sheet", "header_row"}
    if update.mapping is not None:
        await _check(session, update.mapping, len(item.columns) if known_columns else None)
    take_choice(item, update)
    restart(item, worker, ImportState.ANALYSING)
    return item


async def commit(session: WriteSession, worker: str, import_id: str, request: DepositImportCommit) -> Import:
    """Confirm: the rows are booked in the background, all of them or none."""
    item = await require_import(session, import_id, lock=True, ledger=True)
    expect(item, ImportState.READY)
    mapping = item.mapping or {}
    errors = [
        FieldError(f"mapping.{role}", text, "missing") for role, text in _NEEDED.items() if mapping.get(role) is None
    ]
    if mapping.get("product") is None and not mapping.get("product_id"):
        message = "Choose the product of these deposits, or the column that holds it."
        errors.append(FieldError("mapping.product", message, "missing"))
    if mapping.get("staff") is None and not mapping.get("staff_id"):
        message = "Choose whose deposits these are, or the column that holds it."
        errors.append(FieldError("mapping.staff", message, "missing"))
    if errors:
        raise InvalidInput("; ".join(error.message for error in errors), errors=errors)
    item.duplicates = request.duplicates
    restart(item, worker, ImportState.IMPORTING)
    await record_audit(session, "import.confirmed", "import", item.id)
    return item


async def undo(session: WriteSession, settings: Settings, import_id: str) -> Import:
    """Put everything a finished import has booked into the trash, while it is fresh and nobody has changed any of it."""
    item = await require_import(session, import_id, lock=True, ledger=True)
    expect(item, ImportState.DONE)
    if undo_until(item, settings.imports) is None:
        raise UndoNotPossible(f"An import can be undone for {settings.imports.undo_hours} hours.", state=item.state)
    count = await importing.take_back(session, item.id, item.filename)
    item.state, item.undone_at = ImportState.UNDONE, utc_now()
    await record_audit(session, "import.undone", "import", item.id, deposits=count)
    return item


async def _check(session: ReadSession, mapping: DepositMapping, width: int | None) -> None:
    """Refuse a mapping that cannot be, naming every field at fault."""
    errors, used = [], set()
    for role in ROLES:
        column = getattr(mapping, role)
        if column is None:
            continue
        if width is not None and column >= width:
            errors.append(FieldError(f"mapping.{role}", f"There is no column {column}.", "no_such_column"))
        elif column in used:
            errors.append(FieldError(f"mapping.{role}", "This column is something else already.", "column_twice"))
        used.add(column)
    if mapping.product_id or mapping.staff_id:
        names = await importing.names(session)
        for field, text, found in (
            ("product_id", mapping.product_id, names.product(mapping.product_id or "")),
            ("staff_id", mapping.staff_id, names.person(mapping.staff_id or "")),
        ):
            if text and found in FAULTS:
                errors.append(FieldError(f"mapping.{field}", FAULTS[found].sentence, found))
            elif text and found != text:
                errors.append(FieldError(f"mapping.{field}", "Give the id.", "enum"))
    if errors:
        raise InvalidInput("; ".join(error.message for error in errors), errors=errors)
