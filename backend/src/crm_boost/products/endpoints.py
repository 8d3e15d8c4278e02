"""Routes of products."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.db.session import Reader, Writer
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.products import service
from crm_boost.products.schemas import ProductCreate, ProductOut, ProductUpdate
from crm_boost.web.lists import Listing, list_response

router = APIRouter(prefix="/products", tags=["products"])

ProductReader = Annotated[Principal, Depends(allow(Permission.PRODUCTS_READ))]
ProductManager = Annotated[Principal, Depends(allow(Permission.PRODUCTS_MANAGE, Page.PRODUCTS))]


@router.get("", response_model=list[ProductOut])
async def list_products(
    principal: ProductReader,
    session: Reader,
    request: Request,
    listing: Listing,
    include_retired: bool = False,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Products sorted by name; retired ones only when asked for."""
    page = await service.list_products(
        session,
        request.app.state.database.bus,
        include_retired=include_retired,
        q=q,
        cursor=listing.cursor,
        limit=listing.limit,
    )
    return list_response(request, page)


@router.post("", status_code=201)
async def create_product(principal: ProductManager, session: Writer, body: ProductCreate) -> ProductOut:
    """Create a product."""
    return ProductOut.model_validate(await service.create_product(session, body))


@router.patch("/{product_id}")
async def update_product(
    principal: ProductManager, session: Writer, product_id: str, body: ProductUpdate
) -> ProductOut:
    """Rename, describe, retire (409 while used) or bring back."""
    return ProductOut.model_validate(await service.update_product(session, product_id, body))


@router.delete("/{product_id}", status_code=204)
async def retire_product(principal: ProductManager, session: Writer, product_id: str) -> None:
    """Retire a product; 409 while a database uses it."""
    await service.retire_product(session, product_id)
