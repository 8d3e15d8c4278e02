"""Staff never see what is not theirs (spec 2.3): every address that can be read is asked, with every id there is."""

import itertools
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from crm_boost.assignments.policies import all_policies
from crm_boost.db.engine import Database
from tests.assignments import support
from tests.requests.desk import asked
from tests.support.factories import make_database, make_user, records_of

STREAMS = {"/api/stream"}
SECRET = "hidden"
"""What every customer of others is called, and nothing else."""

QUERIES: tuple[dict[str, str], ...] = ({}, {"q": SECRET}, {"q": "0812000"}, {"status": "available"})


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_no_address_shows_staff_a_record_that_is_not_theirs(
    app: FastAPI, database: Database, client: httpx.AsyncClient
) -> None:
    staff, other = await make_user(database), await make_user(database)
    ids: dict[str, list[str]] = {"module": [policy.module for policy in all_policies()], "": []}
    for policy in all_policies():
        theirs = await make_database(database, 12, module=policy.module, prefix=SECRET, name="A list")
        mine = await make_database(
            database, 2, module=policy.module, prefix="mine", name="B list", product_id=theirs.product_id
        )
        await support.pick(database, theirs, other, theirs.record_ids[:3])
        await support.pick(database, mine, staff, mine.record_ids)
        if policy.takes_requests:
            # Held for him, and not his yet.
            ids[""].append((await asked(client, staff, theirs, 4))["id"])
            ids[""].append((await asked(client, other, theirs, 2))["id"])
        records = [*(await records_of(database, theirs)).values(), *(await records_of(database, mine)).values()]
        batches = {record.batch_id for record in records if record.batch_id}
        keys = [records[0].customer_key, records[5].customer_key]
        ids[""] += [theirs.id, mine.id, theirs.product_id, records[0].id, records[5].id, *batches, *keys]
    ids[""] += [staff.id, other.id]

    document: dict[str, Any] = app.openapi()
    answered: dict[int, int] = {}
    for path, methods in document["paths"].items():
        if "get" not in methods or path in STREAMS:
            continue
        names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
        needed = {
            parameter["name"]: SECRET
            for parameter in methods["get"].get("parameters", ())
            if parameter["in"] == "query" and parameter.get("required")
        }
        for values in itertools.product(*(ids.get(name, ids[""]) for name in names)):
            address = path.format(**dict(zip(names, values, strict=True)))
            for query in QUERIES:
                response = await client.get(address, params={**needed, **query}, headers=staff.auth)
                answered[response.status_code] = answered.get(response.status_code, 0) + 1
                assert response.status_code < 500, (address, query)
                # What was asked is echoed in refusals and in addresses of next pages; it is no news.
                text = response.text if response.status_code == 200 else ""
                assert SECRET not in text, (address, query, text[:500])
    assert answered[200] > 50
    assert answered[403] > 50
