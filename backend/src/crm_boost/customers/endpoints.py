"""Routes of My customers: a staff's groups and records of all modules, and what admins see of everybody's."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.access.dependencies import LISTS_CUSTOMERS
from crm_boost.customers import records, service
from crm_boost.customers.dependencies import DealtReader, Marking, Worker, open_modules
from crm_boost.customers.repositories.dealt import DealtFilter, list_dealt
from crm_boost.customers.repositories.groups import groups_of
from crm_boost.customers.schemas import GroupKind, GroupOut, GroupUpdate, MarksOut, MarksRequest
from crm_boost.databases.schemas import DealtRecordOut
from crm_boost.db.session import Reader, SharingWriter, Writer
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.paging import decode_cursor
from crm_boost.web.lists import Listing, list_response, rows_response

router = APIRouter(tags=["my customers"])

Text = Annotated[str | None, Query(max_length=200)]


class MarkFilter:
    """Filters by what was found out: `none` asks for records without that mark."""

    def __init__(
        self,
        whatsapp: Literal["ada", "ceklis1", "tidak", "none"] | None = None,
        respond: Literal["ya", "tidak", "none"] | None = None,
        validation: Literal["validated", "invalid", "none"] | None = None,
        reason: Text = None,
        q: Text = None,
    ) -> None:
        self.whatsapp = whatsapp
        self.respond = respond
        self.validation = validation
        self.reason = reason
        self.q = q


Filters = Annotated[MarkFilter, Depends()]


def after_of(cursor: str | None) -> tuple[int, str] | None:
    """Read the place after which a page of dealt records begins."""
    if cursor is None:
        return None
    rank, record_id = decode_cursor(cursor, kinds=(int, str))
    return rank, record_id


def after_group(cursor: str | None) -> tuple[int, int, str] | None:
    """Read the place after which a page of groups begins."""
    if cursor is None:
        return None
    is_pinned, latest, group_id = decode_cursor(cursor, kinds=(int, int, str))
    return is_pinned, latest, group_id


@router.get("/my/groups", response_model=list[GroupOut])
async def my_groups(principal: Worker, session: Reader, request: Request, page: Listing) -> Response:
    """The caller's records by batch or database with their counts: pinned ones first, then the newest hand-out."""
    after = after_group(page.cursor)
    return list_response(request, await groups_of(session, principal.id, after=after, limit=page.limit))


@router.patch("/my/groups/{kind}/{group_id}", status_code=204)
async def change_group(principal: Worker, session: Writer, kind: GroupKind, group_id: str, body: GroupUpdate) -> None:
    """Name a batch, or pin a group; the others of the caller's screens follow."""
    await service.change_group(session, principal.id, kind, group_id, body)


@router.post("/my/groups/{kind}/{group_id}/seen", status_code=204)
async def see_group(principal: Worker, session: SharingWriter, kind: GroupKind, group_id: str) -> None:
    """The caller has opened this group: records that come later count as new."""
    await service.see_group(session, principal.id, kind, group_id)


@router.get("/my/records", response_model=list[DealtRecordOut], dependencies=[LISTS_CUSTOMERS])
async def my_records(
    principal: Worker,
    session: Reader,
    request: Request,
    page: Listing,
    marks: Filters,
    group_kind: GroupKind | None = None,
    group_id: Text = None,
) -> Response:
    """The caller's own records, all or of one group; rows carry nothing that tells the order of the file."""
    if (group_kind is None) != (group_id is None):
        raise InvalidInput.of("group_id", "Give group_kind and group_id together.", "missing")
    wanted = DealtFilter(
        staff_id=principal.id,
        batch_id=group_id if group_kind == "batch" else None,
        database_id=group_id if group_kind == "database" else None,
        **vars(marks),
    )
    found = await service.my_records(session, wanted, kind=group_kind, after=after_of(page.cursor), limit=page.limit)
    return list_response(request, found)


@router.post("/my/marks", response_model=MarksOut)
async def set_marks(reach: Marking, session: SharingWriter, body: MarksRequest) -> Response:
    """Set many marks at once: of the caller's own records, for admins of anybody's.

    Marks that somebody else changed after the `version` named come back as conflicts with both values; the others
    are set.
    """
    return rows_response(await records.mark_many(session, body.marks, reach))


@router.get("/assignments", response_model=list[DealtRecordOut], dependencies=[LISTS_CUSTOMERS])
async def list_assignments(
    principal: DealtReader,
    session: Reader,
    request: Request,
    page: Listing,
    marks: Filters,
    staff_id: Text = None,
    module: Text = None,
) -> Response:
    """Every dealt record, the newest hand-out first; modules whose page is blocked for the caller are left out."""
    modules = [seen for seen in open_modules(principal) if module is None or seen == module]
    wanted = DealtFilter(staff_id=staff_id, modules=modules, **vars(marks))
    return list_response(request, await list_dealt(session, wanted, after=after_of(page.cursor), limit=page.limit))
