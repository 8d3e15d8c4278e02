"""Deposits from a file, over HTTP: read, report, book all or nothing, take back (spec 2.2, 4.2)."""

import asyncio
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlalchemy import event

from crm_boost.db.engine import Database
from crm_boost.deposits import importing
from crm_boost.uploads import deposit_work, endings
from crm_boost.uploads.deposit_work import MOST_ROWS
from crm_boost.uploads.runner import ImportRunner
from tests.deposits.checks import assert_sound
from tests.deposits.desk import booked, done, rows, summary, types
from tests.support.factories import make_product, make_user
from tests.uploads.deposit_desk import HEADER, PARTS, PATH, DepositDesk, csv_file


@pytest.fixture
async def desk(app: FastAPI, client: httpx.AsyncClient, database: Database) -> DepositDesk:
    admin = await make_user(database, "admin", name="Ratna")
    ana, budi = await make_user(database, name="Ana"), await make_user(database, name="Budi")
    alpha, beta = await make_product(database, "Alpha"), await make_product(database, "Beta")
    return DepositDesk(app, client, admin, ana, budi, alpha, beta)


async def reserved(desk: DepositDesk, customer: str, owner: Any, product_id: str) -> str:
    body = {"customer_id": customer, "product_id": product_id, "staff_id": owner.id}
    answer = await desk.client.post("/api/reserved-members", json=body, headers=desk.admin.auth)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_file_of_every_kind_of_row(desk: DepositDesk, database: Database) -> None:
    """One row of each kind: the report says before what the result says after, and each row is in one place."""
    await reserved(desk, "taken", desk.budi, desk.alpha)
    await booked(desk.client, desk.ana, desk.alpha, "twin", "2025-02-05", 70_000)
    file = [
        ["2025-02-03", "new", "Alpha", "100000", "Ana"],
        ["03/02/2025", "NEW ", "beta", "Rp 1.500.000", desk.ana.email],
        ["45691", "007", "Alpha", "250,000.50", desk.budi.id],
        ["2025-02-04", "taken", "Alpha", "50000", "ana"],
        ["2025-02-05", "Twin", "alpha", "70.000", "Ana"],
        ["2025-02-03", "new", "Alpha", "100000", "Ana"],
        ["31/02/2025", "x", "Gamma", "0", "Nobody"],
        ["", "", "", "", ""],
        ["2999-01-01", "", "", "-5", ""],
    ]
    item = await desk.uploaded(csv_file(file))
    assert item["mapping"] == {
        "date": 0, "customer": 1, "name": None, "product": 2, "amount": 3, "multiplier": None, "note": None, "staff": 4,
        "product_id": None, "staff_id": None, "date_order": "dmy",
    }  # fmt: skip
    report = item["report"]
    assert [report[part] for part in PARTS] == [3, 1, 2, 2, 1]
    assert report["rows_total"] == sum(report[part] for part in PARTS) == 9
    assert report["rejected_reasons"] == [
        {"reason": "bad_day", "field": "date", "count": 1},
        {"reason": "future_day", "field": "date", "count": 1},
    ]
    assert report["reserved_by"] == [{"staff_id": desk.budi.id, "staff_name": "Budi", "count": 1}]
    assert (report["duplicates_pending"], report["same_file"]) == (0, None)
    assert len(await rows(desk.client, desk.admin)) == 1

    finished = await desk.committed(item["id"])
    assert (finished["state"], finished["can_undo"]) == ("done", True)
    assert [finished["result"][part] for part in PARTS] == [3, 1, 2, 2, 1]
    assert await types(desk.client, desk.admin) == [
        ("2025-02-03", "007", "NDP"), ("2025-02-03", "new", "NDP"), ("2025-02-03", "new", "NDP"),
        ("2025-02-05", "twin", "NDP"),
    ]  # fmt: skip
    (waiting,) = await rows(desk.client, desk.admin, status="pending")
    assert (waiting["customer_id"], waiting["conflict_info"]["reserved_by_staff_name"]) == ("taken", "Budi")
    (seven,) = await rows(desk.client, desk.admin, q="007")
    assert (seven["customer_id"], seven["nominal"], seven["staff_name"], seven["record_date"]) == (
        "007", 250_000.5, "Budi", "2025-02-03",
    )  # fmt: skip
    detail = await done(desk.client, desk.admin, "GET", f"/{seven['id']}")
    (entered,) = detail["events"]
    assert (entered["kind"], entered["reason"], entered["detail"]) == (
        "book", "june.csv", {"import_id": item["id"], "row": 3},
    )  # fmt: skip
    left = await desk.rejected_rows(item["id"])
    assert [(row[1], row[5]) for row in left] == [("Twin", "5"), ("new", "6"), ("x", "7"), ("", "8"), ("", "9")]
    assert left[0][6] == "A deposit of the same staff, customer, product, day and amount exists already."
    assert "Date: this is not a day." in left[2][6] and "Staff: there is nobody" in left[2][6]
    assert all(word in left[4][6] for word in ("Date:", "Customer:", "Product:", "Amount:", "Staff:"))
    assert await assert_sound(database) == 4


