"""Use cases on products: create, rename, retire, bring back."""

from typing import Any, NamedTuple

from sqlalchemy.exc import IntegrityError

from crm_boost.db.audit import record_audit
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import FieldError, InvalidInput, NotFound
from crm_boost.kit.events import EventBus
from crm_boost.kit.ids import new_id
from crm_boost.kit.paging import DEFAULT_LIMIT, Page, decode_cursor, page_of
from crm_boost.kit.text import name_key
from crm_boost.products import repository
from crm_boost.products.errors import ProductInUse, ProductNameTaken
from crm_boost.products.events import ProductUsageAsked
from crm_boost.products.models import Product
from crm_boost.products.schemas import ProductCreate, ProductUpdate


async def list_products(
    session: ReadSession,
    bus: EventBus,
    *,
    include_retired: bool = False,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[dict[str, Any]]:
    """Return products sorted by name, each with how many databases use it."""
    keys = decode_cursor(cursor, kinds=(str, str)) if cursor else None
    products, total = await repository.list_products(
        session, include_retired=include_retired, q=q, after=(keys[0], keys[1]) if keys else None, limit=limit
    )
    page = page_of(products, limit, total, lambda product: (product.name_key, product.id))
    asked = ProductUsageAsked(tuple(product.id for product in page.rows))
    await bus.publish(session, asked)
    page.rows = [product_row(product, asked) for product in page.rows]
    return page


async def create_product(session: WriteSession, request: ProductCreate) -> dict[str, Any]:
    """Create a product; 409 when the name is taken."""
    await _ensure_name_free(session, request.name, None)
    product = Product(
        id=new_id(),
        name=request.name,
        name_key=name_key(request.name),
        description=request.description,
        is_active=True,
        created_at=utc_now(),
    )
    session.add(product)
    await _flush_named(session)
    await record_audit(session, "product.created", "product", product.id)
    return product_row(product, ProductUsageAsked((product.id,)))


async def update_product(session: WriteSession, product_id: str, request: ProductUpdate) -> dict[str, Any]:
    """Rename, describe, retire (409 while used) or bring back."""
    changes = request.model_dump(exclude_unset=True)
    empty = [
        FieldError(name, "This field cannot be empty.", "missing") for name, value in changes.items() if value is None
    ]
    if empty:
        raise InvalidInput("A field that cannot be empty is empty.", errors=empty)
    product = await repository.lock_product(session, product_id)
    if product is None:
        raise _no_such_product(product_id)
    if request.name is not None:
        await _ensure_name_free(session, request.name, product.id)
        product.name, product.name_key = request.name, name_key(request.name)
        await _flush_named(session)
    if request.description is not None:
        product.description = request.description
    asked = ProductUsageAsked((product.id,))
    await session.emit(asked)
    if request.is_active is not None:
        if product.is_active and not request.is_active:
            _ensure_unused(product, asked)
        product.is_active = request.is_active
    await session.flush()
    await record_audit(session, "product.updated", "product", product.id, fields=sorted(changes))
    return product_row(product, asked)


async def retire_product(session: WriteSession, product_id: str) -> None:
    """Take a product out of use; 409 while a database uses it."""
    await update_product(session, product_id, ProductUpdate(is_active=False))


async def require_product(session: ReadSession, product_id: str) -> Product:
    """Return a product or refuse with 404."""
    product = await repository.get_product(session, product_id)
    if product is None:
        raise _no_such_product(product_id)
    return product


class UsableProduct(NamedTuple):
    """A product that may be referred to."""

    id: str
    name: str


async def require_active_product(session: ReadSession, product_id: str) -> UsableProduct:
    """Return a product that new things may refer to; inside a unit of work it cannot be retired until that ends."""
    product = await repository.standing_of(session, product_id, hold=isinstance(session, WriteSession))
    if product is None:
        raise _no_such_product(product_id)
    if not product.is_active:
        raise InvalidInput.of("product_id", "This product is retired.", "retired_product")
    return UsableProduct(product.id, product.name)


def _no_such_product(product_id: str) -> NotFound:
    return NotFound("There is no such product.", field="product_id", id=product_id)


def product_row(product: Product, usage: ProductUsageAsked) -> dict[str, Any]:
    """Shape a product for the API."""
    return {
        "id": product.id,
        "name": product.name,
        "description": product.description,
        "is_active": product.is_active,
        "database_count": usage.databases.get(product.id, 0),
    }


async def _ensure_name_free(session: ReadSession, name: str, own_id: str | None) -> None:
    other = await repository.get_product_by_key(session, name_key(name))
    if other is not None and other.id != own_id:
        raise ProductNameTaken("Another product already has this name.", field="name")


async def _flush_named(session: WriteSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        # Somebody else took it between the question and now.
        raise ProductNameTaken("Another product already has this name.", field="name") from error


def _ensure_unused(product: Product, usage: ProductUsageAsked) -> None:
    count = usage.databases.get(product.id, 0)
    if count:
        raise ProductInUse(f"{count} databases still use this product.", database_count=count)
