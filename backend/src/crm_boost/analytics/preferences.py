"""How each person arranges their charts (spec 5.3)."""

from typing import Any

from crm_boost.analytics import preference_repository as repository
from crm_boost.analytics.registry import METRICS
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import InvalidInput

_NAME = "widget-layout"


async def layout(session: ReadSession, user_id: str) -> dict[str, list[str]]:
    """Return the order of all charts and which are hidden; charts that are newer than the arrangement come last."""
    return _complete(await repository.find(session, user_id, _NAME) or {})


async def arrange(
    session: WriteSession, user_id: str, widget_order: list[str], hidden: list[str]
) -> dict[str, list[str]]:
    """Store an arrangement of known charts, each named once."""
    for field, slugs in (("widget_order", widget_order), ("hidden", hidden)):
        for slug in slugs:
            if slug not in METRICS:
                raise InvalidInput.of(field, "There is no such chart.", "unknown_chart")
        if len(set(slugs)) < len(slugs):
            raise InvalidInput.of(field, "A chart is named twice.", "chart_named_twice")
    value = {"widget_order": widget_order, "hidden": hidden}
    await repository.put(session, user_id, _NAME, value, utc_now())
    return _complete(value)


def _complete(stored: dict[str, Any]) -> dict[str, list[str]]:
    order = [slug for slug in stored.get("widget_order", []) if slug in METRICS]
    hidden = [slug for slug in stored.get("hidden", []) if slug in METRICS]
    return {"widget_order": order + [slug for slug in METRICS if slug not in order], "hidden": hidden}