async def test_the_same_file_twice_is_recognised_before_anything_is_written(desk: DepositDesk) -> None:
    file = [["2025-02-03", f"c{number}", "Alpha", "1000", "Ana"] for number in range(5)]
    first = await desk.booked(file)
    before = await desk.counts()
    again = await desk.uploaded(csv_file(file))
    same = again["report"]["same_file"]
    assert (same["import_id"], same["imported_by_name"]) == (first["id"], "Ratna")
    assert [again["report"][part] for part in PARTS] == [0, 0, 5, 0, 0]
    assert await desk.counts() == before
    done_again = await desk.committed(again["id"])
    assert [done_again["result"][part] for part in PARTS] == [0, 0, 5, 0, 0]
    assert (await desk.counts())[:4] == before[:4]


async def test_possible_duplicates_can_be_booked_and_are_flagged(desk: DepositDesk) -> None:
    one = ["2025-02-03", "c", "Alpha", "1000", "Ana"]
    finished = await desk.booked([one, one], duplicates="import")
    assert [finished["result"][part] for part in PARTS] == [2, 0, 0, 0, 0]
    assert sorted(row["possible_duplicate"] for row in await rows(desk.client, desk.admin)) == [False, True]


async def test_classes_follow_for_what_was_there_before(desk: DepositDesk, database: Database) -> None:
    """Spec 4.3, example 1 and 7, with the earlier day and the supplementary one coming from a file."""
    await booked(desk.client, desk.ana, desk.alpha, "c", "2025-02-09")
    header = [*HEADER, "Keterangan", "Kelipatan"]
    file = [
        ["2025-02-07", "C", "Alpha", "1000", "Ana", "", "2"],
        ["2025-02-07", "c", "Alpha", "500", "Ana", "Depo TAMBAHAN", ""],
    ]
    item = await desk.uploaded(csv_file(file, header))
    assert (item["mapping"]["note"], item["mapping"]["multiplier"]) == (5, 6)
    await desk.committed(item["id"])
    assert await types(desk.client, desk.admin) == [
        ("2025-02-07", "c", "NDP"), ("2025-02-07", "c", "RDP"), ("2025-02-09", "c", "RDP"),
    ]  # fmt: skip
    total = (await summary(desk.client, desk.admin))["total"]
    assert (total["total_ndp"], total["total_rdp"], total["total_depo"]) == (1, 2, 102_500)
    assert await assert_sound(database) == 3


