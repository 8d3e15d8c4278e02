"""Every text comes back as it was sent, from every list and in every file, or is refused with its field named."""

import csv
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from openpyxl.utils.escape import unescape

from crm_boost.databases.imports.formula_guard import unguard_cell
from crm_boost.db.engine import Database
from tests.hardening.naughty import CONTROLS, HARMLESS, LAYOUT, UNSTORABLE
from tests.hardening.world import World, open_world
from tests.support.factories import Account
from tests.uploads.desk import Desk

pytestmark = pytest.mark.timeout(120)

Entered = Callable[[World, str], Awaitable[tuple[httpx.Response, Callable[[], Awaitable[str]]]]]
"""Enters a text somewhere; answers with the response, and with how to read it back."""


async def send(world: World, who: Account, method: str, path: str, body: Any) -> httpx.Response:
    """Send JSON with everything beyond ASCII escaped: that way also what no encoding can write gets through."""
    headers = {**who.auth, "Content-Type": "application/json"}
    return await world.client.request(method, f"/api{path}", content=json.dumps(body).encode(), headers=headers)


async def product_name(world: World, text: str) -> Any:
    path = f"/products/{world.product}"

    async def read() -> str:
        rows = await world.call(world.admin, "GET", "/products")
        return next(str(row["name"]) for row in rows if row["id"] == world.product)

    return await send(world, world.admin, "PATCH", path, {"name": text}), read


async def own_name(world: World, text: str) -> Any:
    async def read() -> str:
        return str((await world.call(world.owner, "GET", "/auth/me"))["name"])

    return await send(world, world.owner, "PATCH", "/auth/me", {"name": text}), read


async def group_title(world: World, text: str) -> Any:
    group = world.things["group_id"]

    async def read() -> str:
        groups = await world.call(world.owner, "GET", "/my/groups")
        return next(str(row["title"]) for row in groups if row["id"] == group)

    return await send(world, world.owner, "PATCH", f"/my/groups/batch/{group}", {"title": text}), read


async def note(world: World, text: str) -> Any:
    path = f"/records/{world.things['record_id']}/notes"

    async def read() -> str:
        notes = await world.call(world.owner, "GET", path)
        return str(notes[-1]["text"])

    return await send(world, world.owner, "POST", path, {"text": text}), read


def deposit(field: str) -> Entered:
    async def enter(world: World, text: str) -> Any:
        body = {"product_id": world.product, "record_date": "2026-01-03", "customer_id": "somebody", "nominal": 5}
        answer = await send(world, world.owner, "POST", "/omset", {**body, field: text})

        async def read() -> str:
            return str((await world.call(world.owner, "GET", f"/omset/{answer.json()['id']}"))[field])

        return answer, read

    return enter


def reservation(field: str) -> Entered:
    async def enter(world: World, text: str) -> Any:
        body = {"customer_id": "reserved", "product_id": world.product, "staff_id": world.owner.id}
        answer = await send(world, world.admin, "POST", "/reserved-members", {**body, field: text})

        async def read() -> str:
            path = f"/reserved-members/{answer.json()['id']}"
            found = str((await world.call(world.admin, "GET", path))[field])
            await world.call(world.admin, "DELETE", path)
            return found

        return answer, read

    return enter


NAMES: dict[str, Entered] = {
    "product": product_name,
    "person": own_name,
    "title": group_title,
    "deposit customer_id": deposit("customer_id"),
    "deposit customer_name": deposit("customer_name"),
    "reservation customer_id": reservation("customer_id"),
    "reservation customer_name": reservation("customer_name"),
    "reservation phone_number": reservation("phone_number"),
}
NOTES: dict[str, Entered] = {"note": note, "deposit keterangan": deposit("keterangan")}


