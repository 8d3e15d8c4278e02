"""A desk with something in every list, and short ways to files of it."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import httpx
import openpyxl
from fastapi import FastAPI

from crm_boost.db.engine import Database
from tests.deposits.desk import booked
from tests.reservations.desk import reserved
from tests.support.factories import Account, Stored, make_database, make_product, make_user

FORMULA = '=HYPERLINK("x")'


@dataclass(frozen=True, slots=True)
class Desk:
    """People, products, and lists that have several pages."""

    app: FastAPI
    client: httpx.AsyncClient
    database: Database
    admin: Account
    staff: Account
    other: Account
    product: str
    pools: dict[str, Stored]

    async def get(self, path: str, who: Account, **params: Any) -> Any:
        answer = await self.client.get(f"/api{path}", params=params, headers=who.auth)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def every(self, path: str, who: Account, **params: Any) -> list[dict[str, Any]]:
        """All rows of a list, page after page."""
        rows: list[dict[str, Any]] = []
        url = str(httpx.URL(f"/api{path}", params={**params, "limit": 3}))
        while url:
            answer = await self.client.get(url, headers=who.auth)
            assert answer.status_code == 200, answer.text
            body = answer.json()
            rows += body if isinstance(body, list) else body["records"]
            url = answer.links.get("next", {}).get("url", "")
        return rows

    async def order(self, who: Account, kind: str, file_format: str = "csv", **filters: Any) -> dict[str, Any]:
        """Ask for a file."""
        body = {"kind": kind, "format": file_format, "filters": filters}
        answer = await self.client.post("/api/exports", json=body, headers=who.auth)
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def finished(self, who: Account, kind: str, file_format: str = "csv", **filters: Any) -> dict[str, Any]:
        """Ask for a file and wait for it."""
        item = await self.order(who, kind, file_format, **filters)
        await self.app.state.exports.idle()
        found: dict[str, Any] = await self.get(f"/exports/{item['id']}", who)
        return found

    async def fetch(self, who: Account, item: dict[str, Any]) -> bytes:
        """Fetch a finished file by its link, without a session."""
        answer = await self.client.post(f"/api/exports/{item['id']}/link", headers=who.auth)
        assert answer.status_code == 200, answer.text
        file = await self.client.get(answer.json()["url"])
        assert file.status_code == 200, file.text
        assert f'.{item["format"]}"' in file.headers["content-disposition"]
        return file.content

    async def streamed(self, who: Account, kind: str, file_format: str = "csv", **filters: Any) -> bytes:
        """Fetch a list as a file, as scripts do."""
        params = {"format": file_format, **filters}
        answer = await self.client.get(f"/api/export/{kind}", params=params, headers=who.auth)
        assert answer.status_code == 200, answer.text
        return answer.content


def table_of(content: bytes, file_format: str) -> list[dict[str, str]]:
    """The rows of a file by their headings, as texts, as somebody would see them. Guards of CSV are taken off."""
    if file_format == "csv":
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        lines = [[cell[1:] if cell[:1] == "'" else cell for cell in line] for line in lines]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        cells = list(sheet.iter_rows())
        assert all(cell.data_type in "ns" for row in cells for cell in row)
        lines = [["" if cell.value is None else str(cell.value) for cell in row] for row in cells]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


async def open_desk(app: FastAPI, client: httpx.AsyncClient, database: Database) -> Desk:
    """Fill every list through the API, with texts that a spreadsheet would run."""
    admin = await make_user(database, "admin", name="Admin A")
    staff, other = await make_user(database, name=FORMULA), await make_user(database, name="Staff B")
    product, second = await make_product(database, "Product A"), await make_product(database, "Product B")
    pools = {}
    for module in ("normal", "memberwd", "bonanza"):
        pools[module] = await make_database(database, 8, module=module, product_id=product, prefix=f"{module}-")
        await make_database(database, 2, module=module, product_id=second, prefix=f"@{module}")
    desk = Desk(app, client, database, admin, staff, other, product, pools)
    for number, who in enumerate((staff, other, staff, staff, other)):
        await booked(client, who, product, f"c{number}", f"2026-01-0{number + 1}", 1000 + number, keterangan=FORMULA)
    await _filled(desk)
    return desk


async def _filled(desk: Desk) -> None:
    """Hand-outs, reservations, conflicts and requests."""
    for module in ("normal", "memberwd"):
        path = f"/api/pools/{module}/assign-random"
        body = {"database_id": desk.pools[module].id, "staff_ids": [desk.other.id], "quantity": 4}
        answer = await desk.client.post(path, json=body, headers=desk.admin.auth)
        assert answer.status_code == 200, answer.text
    held = await desk.every(f"/pools/normal/databases/{desk.pools['normal'].id}/records", desk.admin, status="assigned")
    for customer in [row["customer_id"] for row in held] + [FORMULA]:
        await reserved(desk.client, desk.admin, desk.product, customer, desk.staff, customer_name="-1+1")
    await reserved(desk.client, desk.admin, desk.product, "theirs", desk.other)
    for who in (desk.staff, desk.staff, desk.other, desk.staff):
        body = {"database_id": desk.pools["normal"].id, "record_count": 1}
        answer = await desk.client.post("/api/download-requests", json=body, headers=who.auth)
        assert answer.status_code == 200, answer.text
