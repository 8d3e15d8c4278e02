"""The addresses existing clients call for one module (spec 7.7, 7.9), made from the policies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from crm_boost.assignments.dependencies import in_module
from crm_boost.assignments.policies import all_policies
from crm_boost.assignments.policies.base import Policy
from crm_boost.db.session import Reader, Writer
from crm_boost.health import module_view
from crm_boost.health.endpoints import Transactions
from crm_boost.identity.permissions import Permission
from crm_boost.web.lists import rows_response


def kept_router_of(policy: Policy) -> APIRouter:
    """Return the kept health routes of one module."""
    router = APIRouter(prefix=f"/{policy.module}/admin", tags=[f"kept {policy.module}"])
    own = Annotated[Policy, Depends(in_module(Permission.HEALTH_MANAGE, policy.module))]

    @router.get("/data-health", name=f"{policy.module}_data_health")
    async def data_health(module: own, session: Reader) -> Response:
        """What is at fault in each database of the module."""
        return rows_response(await module_view.data_health(session, module))

    @router.post("/repair-data", name=f"{policy.module}_repair_data")
    async def repair_data(module: own, database: Transactions) -> Response:
        """Repair everything in the module that needs no decision; each repair can be undone."""
        return rows_response(await module_view.repair_data(database, module))

    @router.get("/diagnose-product-mismatch", name=f"{policy.module}_diagnose_product")
    async def diagnose_product(module: own, session: Reader) -> Response:
        """Records of another product than their database."""
        return rows_response(await module_view.diagnose_product(session, module))

    @router.post("/repair-product-mismatch", name=f"{policy.module}_repair_product")
    async def repair_product(module: own, database: Transactions) -> Response:
        """Give those records the product of their database."""
        return rows_response(await module_view.repair_product(database, module))

    @router.get("/diagnose-reserved-conflicts", name=f"{policy.module}_diagnose_conflicts")
    async def diagnose_conflicts(module: own, session: Reader) -> Response:
        """What somebody holds while its customers are somebody else's."""
        return rows_response(await module_view.diagnose_conflicts(session, module))

    @router.post("/fix-reserved-conflicts", name=f"{policy.module}_fix_conflicts")
    async def fix_conflicts(module: own, session: Writer) -> Response:
        """Give those records to the owners of their customers."""
        return rows_response(await module_view.fix_conflicts(session, module))

    @router.post("/sync-reserved-status", name=f"{policy.module}_sync_reserved")
    async def sync_reserved(module: own, database: Transactions) -> Response:
        """Let the states of free records agree with the reservations."""
        return rows_response(await module_view.sync_reserved(database, module))

    return router


kept_routers = [kept_router_of(policy) for policy in all_policies() if policy.has_kept_paths]
