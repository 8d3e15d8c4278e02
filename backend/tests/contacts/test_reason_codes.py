"""The reasons for a verdict of invalid: a setting, and how kept clients' words become codes (spec 2.4)."""

from typing import Any

import httpx
import pytest

from crm_boost.contacts import service
from crm_boost.contacts.verdicts import REASONS
from crm_boost.db.engine import Database
from tests.support.factories import Account, make_user

ADDRESS = "/api/settings/reason-codes"


@pytest.fixture
async def admin(database: Database) -> Account:
    return await make_user(database, "admin")


async def test_everybody_reads_them_and_admins_change_them(
    database: Database, client: httpx.AsyncClient, admin: Account
) -> None:
    staff = await make_user(database)
    wanted = {"codes": [{"code": "duplicate", "is_active": False}, {"code": "other"}]}

    assert (await client.get(ADDRESS)).status_code == (await client.put(ADDRESS, json=wanted)).status_code == 401
    assert (await client.get(ADDRESS, headers=staff.auth)).json() == [
        {"code": code, "is_active": True} for code in REASONS
    ]
    assert (await client.put(ADDRESS, json=wanted, headers=staff.auth)).status_code == 403
    changed = await client.put(ADDRESS, json=wanted, headers=admin.auth)

    assert [(row["code"], row["is_active"]) for row in changed.json()] == [
        ("duplicate", False),
        ("other", True),
        ("wrong_number", True),
        ("not_on_whatsapp", True),
        ("not_interested", True),
        ("wrong_person", True),
    ]
    assert (await client.get(ADDRESS, headers=staff.auth)).json() == changed.json()


@pytest.mark.parametrize(
    ("codes", "field"),
    [
        ([{"code": "bad_luck"}], "codes.0.code"),
        ([{"code": "other"}, {"code": "other"}], "codes.1.code"),
        ([{"code": "duplicate"}, {"code": "other", "is_active": False}], "codes.1.is_active"),
        ([{"code": "other", "name": "x"}], "codes.0.name"),
        ("other", "codes"),
    ],
)
async def test_bad_reasons_name_their_field(client: httpx.AsyncClient, admin: Account, codes: Any, field: str) -> None:
    answer = await client.put(ADDRESS, json={"codes": codes}, headers=admin.auth)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("text", "code", "note"),
    [
        ("wrong_number", "wrong_number", None),
        ("Wrong  Number", "wrong_number", None),
        ("not-on-whatsapp", "not_on_whatsapp", None),
        (" other ", "other", None),
        ("number belongs to a shop", "other", "number belongs to a shop"),
        ("duplicate", "other", "duplicate"),
        ("", "other", None),
        (None, "other", None),
    ],
)
async def test_words_of_kept_clients_become_codes(
    database: Database, client: httpx.AsyncClient, admin: Account, text: str | None, code: str, note: str | None
) -> None:
    await client.put(ADDRESS, json={"codes": [{"code": "duplicate", "is_active": False}]}, headers=admin.auth)
    async with database.read() as session:
        assert await service.reason_of(session, text) == (code, note)
