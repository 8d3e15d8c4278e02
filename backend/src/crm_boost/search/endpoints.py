"""Route of the search."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from crm_boost.access.dependencies import SEARCHES_CUSTOMERS
from crm_boost.db.session import Reader
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.search import service
from crm_boost.search.schemas import SearchOut

router = APIRouter(tags=["search"])

Searcher = Annotated[Principal, Depends(allow(Permission.SEARCH))]


@router.get("/search", dependencies=[SEARCHES_CUSTOMERS])
async def search(principal: Searcher, session: Reader, q: Annotated[str, Query(max_length=200)] = "") -> SearchOut:
    """Databases, customers, people and products whose name contains `q`, five of each at most."""
    return SearchOut(items=await service.search(session, principal, q))