async def test_one_product_and_one_staff_for_the_whole_file(desk: DepositDesk) -> None:
    header = ["Tgl", "Username", "Jumlah"]
    item = await desk.uploaded(csv_file([["2025-02-03", "c", "1000"]], header))
    assert [item["report"][part] for part in PARTS] == [0, 0, 0, 1, 0]
    answer = await desk.call("POST", f"/{item['id']}/commit", json={})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"mapping.product", "mapping.staff"}
    item = await desk.mapped(item, product_id=desk.beta, staff_id=desk.budi.id)
    assert [item["report"][part] for part in PARTS] == [1, 0, 0, 0, 0]
    await desk.committed(item["id"])
    (row,) = await rows(desk.client, desk.admin)
    assert (row["product_name"], row["staff_name"]) == ("Beta", "Budi")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"date": 9}, "mapping.date"),
        ({"customer": 0}, "mapping.customer"),
        ({"product_id": "none"}, "mapping.product_id"),
        ({"staff_id": "none"}, "mapping.staff_id"),
        ({"amount": -1}, "mapping.amount"),
        ({"date_order": "ymd"}, "mapping.date_order"),
    ],
)
async def test_a_mapping_that_cannot_be_is_refused_by_name(
    desk: DepositDesk, changes: dict[str, Any], field: str
) -> None:
    item = await desk.uploaded(csv_file([["2025-02-03", "c", "Alpha", "1000", "Ana"]]))
    answer = await desk.call("PATCH", f"/{item['id']}", json={"mapping": {**item["mapping"], **changes}})
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert (await desk.get(item["id"]))["state"] == "ready"


async def test_dates_of_a_workbook(desk: DepositDesk, tmp_path: Any) -> None:
    """A date cell, a serial number, and American dates that show their order by a figure above 12."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Date", "Customer", "Amount"], ["02/03/2025", "0012", 1_500_000], ["02/14/2025", "b", 20]):
        sheet.append(row)
    sheet["B2"].data_type = "s"
    sheet.append([45691, "c", 30])
    book.save(tmp_path / "book.xlsx")
    item = await desk.uploaded((tmp_path / "book.xlsx").read_bytes(), "book.xlsx")
    assert item["mapping"]["date_order"] == "mdy"
    item = await desk.mapped(item, product_id=desk.alpha, staff_id=desk.ana.id)
    assert item["report"]["approved"] == 3, (item["report"], item["preview_rows"])
    await desk.committed(item["id"])
    found = {row["customer_id"]: (row["record_date"], row["nominal"]) for row in await rows(desk.client, desk.admin)}
    assert found == {
        "0012": ("2025-02-03", 1_500_000), "b": ("2025-02-14", 20), "c": ("2025-02-03", 30),
    }  # fmt: skip


async def test_what_changes_between_report_and_confirmation_counts(desk: DepositDesk) -> None:
    """Closed books, a retired product, somebody switched off, a reservation: as they are when the rows are booked."""
    file = [
        ["2025-01-31", "a", "Alpha", "1", "Ana"],
        ["2025-02-01", "b", "Beta", "1", "Ana"],
        ["2025-02-02", "c", "Alpha", "1", "Budi"],
        ["2025-02-03", "d", "Alpha", "1", "Ana"],
        ["2025-02-04", "e", "Alpha", "1", "Ana"],
    ]
    item = await desk.uploaded(csv_file(file))
    assert item["report"]["approved"] == 5
    await done(desk.client, desk.admin, "PUT", "/settings", {"ledger_closed_until": "2025-01-31"})
    await reserved(desk, "d", desk.budi, desk.alpha)
    for path in (f"/api/products/{desk.beta}", f"/api/users/{desk.budi.id}"):
        answer = await desk.client.patch(path, json={"is_active": False}, headers=desk.admin.auth)
        assert answer.status_code == 200, answer.text
    finished = await desk.committed(item["id"])
    assert [finished["result"][part] for part in PARTS] == [1, 1, 0, 3, 0]
    reasons = [row[-1] for row in await desk.rejected_rows(item["id"])]
    assert reasons == [
        "Date: the books of this day are closed.",
        "Product: it is retired.",
        "Staff: this person's account is switched off.",
    ]


async def test_reservations_follow_a_file(desk: DepositDesk) -> None:
    """The last deposit of an owner's reservation moves with the file, back with its undo; an ended one comes back."""

    async def last(reservation_id: str) -> tuple[str, str | None]:
        answer = await desk.client.get(f"/api/reserved-members/{reservation_id}", headers=desk.admin.auth)
        found = answer.json()
        return found["status"], found.get("last_omset_date")

    mine = await reserved(desk, "mine", desk.ana, desk.alpha)
    ended = await reserved(desk, "ended", desk.ana, desk.alpha)
    released = await desk.client.delete(f"/api/reserved-members/{ended}", headers=desk.admin.auth)
    assert released.status_code == 200, released.text
    finished = await desk.booked(
        [
            ["2025-02-03", "mine", "Alpha", "1", "Ana"],
            ["2025-02-08", "MINE", "Alpha", "2", "Ana"],
            ["2025-02-04", "ended", "Alpha", "1", "Ana"],
        ]
    )
    assert await last(mine) == ("approved", "2025-02-08")
    assert await last(ended) == ("approved", "2025-02-04")
    undone = await desk.call("POST", f"/{finished['id']}/undo")
    assert undone.json()["state"] == "undone", undone.text
    assert await last(mine) == ("approved", None)


