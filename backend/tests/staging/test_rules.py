"""What becomes of each column, and what pseudonyms are like."""

import orjson
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

from crm_boost.databases.customer_key import customer_key
from crm_boost.databases.phones import normalise_phone
from crm_boost.db.metadata import load_metadata
from crm_boost.staging.pseudonyms import Pseudonyms
from crm_boost.staging.rules import EMPTIED, NoRule, change_of, check_all
from crm_boost.staging.service import words_of_the_program

pytestmark = pytest.mark.pure

ONE = Pseudonyms(b"a" * 32, frozenset({"approved"}), "ID")
OTHER = Pseudonyms(b"b" * 32, frozenset(), "ID")


def test_every_column_that_holds_texts_has_a_rule() -> None:
    metadata = load_metadata()

    check_all(metadata)
    assert set(metadata.tables) >= EMPTIED


def test_a_column_nobody_has_thought_about_stops_the_copy() -> None:
    metadata = MetaData()
    table = Table(
        "new_table", metadata, Column("id", Text, primary_key=True), Column("count", Integer), Column("nickname", Text)
    )

    with pytest.raises(NoRule, match=r"new_table\.nickname"):
        check_all(metadata)
    assert [change_of(table.c.id), change_of(table.c.count)] == [None, None]


@pytest.mark.parametrize("identity", ["budi99", "Budi 99", "ＢＵＤＩ99", " budi\t99 "])
def test_spellings_of_one_customer_stay_one_customer(identity: str) -> None:
    pseudonym = ONE.customer(identity)

    assert customer_key(pseudonym) == ONE.customer_key(customer_key(identity)) == ONE.customer_key("budi99")
    assert "budi" not in pseudonym.lower()
    assert OTHER.customer(identity) != pseudonym


@pytest.mark.parametrize("phone", ["081234567890", "+62 812-3456-7890", "6281234567890", "+14155552671", "021 5550123"])
def test_a_number_becomes_another_number(phone: str) -> None:
    number = normalise_phone(phone, "ID")
    assert number is not None

    assert normalise_phone(ONE.phone(phone), "ID") == ONE.international(number) != number


@pytest.mark.parametrize("text", ["12", "call me", "0812 / 0813"])
def test_what_is_no_number_becomes_none(text: str) -> None:
    assert normalise_phone(ONE.phone(text), "ID") is None
    assert text not in ONE.phone(text)


def test_structures_keep_figures_ids_days_and_the_words_of_the_program() -> None:
    day, record_id = "2025-01-02T03:04:05+00:00", "0" * 32
    before = {
        "count": 3,
        "who": "Budi",
        "at": day,
        "id": record_id,
        "status": "approved",
        "rows": [["Budi", None, True]],
        "Budi S.": 1,
    }

    after = ONE.json(before)

    assert after | {"who": 0, "rows": 0} == {
        "count": 3,
        "who": 0,
        "at": day,
        "id": record_id,
        "status": "approved",
        "rows": 0,
        ONE.text("Budi S."): 1,
    }
    assert after["who"] == after["rows"][0][0] == ONE.text("Budi") != "Budi"
    assert after["rows"][0][1:] == [None, True]
    assert {"memberwd", "duplicate", "approved"} <= words_of_the_program()


def test_empty_texts_and_the_system_stay_what_they_are() -> None:
    assert [ONE.text(""), ONE.customer(""), ONE.customer_key(""), ONE.phone(""), ONE.person("system")] == [
        "",
        "",
        "",
        "",
        "system",
    ]
    assert orjson.loads(
        ONE.record(
            dict.fromkeys(("display_name", "phone", "phone_e164")) | {"row_data": '[" ",""]', "customer_key": ""}
        )["row_data"]
    ) == [" ", ""]
