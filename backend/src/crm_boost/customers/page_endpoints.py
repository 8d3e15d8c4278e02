"""Route of the customer page."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from crm_boost.access.dependencies import OPENS_CUSTOMER
from crm_boost.customers.customer_page import customer
from crm_boost.customers.dependencies import Reading
from crm_boost.customers.schemas import TimelineEntry
from crm_boost.databases.schemas import DealtRecordOut
from crm_boost.db.session import Reader
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.web.lists import rows_response

router = APIRouter(tags=["customers"])

PageReader = Annotated[Principal, Depends(allow(Permission.CONTACTS_WORK, Page.CUSTOMERS))]


class CustomerRecord(DealtRecordOut):
    product_id: str
    product_name: str


class ReservationOut(BaseModel):
    """Of other people's reservations staff learn only that there is one."""

    state: Literal["yours", "taken", "none"]
    staff_name: str | None = None


class CustomerOut(BaseModel):
    """A customer with every record the caller may see, the newest first, and what happened to these, oldest first."""

    customer_key: str
    display_name: str
    phones: list[str]
    records: list[CustomerRecord]
    reservation: ReservationOut
    timeline: list[TimelineEntry]


@router.get("/customers/{key:path}", response_model=CustomerOut, dependencies=[OPENS_CUSTOMER])
async def get_customer(
    principal: PageReader, reach: Reading, session: Reader, key: Annotated[str, Path(min_length=1, max_length=500)]
) -> Response:
    """Everything about one customer; 404 where the caller may see nothing of them."""
    return rows_response(await customer(session, principal, key, reach))
