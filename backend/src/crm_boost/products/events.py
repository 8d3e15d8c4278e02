"""Questions this module asks upwards."""

from dataclasses import dataclass, field

from crm_boost.kit.events import Event


@dataclass(frozen=True, slots=True)
class ProductUsageAsked(Event):
    """Which of these products are in use? Modules that refer to products add to `databases` (counts by product id)."""

    product_ids: tuple[str, ...]
    databases: dict[str, int] = field(default_factory=dict)
