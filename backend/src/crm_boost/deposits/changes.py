"""What an edit changes: a deposit as a form, a change laid over it, and the difference for the history."""

from decimal import Decimal
from typing import Any

from crm_boost.deposits.errors import ForAdminsOnly
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.money import MULTIPLIER_SCALE
from crm_boost.deposits.schemas import DepositChange, DepositForm
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal

_MOVES = ("product_id", "record_date")


def overlaid(deposit: Deposit, change: DepositChange, scale: int) -> DepositForm:
    """Return the form of a deposit with the fields of a change in it. What a change leaves out or sets to null stays."""
    now: dict[str, Any] = {
        "product_id": deposit.product_id,
        "record_date": deposit.record_date,
        "customer_id": deposit.customer_id,
        "customer_name": deposit.customer_name,
        "nominal": Decimal(deposit.nominal) / scale,
        "depo_kelipatan": Decimal(deposit.multiplier) / MULTIPLIER_SCALE,
        "keterangan": deposit.note,
        "tambahan": deposit.tambahan,
        "staff_id": deposit.staff_id,
    }
    given = change.model_dump(exclude_none=True, exclude={"version"})
    # What is stored was checked when it was entered, perhaps by older rules: only the change has been checked now.
    return DepositForm.model_construct(**{**now, **given})


def allowed_change(principal: Principal, deposit: Deposit, change: DepositChange) -> DepositChange:
    """Return what of a change the caller may make: product, day and person are for admins. From staff the person is
    ignored, another product or day is refused; naming what is so already is no change."""
    if principal.can(Permission.DEPOSITS_MANAGE):
        return change
    for name in _MOVES:
        wanted = getattr(change, name)
        if wanted is not None and wanted != getattr(deposit, name):
            raise ForAdminsOnly("Only an admin may change the product or the day.", field=name)
    return change.model_copy(update={"staff_id": None})


def changed_fields(before: DepositForm, after: DepositForm) -> dict[str, Any]:
    """Return what an edit changed: {field: {"from", "to"}}, as texts."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {name: {"from": old[name], "to": new[name]} for name in old if old[name] != new[name]}