async def test_undo_puts_all_of_it_into_the_trash(desk: DepositDesk, database: Database) -> None:
    await booked(desk.client, desk.ana, desk.alpha, "a", "2025-02-09")
    await reserved(desk, "w", desk.budi, desk.alpha)
    finished = await desk.booked([["2025-02-07", "a", "Alpha", "1", "Ana"], ["2025-02-07", "w", "Alpha", "1", "Ana"]])
    assert await types(desk.client, desk.admin) == [("2025-02-07", "a", "NDP"), ("2025-02-09", "a", "RDP")]
    undone = (await desk.call("POST", f"/{finished['id']}/undo")).json()
    assert (undone["state"], undone["can_undo"]) == ("undone", False)
    assert await types(desk.client, desk.admin) == [("2025-02-09", "a", "NDP")]
    trash = await done(desk.client, desk.admin, "GET", "/trash")
    assert trash["count"] == 2
    assert await assert_sound(database) == 1
    assert (await desk.call("POST", f"/{finished['id']}/undo")).status_code == 409
    # What was taken back can be imported again, and comes back from the trash like anything else.
    again = await desk.uploaded(csv_file([["2025-02-07", "a", "Alpha", "1", "Ana"]]))
    assert again["report"]["approved"] == 1
    await done(desk.client, desk.admin, "POST", f"/restore/{trash['records'][0]['id']}")
    await assert_sound(database)


async def test_undo_is_refused_where_somebody_has_touched_it(desk: DepositDesk) -> None:
    file = [["2025-02-07", "a", "Alpha", "1", "Ana"], ["2025-02-07", "b", "Alpha", "1", "Ana"]]
    finished = await desk.booked(file)
    row = (await rows(desk.client, desk.ana))[0]
    await done(desk.client, desk.ana, "PUT", f"/{row['id']}", {"keterangan": "corrected"})
    refused = await desk.call("POST", f"/{finished['id']}/undo")
    assert (refused.status_code, refused.json()["code"], refused.json()["changed"]) == (409, "import_touched", 1)
    assert len(await rows(desk.client, desk.admin)) == 2


async def test_undo_is_refused_in_a_closed_period_and_after_its_time(desk: DepositDesk) -> None:
    finished = await desk.booked([["2025-02-07", "a", "Alpha", "1", "Ana"]])
    await done(desk.client, desk.admin, "PUT", "/settings", {"ledger_closed_until": "2025-02-07"})
    closed = await desk.call("POST", f"/{finished['id']}/undo")
    assert (closed.status_code, closed.json()["code"]) == (409, "period_closed")
    await done(desk.client, desk.admin, "PUT", "/settings", {"ledger_closed_until": None})
    desk.app.state.settings.imports.undo_hours = 0
    assert (await desk.get(finished["id"]))["can_undo"] is False
    late = await desk.call("POST", f"/{finished['id']}/undo")
    assert (late.status_code, late.json()["code"]) == (409, "undo_not_possible")
    assert len(await rows(desk.client, desk.admin)) == 1


