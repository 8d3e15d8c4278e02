"""The one-call uploads that existing clients use (spec 2.2, 2.7, 7.7)."""

import asyncio
from typing import Any

import pytest

from crm_boost.db.engine import Database
from tests.databases.imports.files import write_xls
from tests.support.factories import make_database, make_user, reserve_customer
from tests.uploads.conftest import PauseAt
from tests.uploads.desk import HEADER, Desk, csv_bytes, people

PATHS = [("/api/databases", "normal"), ("/api/memberwd/upload", "memberwd"), ("/api/bonanza/upload", "bonanza")]


async def post(desk: Desk, path: str, content: bytes, filename: str = "list one.csv", **fields: str) -> Any:
    data = {"product_id": desk.product_id, **fields}
    return await desk.client.post(path, files={"file": (filename, content)}, data=data)


@pytest.mark.parametrize(("path", "module"), PATHS)
async def test_answer(desk: Desk, path: str, module: str) -> None:
    answer = await post(desk, path, csv_bytes(people(4)), name="July", description="two\r\nlines")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["name"], body["product_id"], body["product_name"]) == ("July", desk.product_id, "Alpha")
    assert (body["total_records"], body["columns"], body["module"]) == (4, HEADER, module)
    assert "warning" not in body and "reserved_count" not in body
    item = await desk.get(body["import_id"])
    assert (item["state"], item["database_id"], item["can_undo"]) == ("done", body["id"], True)
    assert desk.files() == {f"{item['id']}/staging.db"}
    kept = (await desk.client.get("/api/databases" if module == "normal" else f"/api/{module}/databases")).json()
    assert [row["id"] for row in kept] == [body["id"]]


async def test_the_name_is_the_file_s_where_none_is_given(desk: Desk, tmp_path: Any) -> None:
    content = write_xls(tmp_path / "x.xls", [HEADER, *people(2)]).read_bytes()
    body = (await post(desk, "/api/bonanza/upload", content, "Old Book.XLS")).json()
    assert (body["name"], body["filename"], body["total_records"]) == ("Old Book", "Old Book.XLS", 2)


async def test_duplicates_are_stored_and_counted(desk: Desk, database: Database) -> None:
    stored = await make_database(database, 2, product_id=desk.product_id, prefix="sari")
    await reserve_customer(database, stored, "sari3", (await make_user(database)).id)
    content = csv_bytes([*people(4), ["SARI2", "twin", ""], ["", "no name", ""]])
    body = (await post(desk, "/api/memberwd/upload", content)).json()
    assert (body["total_records"], body["reserved_count"], body["excluded_count"]) == (5, 1, 1)
    assert body["warning"].startswith("3 ")
    result = body["result"]
    assert (result["stored"], result["duplicates"], result["rejected"]) == (5, 0, 1)


async def test_several_at_once(desk: Desk) -> None:
    answers = await asyncio.gather(
        *(post(desk, path, csv_bytes(people(20, prefix))) for (path, _), prefix in zip(PATHS, "abc", strict=True))
    )
    assert [answer.json()["total_records"] for answer in answers] == [20, 20, 20]
    assert await desk.counts() == (3, 60, 60)


async def test_cancelled_by_somebody_else(desk: Desk, pause_at: PauseAt) -> None:
    pause = pause_at("_store_rows")
    upload = asyncio.create_task(post(desk, "/api/databases", csv_bytes(people(3))))
    await pause.reached.wait()
    (item,) = (await desk.client.get("/api/imports")).json()
    assert (await desk.post(item["id"], "cancel")).json()["state"] == "cancelled"
    answer = await upload
    assert (answer.status_code, answer.json()["state"]) == (409, "cancelled")
    await desk.purged()
    assert await desk.counts() == (0, 0, 0) and desk.files() == set()


async def test_a_failure_inside_says_so_and_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_boost.uploads import work

    async def broken(*_arguments: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(work, "_store_rows", broken)
    answer = await post(desk, "/api/databases", csv_bytes(people(3)))
    assert (answer.status_code, answer.json()["code"]) == (500, "upload_failed")
    assert "disk" not in answer.text
    item = await desk.get(answer.json()["import_id"])
    assert (item["state"], item["error"]["code"]) == ("failed", "internal")
    await desk.purged()
    assert await desk.counts() == (0, 0, 0) and desk.files() == set()
    assert (await desk.client.patch(f"/api/imports/{item['id']}", json={"header_row": 1})).status_code == 409
