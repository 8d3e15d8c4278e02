"""Routes of judging, of the rule that replaces, and of the Validation page (spec 2.5)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.access.dependencies import LISTS_CUSTOMERS
from crm_boost.assignments.dependencies import in_module
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.configuration.service import Stored
from crm_boost.contacts.service import Reach
from crm_boost.databases.schemas import DealtRecordOut
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, SharingWriter, Writer, WriteSession
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow, ensure_page
from crm_boost.kit.paging import decode_cursor, instant_key
from crm_boost.replacement import alerts, process, queries
from crm_boost.replacement.policy_settings import ReplacementRule, change_rule, rule_of
from crm_boost.replacement.repositories import lists
from crm_boost.replacement.schemas import (
    ArchivedRecordOut,
    Dismissed,
    DismissRequest,
    InvalidSummary,
    Processed,
    ProcessRequest,
    Restored,
    RestoreRequest,
    Returned,
    ReturnRequest,
    RuleOut,
    RuleUpdate,
    ValidatedWithRecords,
    ValidateRequest,
)
from crm_boost.replacement.validate import Judgement, validate
from crm_boost.web.lists import Listing, list_response, rows_response

router = APIRouter(tags=["validation"])

Worker = Annotated[Principal, Depends(allow(Permission.RECORDS_WORK, Page.CUSTOMERS))]
Manager = Annotated[Principal, Depends(allow(Permission.VALIDATION_MANAGE, Page.VALIDATION))]
ManagedModule = Annotated[Policy, Depends(in_module(Permission.VALIDATION_MANAGE))]
Once = Annotated[Idempotency, Depends(idempotency)]
Filter = Annotated[str | None, Query(max_length=200)]


async def _validate(session: WriteSession, once: Idempotency, body: ValidateRequest, reach: Reach) -> Any:
    wanted = Judgement(body.record_ids, body.is_valid, body.reason, body.note, body.version)

    async def effect() -> dict[str, Any]:
        return await validate(session, wanted, reach)

    return await once.once(session, effect)


@router.post("/my/validate", response_model=ValidatedWithRecords)
async def validate_mine(principal: Worker, session: SharingWriter, once: Once, body: ValidateRequest) -> Response:
    """Judge the caller's own records, of any modules; rejected ones are replaced where the rule is on."""
    return rows_response(await _validate(session, once, body, Reach(principal.id)))


@router.post("/records/validate", response_model=ValidatedWithRecords)
async def validate_any(principal: Manager, session: Writer, once: Once, body: ValidateRequest) -> Response:
    """Judge anybody's records, of the modules open to the caller."""
    reach = Reach(None, queries.open_modules(principal))
    return rows_response(await _validate(session, once, body, reach))


@router.get("/validation/summary", response_model=InvalidSummary)
async def summary(principal: Manager, session: Reader, module: Filter = None) -> Response:
    """How much is rejected now, by staff and module and therein by reason; since when an alert is open."""
    return rows_response(await queries.summary(session, queries.open_modules(principal, module)))


class _ListQuery:
    def __init__(
        self,
        principal: Manager,
        module: Filter = None,
        staff_id: Filter = None,
        reason: Filter = None,
        database_id: Filter = None,
        q: Filter = None,
    ) -> None:
        self.wanted = lists.Wanted(queries.open_modules(principal, module), staff_id, reason, database_id, q)


@router.get("/validation/records", response_model=list[DealtRecordOut], dependencies=[LISTS_CUSTOMERS])
async def invalid_records(
    session: Reader, request: Request, listing: Listing, query: Annotated[_ListQuery, Depends()]
) -> Response:
    """Records that are assigned and rejected, by holder and database."""
    after = None
    if listing.cursor is not None:
        staff_id, database_id, seq = decode_cursor(listing.cursor, kinds=(str, str, int))
        after = (staff_id, database_id, seq)
    return list_response(request, await lists.list_invalid(session, query.wanted, after=after, limit=listing.limit))


@router.get("/validation/archived", response_model=list[ArchivedRecordOut], dependencies=[LISTS_CUSTOMERS])
async def archived_records(
    session: Reader, request: Request, listing: Listing, query: Annotated[_ListQuery, Depends()]
) -> Response:
    """Archived records, the last one first, each with the customer who was dealt in its place."""
    after = None
    if listing.cursor is not None:
        at, seq = decode_cursor(listing.cursor, kinds=(str, int))
        after = (instant_key(at), seq)
    return list_response(request, await lists.list_archived(session, query.wanted, after=after, limit=listing.limit))


@router.post("/validation/process")
async def process_invalid(principal: Manager, session: Writer, once: Once, body: ProcessRequest) -> Processed:
    """Archive what a staff has rejected and deal new records in its place; the shortage is told by database."""
    policy = policy_of(body.module)
    ensure_page(principal, policy.page)

    async def effect() -> dict[str, Any]:
        return await process.process(session, policy, body.staff_id, body.record_ids, body.replace_count)

    return Processed.model_validate(await once.once(session, effect))


@router.post("/validation/return")
async def return_to_staff(principal: Manager, session: Writer, body: ReturnRequest) -> Returned:
    """Take rejections back; whoever holds the records is told to work on them again. What cannot go back is told."""
    modules = queries.open_modules(principal)
    return Returned.model_validate(await process.return_to_staff(session, body.record_ids, modules, body.note))


@router.post("/validation/restore")
async def restore_archived(principal: Manager, session: Writer, body: RestoreRequest) -> Restored:
    """Bring archived records back to the pools; reservations are looked at again."""
    done = await process.restore(session, body.record_ids, queries.open_modules(principal))
    return Restored.model_validate(done)


@router.post("/validation/dismiss")
async def dismiss(principal: Manager, session: Writer, body: DismissRequest) -> Dismissed:
    """Put the alerts of a module away, or that of one staff. No record changes."""
    policy = policy_of(body.module)
    ensure_page(principal, policy.page)
    return Dismissed(cleared_count=await alerts.dismiss(session, policy.module, body.staff_id))


def rule_out(stored: Stored[ReplacementRule]) -> RuleOut:
    """Shape the rule of a module with who changed it last."""
    return RuleOut(**stored.value.model_dump(), updated_at=stored.updated_at, updated_by=stored.updated_by_name)


async def update_rule(session: WriteSession, policy: Policy, changes: dict[str, Any]) -> RuleOut:
    """Change what is named of the rule of a module."""
    now = (await rule_of(session, policy)).value
    return rule_out(await change_rule(session, policy, now.model_copy(update=changes)))


@router.get("/pools/{module}/settings")
async def get_settings(policy: ManagedModule, session: Reader) -> RuleOut:
    """The rule of a module: whether rejected records are replaced at once, and how many per batch."""
    return rule_out(await rule_of(session, policy))


@router.put("/pools/{module}/settings")
async def put_settings(policy: ManagedModule, session: Writer, body: RuleUpdate) -> RuleOut:
    """Change the rule of a module; it holds for what is rejected from now on."""
    return await update_rule(session, policy, body.model_dump(exclude_none=True))
