"""States and classes of a deposit (spec 4.1, 4.2)."""

from enum import StrEnum


class DepositStatus(StrEnum):
    """Only approved deposits count. What is in the trash keeps the status it had."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"


class CustomerType(StrEnum):
    """The class of an approved deposit: the customer's first day with this staff for this product, or a later one."""

    NDP = "NDP"
    RDP = "RDP"
