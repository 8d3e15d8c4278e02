"""What this module answers to others."""

from crm_boost.databases.repository import databases_per_product
from crm_boost.db.session import ReadSession
from crm_boost.products.events import ProductUsageAsked


async def count_databases_of_products(session: ReadSession, event: ProductUsageAsked) -> None:
    """Say how many databases use each product; those in the trash do not count, those being imported do."""
    for product_id, count in (await databases_per_product(session, event.product_ids)).items():
        event.databases[product_id] = event.databases.get(product_id, 0) + count