async def test_bad_files_and_too_many_rows_book_nothing(desk: DepositDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await desk.post_file(b"", "empty.csv")).status_code == 422
    assert (await desk.post_file(b"%PDF-1.7 x", "a.csv")).status_code == 422
    assert MOST_ROWS >= 10_000
    monkeypatch.setattr(deposit_work, "MOST_ROWS", 2)
    item = await desk.uploaded(csv_file([["2025-02-03", f"c{i}", "Alpha", "1", "Ana"] for i in range(3)]))
    assert (item["state"], item["error"]["code"]) == ("failed", "too_many_rows")
    assert await desk.counts() == (0, 0, 0, 0, 0)


# --- who may ---------------------------------------------------------------------------------------------------------


async def test_admins_only(desk: DepositDesk) -> None:
    item = await desk.uploaded(csv_file([["2025-02-03", "c", "Alpha", "1", "Ana"]]))
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "", {"files": {"file": ("a.csv", b"a,b\n")}}),
        ("GET", "", {}),
        ("GET", f"/{item['id']}", {}),
        ("PATCH", f"/{item['id']}", {"json": {}}),
        ("POST", f"/{item['id']}/commit", {"json": {}}),
        ("POST", f"/{item['id']}/cancel", {}),
        ("POST", f"/{item['id']}/undo", {}),
        ("GET", f"/{item['id']}/rejected", {}),
    ]
    for method, path, content in calls:
        anonymous = await desk.client.request(method, f"{PATH}{path}", **content)
        assert anonymous.status_code == 401, (method, path)
        assert (await desk.call(method, path, desk.ana, **content)).status_code == 403, (method, path)
        if item["id"] in path:
            unknown = path.replace(item["id"], "0" * 32)
            assert (await desk.call(method, unknown, **content)).status_code == 404, (method, path)
    assert (await desk.get(item["id"]))["state"] == "ready"


async def test_the_two_kinds_of_imports_do_not_meet(desk: DepositDesk) -> None:
    """An import of deposits is none of records: it is in no list of a module, and its address there does not exist."""
    item = await desk.uploaded(csv_file([["2025-02-03", "c", "Alpha", "1", "Ana"]]))
    assert (await desk.client.get("/api/imports", headers=desk.admin.auth)).json() == []
    assert (await desk.client.get(f"/api/imports/{item['id']}", headers=desk.admin.auth)).status_code == 404
    (listed,) = (await desk.call("GET")).json()
    assert (listed["id"], listed["preview_rows"], listed["state"]) == (item["id"], [], "ready")
    assert item["preview_rows"] == [["2025-02-03", "c", "Alpha", "1", "Ana"]]


# --- all of it or nothing --------------------------------------------------------------------------------------------


async def test_the_statements_follow_chunks_not_rows(desk: DepositDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 300)

    async def cost(count: int, first: int) -> int:
        item = await desk.uploaded(
            csv_file([["2025-02-03", f"c{first + i}", "Alpha", "1", "Ana"] for i in range(count)])
        )
        statements = 0

        def count_statement(*_: Any) -> None:
            nonlocal statements
            statements += 1

        engine = desk.database.engines[0].sync_engine
        event.listen(engine, "before_cursor_execute", count_statement)
        try:
            assert (await desk.committed(item["id"]))["result"]["approved"] == count
        finally:
            event.remove(engine, "before_cursor_execute", count_statement)
        return statements

    few, many = await cost(5, 0), await cost(300, 100)
    # A heartbeat or two may come between.
    assert many <= few + 4


