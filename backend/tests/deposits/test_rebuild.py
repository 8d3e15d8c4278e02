"""Recalculating finds nothing in a sound ledger, and mends a damaged one; what drift is, is found by itself too."""

import csv
import io

import httpx
import openpyxl
import pytest
from sqlalchemy import text

from crm_boost.db.engine import Database
from crm_boost.deposits import rebuild
from crm_boost.deposits import rebuild_repository as rebuilding
from crm_boost.health.service import look
from crm_boost.jobs.registry import JOBS
from tests.deposits.checks import assert_sound
from tests.deposits.desk import PATH, booked, done, rows, summary
from tests.reservations.desk import reserved
from tests.support.factories import make_product, make_user

DAMAGE = {
    "UPDATE omset_records SET customer_type = 'RDP' WHERE customer_type = 'NDP'": (2, 0, 0),
    "UPDATE omset_keys SET first_date = NULL": (0, 2, 0),
    "UPDATE omset_keys SET forms = forms + 1 WHERE forms > 0": (0, 2, 0),
    "DELETE FROM omset_keys WHERE forms > 0": (0, 2, 0),
    "INSERT INTO omset_keys SELECT staff_id, 'ghost', product_id, first_date, last_date, 1 FROM omset_keys "
    "WHERE customer_key = 'x'": (0, 1, 0),
    "UPDATE omset_daily SET ndp = ndp + 1": (0, 0, 3),
    "UPDATE omset_daily SET rdp_total = rdp_total - 1 WHERE rdp > 0": (0, 0, 1),
    "DELETE FROM omset_daily": (0, 0, 3),
    "INSERT INTO omset_daily SELECT '2024-01-01', staff_id, product_id, 1, 0, 1, 0, 5, 0, 5, 0 FROM omset_daily "
    "WHERE rdp > 0": (0, 0, 1),
    "UPDATE omset_staff_daily SET rdp_last = rdp_last + 1 WHERE rdp > 0": (0, 0, 1),
    "DELETE FROM omset_staff_daily WHERE ndp_fresh > 0": (0, 0, 2),
    "UPDATE omset_monthly SET customers_2 = customers_2 + 1, ndp_total = 0": (0, 0, 2),
}


@pytest.fixture
async def ledger(client: httpx.AsyncClient, database: Database) -> None:
    """Two keys, three roll-ups, and something that does not count."""
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    await reserved(client, admin, product, "w", other)
    for customer, day in (("x", "2025-02-01"), ("x", "2025-03-05"), ("y", "2025-02-02"), ("w", "2025-02-02")):
        await booked(client, staff, product, customer, day)


async def test_every_damage_is_found_counted_and_mended(
    ledger: None, client: httpx.AsyncClient, database: Database
) -> None:
    for number, (statement, expected) in enumerate(DAMAGE.items()):
        async with database.write() as session:
            await session.execute(text(statement.replace("'2024-01-01'", "DATE('2024-01-01')")))
        async with database.read() as session:
            drift = [
                (await rebuilding.drift_of(session, question())).count > 0
                for question in (rebuilding.wrong_classes, rebuilding.wrong_days)
            ]
        # Wrong classes make the days look wrong too.
        in_classes = expected[0] + expected[1] > 0
        assert drift == [in_classes, expected[0] + expected[2] > 0], statement
        if number % 4 == 0:
            async with database.read() as session:
                named = {finding.check.name for finding in await look(session) if finding.count}
            assert named == {
                name for name, is_wrong in zip(("deposit_classes", "deposit_rollups"), drift, strict=True) if is_wrong
            }
        report = await rebuild.recalculate(database)
        found = (report["types_changed"], report["keys_changed"], report["days_changed"])
        assert found == expected, statement
        assert report["updated_count"] == sum(expected)
        assert await assert_sound(database) == 3


async def test_a_sound_ledger_has_nothing_to_change(
    ledger: None, client: httpx.AsyncClient, database: Database
) -> None:
    admin = await make_user(database, "admin")
    before = await summary(client, admin)
    empty = await done(client, admin, "GET", "/migrate-normalize")
    assert (empty["updated_count"], empty["running"]) == (0, False)
    report = await done(client, admin, "POST", "/migrate-normalize")
    assert (report["updated_count"], report["keys_done"], report["keys_total"]) == (0, 2, 2)
    assert report["message"] == "Everything was right."
    assert report["started_by_name"] == admin.name
    assert await done(client, admin, "GET", "/migrate-normalize") == report
    assert await summary(client, admin) == before


async def test_files_have_what_the_screen_has(ledger: None, client: httpx.AsyncClient, database: Database) -> None:
    staff, admin, product = await make_user(database), await make_user(database, "admin"), await make_product(database)
    await booked(client, staff, product, "+62 1", "2025-04-01", 12.5, keterangan='@cmd|"x"', customer_name="-1+1")

    async def file(path: str, **params: str) -> bytes:
        answer = await client.get(f"{PATH}{path}", params=params, headers=admin.auth)
        assert answer.status_code == 200, answer.text
        assert f'.{params.get("format", "csv")}"' in answer.headers["content-disposition"]
        return answer.content

    found = list(csv.DictReader(io.StringIO((await file("/export")).decode("utf-8-sig"))))
    listed = await rows(client, admin, status="approved")
    assert [row["Date"] for row in found] == [row["record_date"] for row in listed]
    assert {row["Status"] for row in found} == {"approved"}
    assert (found[0]["Customer"], found[0]["Keterangan"], found[0]["Customer name"]) == (
        "'+62 1",
        '\'@cmd|"x"',
        "'-1+1",
    )
    assert float(found[0]["Depo total"]) == 12.5
    waiting = list(csv.DictReader(io.StringIO((await file("/export", status="pending")).decode("utf-8-sig"))))
    assert [row["Customer"] for row in waiting] == ["w"]
    book = openpyxl.load_workbook(io.BytesIO(await file("/export", format="xlsx", product_id=product)))
    head, line = list(book.active.iter_rows(values_only=True))
    named = dict(zip(head, line, strict=True))
    assert (named["Customer"], named["Nominal"], named["Keterangan"]) == ("+62 1", 12.5, '@cmd|"x"')
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    figures = list(csv.DictReader(io.StringIO((await file("/export-summary")).decode("utf-8-sig"))))
    total = (await summary(client, admin))["total"]
    assert sum(int(row["NDP"]) for row in figures) == total["total_ndp"]
    assert sum(float(row["Depo total"]) for row in figures) == total["total_depo"]
    own = await client.get(f"{PATH}/export", headers=staff.auth)
    assert own.text.count("\n") == 2
    assert (await client.get(f"{PATH}/export", params={"format": "exe"}, headers=admin.auth)).status_code == 422


async def test_the_job_of_the_night_mends_what_differs(ledger: None, database: Database) -> None:
    assert await JOBS["rollup_check"].run(database) == {"wrong_classes": 0, "wrong_days": 0, "corrected": 0}
    async with database.write() as session:
        await session.execute(text("UPDATE omset_daily SET ndp_total = 1 WHERE ndp > 0"))
    assert await JOBS["rollup_check"].run(database) == {"wrong_classes": 0, "wrong_days": 2, "corrected": 2}
    assert await assert_sound(database) == 3
