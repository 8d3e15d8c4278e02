"""Cursors travel through clients: ours come back as they were, anything else is a field error."""

import base64
from types import NoneType
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.paging import decode_cursor, encode_cursor, page_of

pytestmark = pytest.mark.pure

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
numbers = st.integers(-(2**63), 2**63 - 1)


@given(st.tuples(texts, numbers, st.none() | texts))
def test_a_cursor_comes_back_as_it_was(keys: tuple[Any, ...]) -> None:
    cursor = encode_cursor(keys)

    assert decode_cursor(cursor, kinds=(str, int, (str, NoneType))) == keys
    assert decode_cursor(cursor, size=3) == keys
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&? ")


@given(st.text(max_size=60))
def test_garbage_is_a_field_error_or_a_well_formed_cursor(cursor: str) -> None:
    try:
        keys = decode_cursor(cursor, kinds=(str, int))
    except InvalidInput as refusal:
        outcome = [error.field for error in refusal.errors]
    else:
        outcome = [type(key).__name__ for key in keys]

    assert outcome in (["cursor"], ["str", "int"])


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%",
        "ünïcode",
        encode_cursor(("a",)),
        encode_cursor(("a", 1, 2)),
        encode_cursor((1, "a")),
        encode_cursor(("a", None)),
        encode_cursor(("a", 1.5)),
        encode_cursor(("a\0b", 1)),
        packed(["a", True]),
        packed(["a", 2**63]),
        packed(["a", [1]]),
        packed({"a": 1}),
        packed("a1"),
        encode_cursor(("a", 1)) + "!",
    ],
)
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_cursor(cursor, kinds=(str, int))

    assert (caught.value.status, caught.value.errors[0].field) == (422, "cursor")


def test_a_cursor_of_another_size_is_refused() -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(encode_cursor(("a", 1)), size=3)


@given(st.lists(st.integers(0, 10**6), unique=True, max_size=40), st.integers(1, 10))
def test_following_the_cursors_reads_every_row_once(values: list[int], limit: int) -> None:
    ordered = sorted(values)
    read: list[int] = []
    after: int | None = None
    while True:
        fetched = [value for value in ordered if after is None or value > after][: limit + 1]
        page = page_of(fetched, limit, len(ordered), lambda value: (value,))
        read.extend(page.rows)
        assert len(page.rows) <= limit
        if page.next_cursor is None:
            break
        after = decode_cursor(page.next_cursor, kinds=(int,))[0]
    assert read == ordered
