"""Refusals of retention."""

from crm_boost.kit.errors import NotFound


def unknown_customer(customer_id: str) -> NotFound:
    """There is no such customer of the product, or none the caller may see."""
    return NotFound("There is no such customer of this product.", id=customer_id)
