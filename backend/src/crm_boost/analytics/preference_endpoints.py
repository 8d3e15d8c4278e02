"""Routes of the list of metrics and of how a person arranges them (spec 5.3)."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from crm_boost.analytics import preferences
from crm_boost.analytics.dependencies import Analyst
from crm_boost.analytics.registry import METRICS
from crm_boost.db.session import Reader, Writer
from crm_boost.web.lists import rows_response

router = APIRouter(tags=["analytics"])

Slugs = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=100)]


class MetricDefinition(BaseModel):
    """A chart: its slug, the sentence that defines it, the answer and the part of it that it is read from, and what
    opens when a mark is clicked."""

    slug: str
    sentence: str
    chart: str
    part: str
    drill_downs: list[str]


class WidgetLayout(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"widget_order": ["staff-conversion-funnel", "deposit-trends"], "hidden": ["revenue-heatmap"]}]
        }
    )

    widget_order: Slugs = []
    hidden: Slugs = []


@router.get("/analytics/metrics", response_model=list[MetricDefinition])
async def metrics(_: Analyst) -> Response:
    """Every chart there is."""
    rows: list[dict[str, Any]] = [
        {
            "slug": metric.slug,
            "sentence": metric.sentence,
            "chart": metric.chart,
            "part": metric.part,
            "drill_downs": list(metric.drill_downs),
        }
        for metric in METRICS.values()
    ]
    return rows_response(rows)


@router.get("/user/preferences/widget-layout", response_model=WidgetLayout)
async def get_layout(principal: Analyst, session: Reader) -> Response:
    """How the caller has arranged the charts: every chart in its order, and those hidden."""
    return rows_response(await preferences.layout(session, principal.id))


@router.put("/user/preferences/widget-layout", response_model=WidgetLayout)
async def put_layout(principal: Analyst, session: Writer, body: WidgetLayout) -> Response:
    """Arrange the charts, for the caller alone."""
    return rows_response(await preferences.arrange(session, principal.id, body.widget_order, body.hidden))
