"""Routes of webhooks: for those who may let other systems hear of the desk."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from crm_boost.db.session import Reader, Writer
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.web.lists import Listing, list_response
from crm_boost.webhooks import service
from crm_boost.webhooks.schemas import (
    DeliveryState,
    WebhookChange,
    WebhookCreate,
    WebhookCreated,
    WebhookDeliveryOut,
    WebhookOut,
    WebhookSecret,
)

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

Manager = Annotated[Principal, Depends(allow(Permission.WEBHOOKS_MANAGE, Page.SETTINGS))]


@router.get("", response_model_exclude_none=True)
async def list_webhooks(principal: Manager, session: Reader) -> list[WebhookOut]:
    """Every webhook, the oldest first; never a secret."""
    return [WebhookOut.model_validate(one) for one in await service.listed(session)]


@router.post("", status_code=201, response_model_exclude_none=True)
async def create_webhook(principal: Manager, session: Writer, request: Request, body: WebhookCreate) -> WebhookCreated:
    """Register an address. The secret is in this answer and nowhere else."""
    created = await service.create(session, request.app.state.settings, principal, body)
    return WebhookCreated.model_validate(created)


@router.patch("/{webhook_id}", response_model_exclude_none=True)
async def change_webhook(
    principal: Manager, session: Writer, request: Request, webhook_id: str, body: WebhookChange
) -> WebhookOut:
    """Change a webhook, switch it on or off."""
    changed = await service.change(session, request.app.state.settings, webhook_id, body)
    return WebhookOut.model_validate(changed)


@router.delete("/{webhook_id}", status_code=204)
async def remove_webhook(principal: Manager, session: Writer, webhook_id: str) -> None:
    """Remove a webhook; what waits for it is not sent."""
    await service.remove(session, webhook_id)


@router.post("/{webhook_id}/secret")
async def renew_webhook_secret(principal: Manager, session: Writer, request: Request, webhook_id: str) -> WebhookSecret:
    """Replace the secret; the old one holds no longer."""
    return WebhookSecret.model_validate(await service.renew_secret(session, request.app.state.settings, webhook_id))


@router.post("/{webhook_id}/ping", status_code=202, response_model_exclude_none=True)
async def ping_webhook(principal: Manager, session: Writer, webhook_id: str) -> WebhookDeliveryOut:
    """Send an event that says nothing, to try the way."""
    return WebhookDeliveryOut.model_validate(await service.ping(session, webhook_id))


@router.get("/{webhook_id}/deliveries", response_model=list[WebhookDeliveryOut])
async def list_webhook_deliveries(
    principal: Manager,
    session: Reader,
    request: Request,
    webhook_id: str,
    listing: Listing,
    state: DeliveryState | None = None,
) -> Response:
    """What was sent to a webhook within thirty days, the newest first."""
    page = await service.deliveries(session, webhook_id, state=state, cursor=listing.cursor, limit=listing.limit)
    return list_response(request, page)


@router.post("/{webhook_id}/deliveries/{delivery_id}/redeliver", status_code=202, response_model_exclude_none=True)
async def redeliver(principal: Manager, session: Writer, webhook_id: str, delivery_id: str) -> WebhookDeliveryOut:
    """Send the same event once more."""
    return WebhookDeliveryOut.model_validate(await service.redeliver(session, webhook_id, delivery_id))
