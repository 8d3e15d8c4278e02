"""The addresses existing clients call about rejected records (spec 2.7, 7.1, 7.7), made from the policies."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from crm_boost.assignments.dependencies import in_module
from crm_boost.assignments.policies import all_policies
from crm_boost.assignments.policies.base import Policy
from crm_boost.contacts.reasons import reason_of
from crm_boost.contacts.service import Reach
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, SharingWriter, Writer, WriteSession
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.paging import decode_cursor, instant_key
from crm_boost.replacement import alerts, process, queries
from crm_boost.replacement.endpoints import rule_out, update_rule
from crm_boost.replacement.policy_settings import rule_of
from crm_boost.replacement.repositories import lists
from crm_boost.replacement.schemas import (
    Dismissed,
    KeptArchived,
    KeptDiscarded,
    KeptInvalid,
    KeptNotifications,
    KeptProcessed,
    KeptProcessRequest,
    KeptRestored,
    KeptRuleUpdate,
    KeptValidateRequest,
    RuleOut,
    Validated,
)
from crm_boost.replacement.validate import Judgement, validate
from crm_boost.web.lists import Listing, paging_headers, rows_response

Once = Annotated[Idempotency, Depends(idempotency)]
Worker = Annotated[Principal, Depends(allow(Permission.RECORDS_WORK, Page.CUSTOMERS))]

notices = APIRouter(tags=["kept lists"])


@notices.get("/notifications/admin/invalid-database", response_model=KeptNotifications)
async def invalid_database(
    principal: Annotated[Principal, Depends(allow(Permission.VALIDATION_MANAGE, Page.VALIDATION))], session: Reader
) -> Response:
    """The open alerts of the modules with kept addresses."""
    kept = {policy.module for policy in all_policies() if policy.has_kept_paths}
    modules = [module for module in queries.open_modules(principal) if module in kept]
    return rows_response(await queries.kept_notifications(session, modules))


def kept_router_of(policy: Policy) -> APIRouter:
    """Return the kept routes of one module."""
    router = APIRouter(prefix=f"/{policy.module}", tags=[f"kept {policy.module}"])
    _add_rule(router, policy)
    _add_judging(router, policy)
    _add_invalid(router, policy)
    _add_archive(router, policy)
    return router


def _managing(policy: Policy) -> Any:
    return Depends(in_module(Permission.VALIDATION_MANAGE, policy.module))


def _add_rule(router: APIRouter, policy: Policy) -> None:
    managing = _managing(policy)

    @router.get("/admin/settings", name=f"{policy.module}_rule")
    async def get_settings(own: Annotated[Policy, managing], session: Reader) -> RuleOut:
        """The rule that replaces rejected records."""
        return rule_out(await rule_of(session, own))

    @router.put("/admin/settings", name=f"{policy.module}_change_rule")
    async def put_settings(own: Annotated[Policy, managing], session: Writer, body: KeptRuleUpdate) -> RuleOut:
        """Change what is named of the rule."""
        return await update_rule(session, own, body.model_dump(exclude_none=True))


def _add_judging(router: APIRouter, policy: Policy) -> None:
    module = policy.module

    @router.post("/staff/validate", name=f"{module}_validate", response_model_exclude_none=True)
    async def validate_mine(
        principal: Worker, session: SharingWriter, once: Once, body: KeptValidateRequest
    ) -> Validated:
        """Judge the caller's own records of this module; rejected ones are replaced where the rule is on."""

        async def effect() -> dict[str, Any]:
            reason, note = (None, None) if body.is_valid else await reason_of(session, body.reason)
            wanted = Judgement(body.record_ids, body.is_valid, reason, note)
            done = await validate(session, wanted, Reach(principal.id, [module]))
            del done["records"]
            return done

        return Validated.model_validate(await once.once(session, effect))


