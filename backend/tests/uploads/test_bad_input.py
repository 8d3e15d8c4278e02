"""What cannot be imported: a clear answer that names the field, and nothing left behind (spec 2.2, 1.6)."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msoffcrypto
import pytest
from fastapi import FastAPI
from msoffcrypto.format.ooxml import OOXMLFile

from crm_boost.db.engine import Database
from crm_boost.settings import ImportSettings, Settings
from tests.databases.imports.files import SAMPLE, write_xlsx
from tests.support.factories import make_product
from tests.uploads.desk import Desk, csv_bytes, people

KEPT_PATHS = ("/api/databases", "/api/memberwd/upload", "/api/bonanza/upload")


def encrypted_workbook(folder: Path) -> bytes:
    assert msoffcrypto
    plain = write_xlsx(folder / "plain.xlsx", SAMPLE)
    out = io.BytesIO()
    with plain.open("rb") as file:
        OOXMLFile(file).encrypt("secret", out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return out.getvalue()


def bad_file(kind: str, folder: Path) -> tuple[bytes, str]:
    """Content and name of a file that is no table."""
    match kind:
        case "empty":
            return b"", "empty.csv"
        case "header only":
            return csv_bytes([]), "header.csv"
        case "picture":
            return b"\x89PNG\r\n\x1a\n" + bytes(100), "customers.xlsx"
        case "noise":
            return bytes(range(1, 32)) * 40, "customers.xlsx"
        case "encrypted":
            return encrypted_workbook(folder), "locked.xlsx"
        case "nested":
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                archive.writestr("inner.zip", b"PK")
            return out.getvalue(), "outer.zip"
        case _:
            return bomb(), "bomb.xlsx"


async def nothing_happened(desk: Desk) -> None:
    """No database, no record, nothing running, no file."""
    assert await desk.counts() == (0, 0, 0)
    imports = (await desk.client.get("/api/imports")).json()
    assert {item["state"] for item in imports} <= {"failed", "cancelled"}
    waiting = {item["id"] for item in imports if item["state"] == "failed"}
    assert {name.split("/")[0] for name in desk.files()} <= waiting


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("empty", 422, "empty_file"),
        ("header only", 422, "header_only"),
        ("picture", 422, "not_a_table"),
        ("noise", 422, "not_a_table"),
        ("encrypted", 422, "encrypted"),
        ("nested", 422, "nested_archive"),
        ("bomb", 413, "inflates_too_much"),
    ],
)
async def test_files_that_are_no_table(desk: Desk, tmp_path: Path, kind: str, status: int, reason: str) -> None:
    content, name = bad_file(kind, tmp_path)
    answer = await desk.post_file(content, name)
    if answer.status_code == 202:  # what only the parser can tell
        item = await desk.settled(answer.json()["id"])
        assert (item["state"], item["error"]["code"], item["error"]["field"]) == ("failed", reason, "file")
        assert (await desk.post_commit(item["id"])).status_code == 409
    else:
        assert (answer.status_code, answer.json()["reason"]) == (status, reason)
        assert answer.json()["errors"][0]["field"] == "file"
    kept = await desk.client.post(
        "/api/bonanza/upload", files={"file": (name, content)}, data={"product_id": desk.product_id}
    )
    assert (kept.status_code, kept.json()["reason"], kept.json()["errors"][0]["field"]) == (status, reason, "file")
    await nothing_happened(desk)


async def test_a_file_without_username_column(desk: Desk) -> None:
    content = csv_bytes([["Kota", "merah"], ["Desa", "biru"]], ["City", "Colour"])
    item = await desk.upload(content)
    assert item["mapping"]["username"] is None
    answer = await desk.post_commit(item["id"])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "mapping.username")
    assert (await desk.get(item["id"]))["state"] == "ready"
    for path in KEPT_PATHS:
        kept = await desk.client.post(path, files={"file": ("c.csv", content)}, data={"product_id": desk.product_id})
        assert (kept.status_code, kept.json()["reason"]) == (422, "missing_username_column")
        assert kept.json()["errors"][0]["field"] == "mapping.username"
        assert "City, Colour" in kept.json()["detail"]
    assert {name.split("/")[0] for name in desk.files()} == {item["id"]}
    assert (await desk.post(item["id"], "cancel")).json()["state"] == "cancelled"
    assert desk.files() == set()
    await nothing_happened(desk)


@pytest.mark.parametrize("path", ["/api/imports", *KEPT_PATHS])
async def test_products_and_modules(desk: Desk, database: Database, path: str) -> None:
    retired = await make_product(database, is_active=False)
    file = {"file": ("c.csv", csv_bytes(people(2)))}
    for product, status in (("nobody", 404), (retired, 422), ("", 422)):
        answer = await desk.client.post(path, files=file, data={"module": "normal", "product_id": product})
        assert answer.status_code == status, answer.text
        if status == 422:
            assert answer.json()["errors"][0]["field"] == "product_id"
    if path == "/api/imports":
        for module in ("", "vip", "NORMAL"):
            answer = await desk.client.post(path, files=file, data={"module": module, "product_id": desk.product_id})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "module")
    await nothing_happened(desk)
    assert (await desk.client.get("/api/imports")).json() == []


@pytest.mark.parametrize("path", ["/api/imports", "/api/bonanza/upload"])
async def test_forms_that_are_none(desk: Desk, path: str) -> None:
    fields = {"module": "bonanza", "product_id": desk.product_id}
    for request in (
        {"json": fields},
        {"data": fields},
        {"content": csv_bytes(people(1)), "headers": {"Content-Type": "text/csv"}},
        {"data": {**fields, "file": "not a file"}, "files": {"other": ("c.csv", b"x")}},
        {"data": fields, "files": {"file": (None, b"a text field")}},
    ):
        answer = await desk.client.post(path, **request)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file"), answer.text
    two = [("file", ("a.csv", b"a")), ("file", ("b.csv", b"b"))]
    assert (await desk.client.post(path, data=fields, files=two)).status_code == 400
    broken = await desk.client.post(path, content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert broken.status_code == 400
    await nothing_happened(desk)


async def test_names(desk: Desk) -> None:
    item = await desk.upload(csv_bytes(people(2)))
    for name in ("", "   ", "x" * 201, "two\nlines", "nul\x00"):
        answer = await desk.post_commit(item["id"], name=name)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")
    for field, value in (("duplicates", "both"), ("reserved", "give"), ("description", "x" * 2001)):
        body = {"name": "A", "duplicates": "skip", field: value}
        answer = await desk.client.post(f"/api/imports/{item['id']}/commit", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    for field, value in (("name", "x" * 201), ("name", "a\x00b"), ("description", "x" * 2001)):
        answer = await desk.client.post(
            "/api/databases",
            files={"file": ("c.csv", csv_bytes(people(1)))},
            data={"product_id": desk.product_id, field: value},
        )
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert await desk.counts() == (0, 0, 0)
    accepted = await desk.post_commit(item["id"], name=" " + "é" * 200 + " ")
    assert accepted.status_code == 202 and accepted.json()["name"] == "é" * 200


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..", "/etc/cron.d/x", "C:\\data\\x.csv", "a\x07b.csv", "", "x" * 400]
)
async def test_no_path_comes_from_a_filename(desk: Desk, name: str) -> None:
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="module"\r\n\r\nnormal\r\n'
        + f'--edge\r\nContent-Disposition: form-data; name="product_id"\r\n\r\n{desk.product_id}\r\n'.encode()
        + f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + csv_bytes(people(2))
        + b"\r\n--edge--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    answer = await desk.client.post("/api/imports", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    item = await desk.settled(answer.json()["id"])
    assert item["state"] == "ready"
    assert not set("/\\\x07") & set(item["filename"]) and 0 < len(item["filename"]) <= 200
    assert desk.files() == {f"{item['id']}/upload", f"{item['id']}/staging.db"}


async def test_two_gigabytes_are_refused_unread(desk: Desk) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield bytes(65_536)

    for path in ("/api/imports", *KEPT_PATHS):
        headers = {"Content-Length": str(2 * 1024**3), "Content-Type": "multipart/form-data; boundary=x"}
        answer = await desk.client.post(path, content=endless(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert read <= 4
    await nothing_happened(desk)


class TestSmallLimits:
    """The limits are settings."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        limits = ImportSettings(max_bytes=100_000, max_rows=50, max_columns=5)
        return settings.model_copy(update={"imports": limits})

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (csv_bytes(people(51)), "too_many_rows"),
            (csv_bytes([["sari"] * 6], [f"c{i}" for i in range(6)]), "too_many_columns"),
        ],
    )
    async def test_past_a_limit(self, desk: Desk, content: bytes, reason: str) -> None:
        item = await desk.upload(content)
        assert (item["state"], item["error"]["code"]) == ("failed", reason)
        kept = await desk.client.post(
            "/api/databases", files={"file": ("c.csv", content)}, data={"product_id": desk.product_id}
        )
        assert (kept.status_code, kept.json()["reason"]) == (413, reason)
        await nothing_happened(desk)

    async def test_too_many_bytes(self, desk: Desk, app: FastAPI) -> None:
        over_the_file_limit = csv_bytes(people(10)) + b"x" * 100_000
        answer = await desk.post_file(over_the_file_limit)
        assert (answer.status_code, answer.json()["reason"]) == (413, "too_large")

        async def chunked() -> AsyncIterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            for _ in range(40):
                yield bytes(16_384)

        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await desk.client.post("/api/imports", content=chunked(), headers=headers)
        assert answer.status_code == 413
        await nothing_happened(desk)
        assert (await desk.upload(csv_bytes(people(50))))["state"] == "ready"


