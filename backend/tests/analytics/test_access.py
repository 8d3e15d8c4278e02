"""Who may see charts: admins, unless the page is closed to them; and what a wrong question is told."""

from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from tests.support.factories import make_user

CHARTS = (
    "business",
    "staff-ndp-rdp-daily",
    "revenue-heatmap",
    "product-performance",
    "customer-value-comparison",
    "deposit-trends",
    "staff-performance",
    "staff-conversion-funnel",
    "deposit-lifecycle",
    "response-time-by-staff",
    "followup-effectiveness",
)
WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"period": "fortnight"}, "period"),
    ({"period": "custom"}, "custom_start"),
    ({"period": "custom", "custom_start": "2025-03-02", "custom_end": "2025-03-01"}, "custom_end"),
    ({"period": "custom", "custom_start": "2020-01-01", "custom_end": "2025-03-01"}, "custom_end"),
    ({"period": "custom", "custom_start": "March", "custom_end": "2025-03-01"}, "custom_start"),
)


async def test_only_admins_see_charts(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin, owner = [await make_user(database, role) for role in ("staff", "admin", "master_admin")]
    blocked = await make_user(database, "admin", blocked_pages=["analytics"])
    for chart in CHARTS:
        path = f"/api/analytics/{chart}"
        assert (await client.get(path)).status_code == 401, chart
        assert (await client.get(path, headers=staff.auth)).status_code == 403, chart
        assert (await client.get(path, headers=blocked.auth)).status_code == 403, chart
        answers = [await client.get(path, headers=who.auth, params={"compare": "true"}) for who in (admin, owner)]
        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
        assert answers[0].json() == answers[1].json()
        unknown = await client.get(path, headers=admin.auth, params={"staff_id": "nobody", "product_id": "nothing"})
        assert unknown.status_code == 200


@pytest.mark.parametrize(("params", "field"), WRONG)
async def test_wrong_questions_name_the_field(
    client: httpx.AsyncClient, database: Database, params: dict[str, Any], field: str
) -> None:
    admin = await make_user(database, "admin")
    for chart in CHARTS:
        answer = await client.get(f"/api/analytics/{chart}", headers=admin.auth, params=params)
        assert answer.status_code == 422, (chart, answer.text)
        assert field in {error["field"].rpartition(".")[2] for error in answer.json()["errors"]}, answer.text
