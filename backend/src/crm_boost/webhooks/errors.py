"""Refusals about webhooks."""

from crm_boost.kit.errors import Conflict


class WebhookOff(Conflict):
    """Nothing is sent to a webhook that is off."""

    code = "webhook_off"
    title = "This webhook is off"


class TooManyWebhooks(Conflict):
    code = "too_many_webhooks"
    title = "Too many webhooks"
