"""All SQL on products."""

from sqlalchemy import select

from crm_boost.db.session import ReadSession
from crm_boost.products.models import Product


async def list_products(session: ReadSession, *, include_retired: bool) -> list[Product]:
    """Return products sorted by name, ignoring case."""
    statement = select(Product).order_by(Product.name_key)
    if not include_retired:
        statement = statement.where(Product.is_active)
    return list((await session.scalars(statement)).all())


async def get_product(session: ReadSession, product_id: str) -> Product | None:
    """Return a product, retired or not."""
    return await session.get(Product, product_id)


async def get_product_by_key(session: ReadSession, name_key: str) -> Product | None:
    """Return the product with this normalised name."""
    return (await session.scalars(select(Product).where(Product.name_key == name_key))).first()
