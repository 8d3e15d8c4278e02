"""Phone numbers in their international form (spec 1.3)."""

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_boost.databases.phones import normalise_phone, normalise_phones, phone_digits

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("08123456789", "+628123456789"),
        ("0812-3456-789", "+628123456789"),
        ("+62 812 3456 789", "+628123456789"),
        ("62812.3456.789", "+628123456789"),
        ("8123456789", "+628123456789"),
        ("0062 8123456789", "+628123456789"),
        ("+62 (0)812 3456 789", "+628123456789"),
        ("'08123456789", "+628123456789"),
        ("\u202a+62 812-3456-789\u202c", "+628123456789"),
        ("\uff10\uff18123456789", "+628123456789"),
        ("08123456789 / 08133333333", "+628123456789"),
        ("no: 08123456789", "+628123456789"),
        ("021 5550123", "+62215550123"),
        ("+65 9123 4567", "+6591234567"),
        ("+1 202-555-0123", "+12025550123"),
        ("12345", None),
        ("081", None),
        ("0812345678901234567", None),
        ("n/a", None),
        ("-", None),
        ("", None),
        ("2025-02-01", None),
    ],
)
def test_forms(text: str, number: str | None) -> None:
    assert normalise_phone(text, "ID") == number
    assert normalise_phones([text, "08123456789"], "ID") == [number, "+628123456789"]


@pytest.mark.parametrize(
    ("country", "text", "number"),
    [
        ("SG", "9123 4567", "+6591234567"),
        ("MY", "012-345 6789", "+60123456789"),
        ("US", "(202) 555-0123", "+12025550123"),
        ("GB", "020 7946 0018", "+442079460018"),
        ("BR", "(11) 96123-4567", "+5511961234567"),
        ("AR", "011 15-2345-6789", "+5491123456789"),
    ],
)
def test_other_default_countries(country: str, text: str, number: str) -> None:
    assert normalise_phone(text, country) == number
    assert normalise_phone(text, country.lower()) == number


def test_unknown_country() -> None:
    with pytest.raises(ValueError, match="unknown country"):
        normalise_phone("0812", "XX")


def library(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@settings(max_examples=600)
@given(
    st.sampled_from(["ID", "MY", "TH", "VN", "PH", "IN", "DE", "SG", "GB", "US"]),
    st.sampled_from(["", "0", "cc", "+cc", "+cc0"]),
    st.text("0123456789", min_size=5, max_size=13),
)
@example("ID", "0", "8123456789")
def test_the_short_way_says_what_the_library_says(country: str, lead: str, digits: str) -> None:
    text = lead.replace("cc", str(phonenumbers.country_code_for_region(country))) + digits
    if not text.startswith("00"):
        assert normalise_phone(text, country) == library(text, country)


@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_text_is_answered(texts: list[str]) -> None:
    assert normalise_phones(texts) == [normalise_phone(text) for text in texts]


def test_digits() -> None:
    assert phone_digits("+62 (812) 3456-789") == "628123456789"
    assert phone_digits("08123456789") == "08123456789"
    assert phone_digits("abc") == ""
