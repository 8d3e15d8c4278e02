"""All SQL on products."""

from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, func, select

from crm_boost.db.dialect import in_byte_order, like_pattern
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import look_up
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


async def lock_product(session: WriteSession, product_id: str) -> Product | None:
    """Return a product as of now, to change it: nobody refers to it anew until the transaction ends."""
    statement = select(Product).where(Product.id == product_id).execution_options(populate_existing=True)
    return (await session.scalars(statement.with_for_update())).first()


_product = cast(Table, Product.__table__)
_STANDING = select(_product.c.id, _product.c.name, _product.c.is_active).where(_product.c.id == bindparam("of_product"))
_HELD = _STANDING.with_for_update(read=True, key_share=True)


async def standing_of(session: ReadSession, product_id: str, *, hold: bool) -> Row[*tuple[Any, ...]] | None:
    """Return id, name and whether it is active. `hold`: against being retired until the transaction ends; many may do so
    at once."""
    rows = await look_up(session, _HELD if hold else _STANDING, {"of_product": product_id})
    return rows[0] if rows else None


async def get_product_by_key(session: ReadSession, key: str) -> Product | None:
    """Return the product with this normalised name."""
    return (await session.scalars(select(Product).where(Product.name_key == key))).first()
