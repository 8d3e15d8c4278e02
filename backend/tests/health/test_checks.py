"""Each check fires on the damage it is for and on nothing else (spec 3.5)."""

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.health.catalog import all_checks
from crm_boost.health.checks import Severity
from crm_boost.health.service import score_of, status_of
from tests.health.desk import PLANTS, make_desk

_ALSO = {
    # The reservation that is over still keeps its customer, so the record is rightly kept back: nothing else fires.
    "duplicate_reservations": set[str](),
}

_PROVED_ELSEWHERE = {"jobs", "deposits", "follow_ups", "retention", "analytics"}
"""What is stored there is damaged and compared in the tests of these modules."""


@pytest.mark.pure
def test_every_check_has_its_damage() -> None:
    assert {check.name for check in all_checks()} >= set(PLANTS)
    assert set(PLANTS) >= {check.name for check in all_checks() if check.feature not in _PROVED_ELSEWHERE}


@pytest.mark.parametrize("name", PLANTS)
async def test_a_check_fires_on_its_damage_and_on_nothing_else(
    client: httpx.AsyncClient, database: Database, name: str
) -> None:
    desk = await make_desk(client, database)
    assert await desk.found() == {}, "a desk made through the product is clean"

    count = await PLANTS[name](desk)

    assert await desk.found() == {name: count}


@pytest.mark.pure
@pytest.mark.parametrize(
    ("severities", "score", "status"),
    [
        ([], 100, "healthy"),
        ([Severity.HIGH], 80, "healthy"),
        ([Severity.HIGH, Severity.LOW], 75, "warning"),
        ([Severity.HIGH, Severity.MEDIUM, Severity.MEDIUM, Severity.MEDIUM], 50, "warning"),
        ([Severity.HIGH, Severity.HIGH, Severity.MEDIUM, Severity.LOW], 45, "critical"),
        ([Severity.HIGH] * 6, 0, "critical"),
    ],
)
def test_the_score_of_findings(severities: list[Severity], score: int, status: str) -> None:
    assert (score_of(severities), status_of(score)) == (score, status)