@pytest.mark.parametrize(
    "cell", ["tab\there", "back\\slash", "line\nbreak", "\\N", "\\.", "emoji 😀", "'; DROP TABLE users; --", "\ufeffx"]
)
async def test_every_text_is_stored_as_it_is(desk: Desk, cell: str) -> None:
    """Also what COPY or JSON would take for a sign of theirs."""
    done = await desk.imported(csv_bytes([["sari", cell, cell], [f"x{cell}y", "Name", "0812"]]))
    first, second = await desk.records(done)
    assert first["row_data"]["Full Name"] == cell and first["row_data"]["Phone"] == cell
    assert second["customer_id"] == f"x{cell}y"


async def test_a_nul_is_left_out_or_refused(desk: Desk) -> None:
    """No database stores one. In UTF-8 it means that the file is no text at all."""
    item = await desk.upload(csv_bytes([["sari", "a\x00b", ""]]))
    assert (item["state"], item["error"]["code"]) == ("failed", "not_a_table")
    content = csv_bytes([["sa\x00ri", "a\x00b", "\x000812"]], ["User\x00name", "Full Name", "Phone"])
    item = await desk.upload(content.decode().encode("utf-16"))
    if item["state"] == "ready":
        done = await desk.commit(item["id"])
        (record,) = await desk.records(done)
        assert "\x00" not in str(record) and record["row_data"]["Full Name"] == "ab"
    else:
        assert (item["state"], item["error"]["code"]) == ("failed", "not_a_table")


async def test_import_rows_that_do_not_exist(desk: Desk) -> None:
    calls: list[httpx.Response] = [
        await desk.client.get("/api/imports/nobody"),
        await desk.client.patch("/api/imports/nobody", json={}),
        await desk.post_commit("nobody"),
        await desk.post("nobody", "cancel"),
        await desk.post("nobody", "undo"),
        await desk.client.get("/api/imports/nobody/rejected"),
    ]
    assert {answer.status_code for answer in calls} == {404}


async def test_choices_that_are_none(desk: Desk) -> None:
    item = await desk.upload(csv_bytes(people(2)))
    bodies: list[tuple[dict[str, Any], str]] = [
        ({"header_row": -1}, "header_row"),
        ({"mapping": {"username": -1}}, "mapping.username"),
        ({"mapping": {"user": 1}}, "mapping.user"),
        ({"state": "done"}, "state"),
        ({"sheet": "x" * 201}, "sheet"),
    ]
    for body, field in bodies:
        answer = await desk.client.patch(f"/api/imports/{item['id']}", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await desk.client.patch(f"/api/imports/{item['id']}", json={"product_id": "nobody"})).status_code == 404
    assert (await desk.get(item["id"]))["state"] == "ready"
