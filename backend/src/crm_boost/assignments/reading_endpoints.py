"""Routes that show databases and records: one set for all modules, and the kept lists on top of it (spec 2.7)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from crm_boost.access.dependencies import LISTS_CUSTOMERS
from crm_boost.assignments.policies import all_policies, policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.pool_service import require_database, update_database
from crm_boost.assignments.repositories.activity import list_activity
from crm_boost.assignments.schemas import DatabaseActivity, QualityOut
from crm_boost.databases.schemas import DatabaseDetail, DatabaseOut, DatabaseUpdate, ProductMove, RecordOut
from crm_boost.databases.states import RecordStatus
from crm_boost.db.session import Reader, ReadSession, Writer
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow, ensure_page
from crm_boost.kit.paging import decode_cursor, instant_key
from crm_boost.pools import repository
from crm_boost.pools.places import RecordFilter, place_of
from crm_boost.pools.quality import quality_of
from crm_boost.web.lists import Listing, list_response, rows_response

router = APIRouter(prefix="/pools", tags=["pools"])
kept_router = APIRouter(tags=["kept lists"])

PoolReader = Annotated[Principal, Depends(allow(Permission.DATABASES_READ))]
PoolManager = Annotated[Principal, Depends(allow(Permission.DATABASES_MANAGE))]


class PolicyOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    module: str
    title_key: str
    batched: bool
    page: str


def reader_of(module: str, principal: PoolReader) -> Policy:
    """Return the policy of the path's module for a caller who may read it."""
    policy = policy_of(module)
    ensure_page(principal, policy.page)
    return policy


def manager_of(module: str, principal: PoolManager) -> Policy:
    """Return the policy of the path's module for a caller who may manage its databases."""
    policy = policy_of(module)
    ensure_page(principal, policy.page)
    return policy


ReadPolicy = Annotated[Policy, Depends(reader_of)]
ManagedPolicy = Annotated[Policy, Depends(manager_of)]


class DatabaseQuery:
    """Filters of a list of databases."""

    def __init__(
        self,
        q: Annotated[str | None, Query(max_length=200)] = None,
        product_id: Annotated[str | None, Query(max_length=200)] = None,
        deleted: bool = False,
    ) -> None:
        self.q = q
        self.product_id = product_id
        self.deleted = deleted


class RecordQuery:
    """Filters and order of a list of records."""

    def __init__(
        self,
        status: RecordStatus | None = None,
        validation: Literal["validated", "invalid", "none"] | None = None,
        q: Annotated[str | None, Query(max_length=200)] = None,
        assigned_to: Annotated[str | None, Query(max_length=200)] = None,
        sort: Annotated[str, Query(pattern="^-?row_number$")] = "row_number",
    ) -> None:
        self.filter = RecordFilter(
            status=status, validation=validation, assigned_to=assigned_to, q=q, descending=sort.startswith("-")
        )


async def _databases(
    session: Reader, request: Request, policy: Policy, wanted: DatabaseQuery, listing: Listing
) -> Response:
    after = None
    if listing.cursor:
        at, seen = decode_cursor(listing.cursor, kinds=(str, str))
        after = (instant_key(at), seen)
    page = await repository.list_databases(
        session,
        policy.module,
        q=wanted.q,
        product_id=wanted.product_id,
        deleted=wanted.deleted,
        after=after,
        limit=listing.limit,
    )
    return list_response(request, page)


async def _detail(
    session: ReadSession, policy: Policy, database_id: str, *, deleted: bool | None = None
) -> dict[str, Any]:
    database = await require_database(session, policy, database_id, deleted=deleted)
    row = await repository.database_with_counts(session, database)
    return {**row, "columns": database.columns, "mapping": database.mapping}


async def _records(
    session: Reader,
    request: Request,
    policy: Policy,
    database_id: str,
    wanted: RecordQuery,
    listing: Listing,
    *,
    deleted: bool | None = None,
) -> Response:
    database = await require_database(session, policy, database_id, deleted=deleted)
    after = place_of(database, wanted.filter, listing.cursor)
    page = await repository.list_records(session, database, wanted.filter, after=after, limit=listing.limit)
    return list_response(request, page)


@router.get("", response_model=list[PolicyOut])
async def list_pools(principal: PoolReader) -> list[Policy]:
    """The modules the caller may see."""
    return [policy for policy in all_policies() if policy.page not in principal.blocked_pages]


@router.get("/{module}/databases", response_model=list[DatabaseOut])
async def list_databases(
    policy: ReadPolicy, session: Reader, request: Request, listing: Listing, wanted: Annotated[DatabaseQuery, Depends()]
) -> Response:
    """Databases of a module, newest first, with their counts; `deleted=true` shows the trash."""
    return await _databases(session, request, policy, wanted, listing)


