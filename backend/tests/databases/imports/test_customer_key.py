"""The identity of a customer (spec 1.3)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_boost.databases.customer_key import customer_key, customer_keys, search_fold, search_folds, tidy, tidy_all

pytestmark = pytest.mark.pure

TEXTS = st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from(" \t\n\0aAİßſéｅ\u00a0\u2003\u3000.")))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Sari01", "sari01"),
        ("  Sari  01\t", "sari01"),
        ("a.b", "a.b"),
        ("ab", "ab"),
        ("ＳＡＲＩ０１", "sari01"),
        ("Straße", "strasse"),
        ("ﬁnn", "finn"),
        ("王小明\u3000一", "王小明一"),
        ("sari\u00a001", "sari01"),
        ("00123", "00123"),
        ("", ""),
        (" \t\u3000\u2003", ""),
        ("user_01-x@y", "user_01-x@y"),
    ],
)
def test_key(text: str, key: str) -> None:
    assert customer_key(text) == key


@given(TEXTS)
def test_key_is_nfkc_casefold_without_whitespace(text: str) -> None:
    folded = unicodedata.normalize("NFKC", text).casefold()
    assert customer_key(text) == "".join(char for char in folded if not char.isspace())


@given(st.lists(TEXTS, max_size=20))
def test_whole_columns_are_treated_like_single_texts(texts: list[str]) -> None:
    assert customer_keys(texts) == [customer_key(text) for text in texts]
    assert search_folds(texts) == [search_fold(text) for text in texts]
    assert tidy_all(texts) == [tidy(text) for text in texts]


@pytest.mark.parametrize(
    ("stored", "typed"), [("Sari  Melati", "i mel"), ("ＳＡＲＩ", "sar"), ("Straße", "STRASSE"), ("René", "rené")]
)
def test_what_is_typed_is_found_in_what_is_stored(stored: str, typed: str) -> None:
    assert search_fold(typed) in search_fold(stored)