async def test_a_text_comes_back_as_it_was_or_is_refused(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    world = await open_world(app, client, database)
    wrong: dict[tuple[str, str], Any] = {}
    for number, (place, enter) in enumerate({**NAMES, **NOTES}.items()):
        kept, refused = (HARMLESS | LAYOUT, {}) if place in NOTES else (HARMLESS, LAYOUT)
        for name, text in _share(kept, number):
            answer, read = await enter(world, text)
            if answer.status_code == 422 and _may_be_refused(place, text):
                assert answer.json()["errors"][0]["field"]
                continue
            found = await read() if answer.is_success else (answer.status_code, answer.text)
            if found not in _wanted(place, text.replace("\r\n", "\n")):
                wrong[place, name] = found
        for name, text in _share(refused | CONTROLS | UNSTORABLE, number):
            answer, _ = await enter(world, text)
            if answer.status_code != 422 or answer.json()["code"] != "invalid_input":
                wrong[place, name] = (answer.status_code, answer.text[:300])

    assert wrong == {}


def _share(texts: dict[str, str], number: int) -> list[tuple[str, str]]:
    """A third of the texts for each place, so that each text is tried in several and the test does not take long."""
    return list(texts.items())[number % 3 :: 3]


def _may_be_refused(place: str, text: str) -> bool:
    """Limits of length; and what cannot be a customer: nothing to call them by, or a formula."""
    return text == HARMLESS["long"] or (
        place.endswith("customer_id") and (text[0] == "=" or not any(map(str.isalnum, text)))
    )


def _wanted(place: str, text: str) -> set[str]:
    """Runs of white space in what a customer is called by are one space."""
    return {text, " ".join(text.split())} if place.startswith(("deposit", "reservation")) else {text}


async def test_no_search_is_shaken_by_what_is_searched_for(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    world = await open_world(app, client, database)
    lists = ("/search", "/users", "/products", "/omset", "/reserved-members", "/retention/customers")
    pool = f"/pools/normal/databases/{world.pools['normal'].id}/records"
    wrong: dict[Any, str] = {}
    for number, path in enumerate((*lists, pool)):
        for name, text in _share(HARMLESS | LAYOUT | CONTROLS, number):
            answer = await client.get(f"/api{path}", params={"q": text[:100]}, headers=world.admin.auth)
            if answer.status_code not in {200, 422}:
                wrong[path, name] = answer.text[:300]
    everything = await world.call(world.admin, "GET", pool)
    assert len(everything) == 6
    for wild in ("%", "_", "*", "%%%", "___"):
        if await world.call(world.admin, "GET", pool, q=wild):
            wrong[wild] = "means everything"

    assert wrong == {}


async def test_a_file_brings_every_text_in_and_takes_it_out_again(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    """Import, list, page of the record, and export in both formats: the same text, and nothing a spreadsheet would run."""
    world = await open_world(app, client, database)
    client.headers.update(world.admin.auth)
    desk = Desk(app, client, world.admin, world.product)
    texts = list((HARMLESS | LAYOUT).values())
    target = io.StringIO(newline="")
    csv.writer(target).writerows([["Username", "Full Name"], *([f"c{i}", text] for i, text in enumerate(texts))])
    item = await desk.imported(target.getvalue().encode())

    rows = await desk.records(item, limit="1000")
    found = {row["customer_id"]: row["row_data"]["Full Name"] for row in rows}
    assert found == {f"c{i}": text for i, text in enumerate(texts)}
    files = {
        name: await client.get("/api/export/bonanza", params={"format": name, "database_id": item["database_id"]})
        for name in ("csv", "xlsx")
    }
    assert [answer.status_code for answer in files.values()] == [200, 200], files["csv"].text
    lines = list(csv.reader(io.StringIO(files["csv"].content.decode("utf-8-sig"), newline="")))
    assert not [cell for line in lines for cell in line if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    exported = {unguard_cell(cell) for line in lines for cell in line}
    assert {text for text in texts if text not in exported} == set()
    sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"].content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    written = {unguard_cell(unescape(str(cell.value))) for cell in cells}
    assert {text for text in texts if text not in written} == set()
