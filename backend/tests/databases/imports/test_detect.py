"""Which column is the username, which the name, which the phone (spec 1.3)."""

import pytest

from crm_boost.databases.imports.detect import CONFIDENT, detect_mapping, header_words, is_header_word

pytestmark = pytest.mark.pure

USERS = ["sari01", "budi_77", "wati.x", "agus9", "dewi-k"]
NAMES = ["Sari Melati", "Budi Wijaya", "Wati", "Agus Salim", "Dewi Kartika"]
PHONES = ["08123456789", "+62 812-3456-780", "0812 3456 7811", "628123456712", "8123456713"]
CITIES = ["Bogor", "Solo", "Solo", "Bogor", "Bogor"]
DATES = ["01/02/2025", "2025-03-04", "12-11-2024", "01/02/2025", "01/02/2025"]
AMOUNTS = ["150000", "20000", "1500000", "20000", "35000"]


def detected(table: dict[str, list[str]]) -> dict[str, str | None]:
    columns = list(table)
    rows = [list(row) for row in zip(*table.values(), strict=True)]
    guesses = detect_mapping(columns, rows)
    return {
        role: columns[guess.column] if guess.column is not None and guess.confidence >= CONFIDENT else None
        for role, guess in guesses.items()
    }


@pytest.mark.parametrize(
    ("username", "name", "phone"),
    [
        ("Username", "Full Name", "Phone"),
        ("USER ID", "NAME", "MOBILE NUMBER"),
        ("user_id", "full_name", "phone_number"),
        ("userName", "fullName", "phoneNumber"),
        ("User", "Nama", "HP"),
        ("ID Member", "Nama Lengkap", "No. HP"),
        ("Member", "Nama Pelanggan", "No Telp"),
        ("Member ID", "Customer Name", "WhatsApp"),
        ("Customer ID", "Customer Name", "WA"),
        ("Account", "Nama Customer", "Nomor WA"),
        ("Akun", "Nama Nasabah", "Telepon"),
        ("Login", "Name", "Contact Number"),
        ("ID", "Nama", "Nomor"),
        ("Nama User", "Nama Lengkap", "Handphone"),
        ("Nama Pengguna", "Nama", "Ponsel"),
        ("Username (lama)", "Name of customer", "Phone 1"),
        ("Player ID", "Real Name", "Mobile Phone"),
        ("User Login", "Customer", "No. Handphone"),
    ],
)
def test_header_words_in_english_and_indonesian(username: str, name: str, phone: str) -> None:
    table = {"No": list("12345"), "City": CITIES, phone: PHONES, name: NAMES, username: USERS, "Last Login": DATES}
    assert detected(table) == {"username": username, "name": name, "phone": phone}


@pytest.mark.parametrize(
    "column",
    ["Bank Account", "No Rekening", "Last Login", "User Type", "Member Since", "Referral", "Login Date", "Total"],
)
def test_columns_that_only_sound_alike_are_no_username(column: str) -> None:
    assert detected({column: USERS, "Name": NAMES})["username"] is None


def test_the_name_is_never_the_username() -> None:
    assert detected({"Name": NAMES, "Phone": PHONES}) == {"username": None, "name": "Name", "phone": "Phone"}
    assert detected({"Customer": NAMES, "Phone": PHONES})["name"] == "Customer"
    assert detected({"Customer": USERS, "Nama": NAMES})["username"] == "Customer"


def test_phones_are_recognised_without_a_header() -> None:
    found = detect_mapping(["Column 1", "Column 2"], list(zip(USERS, PHONES, strict=True)))
    assert found["phone"].column == 1
    assert found["phone"].confidence >= CONFIDENT


def test_an_identity_is_suggested_but_not_decided_by_its_looks() -> None:
    found = detect_mapping(["Column 1", "Column 2"], list(zip(USERS, CITIES, strict=True)))
    assert found["username"].column == 0
    assert 0 < found["username"].confidence < CONFIDENT


def test_dates_and_amounts_are_no_phones() -> None:
    assert detected({"User": USERS, "Joined": DATES, "Sum": AMOUNTS})["phone"] is None


def test_a_header_that_its_cells_contradict_is_doubted() -> None:
    sure = detect_mapping(["Phone"], [[phone] for phone in PHONES])["phone"].confidence
    doubt = detect_mapping(["Phone"], [[name] for name in NAMES])["phone"].confidence
    assert doubt < CONFIDENT <= sure


def test_confidence_is_within_bounds_and_columns_are_used_once() -> None:
    found = detect_mapping(
        ["Username", "Username", "Name", "Name", "Phone"], [["a1", "b", "A B", "C D", "08123456789"]]
    )
    columns = [guess.column for guess in found.values()]
    assert all(0 <= guess.confidence <= 1 for guess in found.values())
    assert len(set(columns)) == 3
    assert columns == [0, 2, 4]


def test_nothing_to_go_by() -> None:
    assert {guess.column for guess in detect_mapping([], []).values()} == {None}
    assert detect_mapping(["", "?"], [])["username"].column is None


@pytest.mark.parametrize(
    ("header", "words"), [("No. HP", "no hp"), ("userName", "user name"), ("USER_ID", "user id"), (" ＷＡ ", "wa")]
)
def test_plain_words(header: str, words: str) -> None:
    assert header_words(header) == words
    assert is_header_word(header)
