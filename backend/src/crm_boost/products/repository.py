"""All SQL on products."""

from typing import Any

from sqlalchemy import func, select

from crm_boost.db.dialect import in_byte_order, like_pattern
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.text import name_key
from crm_boost.products.models import Product


async def list_products(
    session: ReadSession, *, include_retired: bool, q: str | None, after: tuple[str, str] | None, limit: int
) -> tuple[list[Product], int]:
    """Return up to `limit + 1` products sorted by name, ignoring case, and the total."""
    where: list[Any] = []
    if not include_retired:
        where.append(Product.is_active)
    if q:
        where.append(Product.name_key.like(like_pattern(name_key(q)), escape="\\"))
    total = (await session.scalar(select(func.count()).select_from(Product).where(*where))) or 0
    key, product_id = in_byte_order(Product.name_key), in_byte_order(Product.id)
    statement = select(Product).where(*where).order_by(key, product_id).limit(limit + 1)
    if after is not None:
        statement = statement.where((key > after[0]) | ((key == after[0]) & (product_id > after[1])))
    return list((await session.scalars(statement)).all()), total


async def get_product(session: ReadSession, product_id: str) -> Product | None:
    """Return a product, retired or not."""
    return await session.get(Product, product_id)


async def lock_product(session: WriteSession, product_id: str, *, to_change: bool) -> Product | None:
    """Return a product as of now and hold it until the transaction ends.

    Who refers to a product holds it against being retired (many may do so at once); who changes it waits for them.
    """
    statement = select(Product).where(Product.id == product_id).execution_options(populate_existing=True)
    statement = statement.with_for_update() if to_change else statement.with_for_update(read=True, key_share=True)
    return (await session.scalars(statement)).first()


async def get_product_by_key(session: ReadSession, key: str) -> Product | None:
    """Return the product with this normalised name."""
    return (await session.scalars(select(Product).where(Product.name_key == key))).first()
