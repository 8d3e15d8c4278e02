"""What fields of old documents mean, whatever they were written as."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from bson import Binary, Decimal128, Int64, ObjectId

from crm_boost.migrate_mongo.values import Unreadable, cell, day, flag, ident, instant, number, plain, text, whole

pytestmark = pytest.mark.pure

JAKARTA = ZoneInfo("Asia/Jakarta")
OID = ObjectId("65f0c0ffee65f0c0ffee65f0")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7b1e-uuid", "7b1e-uuid"),
        ("  7b1e\0 ", "7b1e"),
        (OID, "65f0c0ffee65f0c0ffee65f0"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (Binary(UUID(int=7).bytes, 4), "00000000-0000-0000-0000-000000000007"),
        (12, "12"),
        (True, None),
        ("", None),
        (None, None),
        ({"a": 1}, None),
    ],
)
def test_old_ids_are_kept_as_text(value: Any, expected: str | None) -> None:
    assert ident(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0812 0001", "0812 0001"),
        (81200001, "81200001"),
        (81200001.0, "81200001"),
        (1.5, "1.5"),
        (float("nan"), ""),
        (None, ""),
        (Int64(9_007_199_254_740_993), "9007199254740993"),
        (datetime(2024, 2, 3, tzinfo=UTC), "2024-02-03"),
        ("a\0b\ud800", "ab?"),
    ],
)
def test_cells_are_text_as_a_person_saw_them(value: Any, expected: str) -> None:
    assert cell(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T10:00:00+07:00", datetime(2026, 3, 1, 3, tzinfo=UTC)),
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00.123456", datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 2, 28, 17, tzinfo=UTC)),
        (datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (datetime(2026, 3, 1, 10), datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_instants_of_every_spelling(value: Any, expected: datetime | None) -> None:
    assert instant(value, "at", JAKARTA) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01T23:30:00+00:00", date(2026, 3, 1)),
        (datetime(2026, 3, 1, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 18, tzinfo=UTC), date(2026, 3, 2)),
        (None, None),
    ],
)
def test_business_dates_stay_the_day_they_were_meant(value: Any, expected: date | None) -> None:
    assert day(value, "record_date", JAKARTA) == expected


@pytest.mark.parametrize("value", ["01/03/2026", "2026-13-01", "1999-12-31", 20260301, "2026-03-01x"])
def test_what_is_no_day_is_not_guessed(value: Any) -> None:
    with pytest.raises(Unreadable) as refused:
        day(value, "record_date", JAKARTA)
    assert refused.value.field == "record_date"
    assert str(value) not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (100_000, Decimal(100_000)),
        (0.1, Decimal("0.1")),
        (1e15, Decimal("1e15")),
        (Decimal128("12345678901234567.89"), Decimal("12345678901234567.89")),
        ("250000", Decimal(250_000)),
        (" 1.5 ", Decimal("1.5")),
        ("1500.125", Decimal("1500.125")),
        (None, None),
    ],
)
def test_numbers_are_exact(value: Any, expected: Decimal | None) -> None:
    assert number(value, "nominal") == expected


@pytest.mark.parametrize(
    "value", ["100.000", "1,000", "Rp 100", float("inf"), float("nan"), Decimal128("NaN"), True, [1], "1e9999"]
)
def test_what_may_mean_two_things_is_not_guessed(value: Any) -> None:
    with pytest.raises(Unreadable):
        number(value, "nominal")


def test_whole_numbers_flags_and_nested_values() -> None:
    assert whole(3.0, "n") == 3
    with pytest.raises(Unreadable):
        whole(3.5, "n")
    assert [flag(value) for value in (True, 0, "yes", "false", "perhaps", None)] == [
        True,
        False,
        True,
        False,
        None,
        None,
    ]
    assert plain({"a": [OID, 1, {"b\0": None}], "n": float("nan")}) == {"a": [str(OID), 1, {"b": None}], "n": ""}
    assert text("  a\0 ") == "a"