def _add_invalid(router: APIRouter, policy: Policy) -> None:
    managing = _managing(policy)

    @router.get("/admin/invalid-records", name=f"{policy.module}_invalid", response_model=KeptInvalid)
    async def invalid_records(
        own: Annotated[Policy, managing], session: Reader, request: Request, listing: Listing
    ) -> Response:
        """Rejected records by staff, the staff with the most first."""
        after = None
        if listing.cursor is not None:
            staff_id, database_id, seq = decode_cursor(listing.cursor, kinds=(str, str, int))
            after = (staff_id, database_id, seq)
        page = await lists.list_invalid(session, lists.Wanted([own.module]), after=after, limit=listing.limit)
        counts = await queries.summary(session, [own.module])
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in page.rows:
            rows.setdefault(row["assigned_to"], []).append(row)
        by_staff = [
            {
                "_id": one["staff_id"],
                "staff_name": one["staff_name"],
                "count": one["count"],
                "records": rows[one["staff_id"]],
            }
            for one in counts["staff"]
            if one["staff_id"] in rows
        ]
        body = {"total_invalid": counts["total"], "by_staff": by_staff}
        return rows_response(body, paging_headers(request, page))

    async def processed(session: WriteSession, own: Policy, staff_id: str, quantity: int | None) -> dict[str, Any]:
        done = await process.process(session, own, staff_id, None, quantity)
        archived, dealt = done["archived_count"], done["new_assigned_count"]
        missing = sum(row["missing"] for row in done["shortage"])
        message = f"{archived} records were archived, {dealt} new ones assigned."
        if missing:
            message += f" {missing} could not be replaced."
        details = done["details"]
        return {
            **done,
            "success": True,
            "count": archived,
            "message": message,
            "details": details,
            "assignment_details": details,
        }

    @router.post("/admin/process-invalid/{staff_id}", name=f"{policy.module}_process_invalid")
    async def process_invalid(
        own: Annotated[Policy, managing],
        session: Writer,
        once: Once,
        staff_id: str,
        body: KeptProcessRequest | None = None,
    ) -> KeptProcessed:
        """Archive what a staff has rejected, and assign as many new records as asked for."""
        quantity = body.auto_assign_quantity if body is not None else 0
        return KeptProcessed.model_validate(
            await once.once(session, lambda: processed(session, own, staff_id, quantity))
        )

    @router.post("/admin/reassign-invalid/{staff_id}", name=f"{policy.module}_reassign_invalid")
    async def reassign_invalid(
        own: Annotated[Policy, managing], session: Writer, once: Once, staff_id: str
    ) -> KeptProcessed:
        """Archive what a staff has rejected, and assign a new record for each."""
        return KeptProcessed.model_validate(await once.once(session, lambda: processed(session, own, staff_id, None)))

    @router.post("/admin/dismiss-invalid-alerts", name=f"{policy.module}_dismiss_alerts")
    async def dismiss(own: Annotated[Policy, managing], session: Writer) -> Dismissed:
        """Put the alerts of this module away. No record changes."""
        return Dismissed(cleared_count=await alerts.dismiss(session, own.module, None))


def _add_archive(router: APIRouter, policy: Policy) -> None:
    managing = _managing(policy)

    @router.get("/admin/archived-invalid", name=f"{policy.module}_archived", response_model=KeptArchived)
    async def archived(
        own: Annotated[Policy, managing], session: Reader, request: Request, listing: Listing
    ) -> Response:
        """Archived records by database, the last one first."""
        after = None
        if listing.cursor is not None:
            at, seq = decode_cursor(listing.cursor, kinds=(str, int))
            after = (instant_key(at), seq)
        page = await lists.list_archived(session, lists.Wanted([own.module]), after=after, limit=listing.limit)
        counts = await lists.count_archived(session, own.module)
        by_database: dict[str, dict[str, Any]] = {}
        for row in page.rows:
            found = by_database.setdefault(
                row["database_id"],
                {
                    "database_id": row["database_id"],
                    "database_name": row["database_name"],
                    "count": counts[row["database_id"]],
                    "records": [],
                },
            )
            found["records"].append(row)
        body = {"total": sum(counts.values()), "by_database": list(by_database.values())}
        return rows_response(body, paging_headers(request, page))

    @router.post("/admin/archived-invalid/{record_id}/restore", name=f"{policy.module}_restore_archived")
    async def restore(own: Annotated[Policy, managing], session: Writer, record_id: str) -> KeptRestored:
        """Bring one archived record back to the pool; its reservation is looked at again."""
        return KeptRestored.model_validate({"success": True, **await process.restore_one(session, own, record_id)})

    @router.delete("/admin/archived-invalid/{record_id}", name=f"{policy.module}_discard_archived")
    async def discard(own: Annotated[Policy, managing], session: Writer, record_id: str) -> KeptDiscarded:
        """Move one archived record to the trash."""
        return KeptDiscarded.model_validate({"success": True, **await process.discard(session, own, record_id)})


kept_routers = [notices, *(kept_router_of(policy) for policy in all_policies() if policy.has_kept_paths)]