def hang_when_booked(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Stop the work when every row is written and none is committed; the event says that it stands there."""
    reached, original = asyncio.Event(), importing.book_all

    async def hanging(*arguments: Any, **more: Any) -> Any:
        await original(*arguments, **more)
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(importing, "book_all", hanging)
    return reached


async def test_cancel_while_rows_are_booked_leaves_nothing(desk: DepositDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite the work holds the only writer: it has to end without anything being written first."""
    reached = hang_when_booked(monkeypatch)
    item = await desk.uploaded(csv_file([["2025-02-03", f"c{i}", "Alpha", "1", "Ana"] for i in range(40)]))
    await desk.call("POST", f"/{item['id']}/commit", json={})
    await reached.wait()
    working = await desk.get(item["id"])
    assert (working["state"], working["progress"]["phase"]) == ("importing", "storing")
    assert (working["progress"]["rows_done"], working["progress"]["rows_total"]) == (40, 40)
    assert await rows(desk.client, desk.admin) == []
    cancelled = await desk.call("POST", f"/{item['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled", cancelled.text
    assert await desk.counts() == (0, 0, 0, 0, 0)
    assert (await desk.call("POST", f"/{item['id']}/cancel")).status_code == 409


async def test_a_process_that_ends_while_it_books_leaves_nothing(
    desk: DepositDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next process says what happened, has nothing to clean up, and can take the file up again."""
    reached = hang_when_booked(monkeypatch)
    item = await desk.uploaded(csv_file([["2025-02-03", f"c{i}", "Alpha", "1", "Ana"] for i in range(40)]))
    await desk.call("POST", f"/{item['id']}/commit", json={})
    await reached.wait()
    await desk.runner.stop()
    monkeypatch.undo()
    assert await desk.counts() == (0, 0, 0, 0, 0)
    assert (await desk.get(item["id"]))["state"] == "importing"
    desk.app.state.imports = ImportRunner(desk.database, desk.app.state.settings)
    await desk.runner.start()
    failed = await desk.get(item["id"])
    assert (failed["state"], failed["error"]["code"], failed["can_undo"]) == ("failed", "interrupted", False)
    assert (await desk.call("PATCH", f"/{item['id']}", json={})).status_code == 202
    assert (await desk.settled(item["id"]))["report"]["approved"] == 40
    assert (await desk.committed(item["id"]))["result"]["approved"] == 40


async def test_an_error_in_the_middle_leaves_nothing(desk: DepositDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(endings, "finish_booking", broken)
    item = await desk.uploaded(csv_file([["2025-02-03", "c", "Alpha", "1", "Ana"]]))
    failed = await desk.committed(item["id"])
    assert (failed["state"], failed["error"]["code"]) == ("failed", "internal")
    assert await desk.counts() == (0, 0, 0, 0, 0)
    monkeypatch.undo()
    # It can be taken up again.
    answer = await desk.call("PATCH", f"/{item['id']}", json={})
    assert answer.status_code == 202
    await desk.settled(item["id"])
    assert (await desk.committed(item["id"]))["result"]["approved"] == 1


async def test_a_file_and_staff_book_the_same_customers_at_once(desk: DepositDesk, database: Database) -> None:
    """Both write the same customers, days and roll-ups; whoever comes first, everything adds up."""
    file = [["2025-02-07", f"c{i % 10}", "Alpha", str(100 + i), "Ana"] for i in range(40)]
    item = await desk.uploaded(csv_file(file))

    async def staff(number: int) -> None:
        for day in ("2025-02-06", "2025-02-08"):
            await booked(desk.client, desk.ana, desk.alpha, f"c{number}", day, 5)

    await asyncio.gather(desk.committed(item["id"]), *(staff(number) for number in range(10)))
    found = await types(desk.client, desk.admin)
    assert len(found) == 60
    assert {kind for day, _, kind in found if day == "2025-02-06"} == {"NDP"}
    assert {kind for day, _, kind in found if day != "2025-02-06"} == {"RDP"}
    assert await assert_sound(database) == 60


async def test_two_files_with_the_same_customers_at_once(desk: DepositDesk, database: Database) -> None:
    files = [
        [["2025-02-07", f"c{i}", "Alpha", str(100 + n), "Ana"] for i in (range(20) if n else range(19, -1, -1))]
        for n in range(2)
    ]
    items = [await desk.uploaded(csv_file(file)) for file in files]
    ended = await asyncio.gather(*(desk.committed(item["id"]) for item in items))
    assert [item["result"]["approved"] for item in ended] == [20, 20]
    assert await assert_sound(database) == 40