@router.get("/{module}/databases/{database_id}", response_model=DatabaseDetail)
async def get_database(policy: ReadPolicy, session: Reader, database_id: str) -> Response:
    """One database with its counts, columns and mapping."""
    return rows_response(await _detail(session, policy, database_id))


@router.patch("/{module}/databases/{database_id}", response_model=DatabaseDetail)
async def change_database(policy: ManagedPolicy, session: Writer, database_id: str, body: DatabaseUpdate) -> Response:
    """Rename a database or move it to another product; a move matches reservations anew."""
    await update_database(session, policy, database_id, body)
    return rows_response(await _detail(session, policy, database_id))


@router.get("/{module}/databases/{database_id}/records", response_model=list[RecordOut], dependencies=[LISTS_CUSTOMERS])
async def list_records(
    policy: ReadPolicy,
    session: Reader,
    request: Request,
    database_id: str,
    listing: Listing,
    wanted: Annotated[RecordQuery, Depends()],
) -> Response:
    """Records of a database: filter by status (or `conflict`), verdict and holder, search. Sorted by row, both ways; only
    more than 1,000 of a filter, and a search of several pages, may come in the order in which they are stored."""
    return await _records(session, request, policy, database_id, wanted, listing)


@router.get("/{module}/databases/{database_id}/quality", response_model=QualityOut)
async def quality(policy: ReadPolicy, session: Reader, database_id: str) -> Response:
    """What the dealt records of a database turned out to be: marks and verdicts, in all and by holder."""
    database = await require_database(session, policy, database_id, deleted=None)
    return rows_response(await quality_of(session, database.id))


@router.get("/{module}/databases/{database_id}/activity", response_model=list[DatabaseActivity])
async def activity(
    policy: ReadPolicy, session: Reader, request: Request, database_id: str, listing: Listing
) -> Response:
    """Who did what with a database: its upload, hand-outs, recalls, replacements, changes; the last one first."""
    database = await require_database(session, policy, database_id, deleted=None)
    after = None
    if listing.cursor is not None:
        at, source, seq = decode_cursor(listing.cursor, kinds=(str, int, int))
        after = (instant_key(at), source, seq)
    return list_response(request, await list_activity(session, database, after=after, limit=listing.limit))


def _kept_lists(policy: Policy) -> None:
    """Register the kept addresses of one module: bare lists, the same rows."""
    path, module = policy.kept_databases_path, policy.module

    def admitted(principal: PoolReader) -> Policy:
        return reader_of(module, principal)

    def managing(principal: PoolManager) -> Policy:
        return manager_of(module, principal)

    @kept_router.get(path, response_model=list[DatabaseOut], name=f"{module}_databases")
    @kept_router.get(f"{path}/with-stats", response_model=list[DatabaseOut], name=f"{module}_databases_with_stats")
    async def kept_databases(
        session: Reader,
        request: Request,
        listing: Listing,
        wanted: Annotated[DatabaseQuery, Depends()],
        policy: Annotated[Policy, Depends(admitted)],
    ) -> Response:
        """Databases of this module, newest first, with their counts."""
        return await _databases(session, request, policy, wanted, listing)

    @kept_router.get(f"{path}/{{database_id}}", response_model=DatabaseDetail, name=f"{module}_database")
    async def kept_database(
        session: Reader, database_id: str, policy: Annotated[Policy, Depends(admitted)]
    ) -> Response:
        """One database of this module; not one in the trash."""
        return rows_response(await _detail(session, policy, database_id, deleted=False))

    @kept_router.get(
        f"{path}/{{database_id}}/records",
        response_model=list[RecordOut],
        name=f"{module}_records",
        dependencies=[LISTS_CUSTOMERS],
    )
    async def kept_records(
        session: Reader,
        request: Request,
        database_id: str,
        listing: Listing,
        wanted: Annotated[RecordQuery, Depends()],
        policy: Annotated[Policy, Depends(admitted)],
    ) -> Response:
        """Records of one database of this module; not of one in the trash."""
        return await _records(session, request, policy, database_id, wanted, listing, deleted=False)

    @kept_router.patch(f"{path}/{{database_id}}/product", response_model=DatabaseDetail, name=f"{module}_move_product")
    async def kept_move_product(
        policy: Annotated[Policy, Depends(managing)], session: Writer, database_id: str, body: ProductMove
    ) -> Response:
        """Move a database to another product and match reservations anew."""
        await update_database(session, policy, database_id, DatabaseUpdate(product_id=body.product_id))
        return rows_response(await _detail(session, policy, database_id))


for _policy in all_policies():
    _kept_lists(_policy)
