"""Ids, names, errors, events and the acting person."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from crm_boost.kit.context import ActionContext, current_context, enter_context
from crm_boost.kit.errors import Conflict, InvalidInput, Problem, TooManyRequests
from crm_boost.kit.events import Event, EventBus
from crm_boost.kit.ids import new_id
from crm_boost.kit.text import SeveralLines, SingleLine, name_key

pytestmark = pytest.mark.pure


def test_ids_are_opaque_unique_and_in_order_of_time() -> None:
    ids = [new_id() for _ in range(1000)]

    assert len(set(ids)) == 1000
    assert ids == sorted(ids)
    assert all(len(one) == 32 and one.isalnum() and one.islower() for one in ids)


def test_an_error_for_one_field_names_it() -> None:
    error = InvalidInput.of("quantity", "Too many.", "less_than", {"lt": 5}, eligible=3)

    assert (error.status, error.detail, error.extras) == (422, "Too many.", {"eligible": 3})
    assert [(e.field, e.message, e.code, e.params) for e in error.errors] == [
        ("quantity", "Too many.", "less_than", {"lt": 5})
    ]


def test_a_refusal_for_now_says_when_to_come_back() -> None:
    error = TooManyRequests("Later.", retry_after=17)

    assert (error.headers, error.extras) == ({"Retry-After": "17"}, {"retry_after": 17})


def test_headers_of_one_error_do_not_reach_another() -> None:
    TooManyRequests("Later.", retry_after=17)

    assert Conflict("No.").headers == {}


def test_codes_tell_the_refusals_apart() -> None:
    kinds = [kind for kind in Problem.__subclasses__() if kind.__module__ == Problem.__module__]

    assert len({kind.code for kind in kinds}) == len(kinds)


@dataclass(frozen=True)
class SomethingHappened(Event):
    what: str


class SomethingMoreHappened(SomethingHappened):
    pass


async def test_handlers_run_in_their_order_and_only_for_their_event() -> None:
    bus, calls = EventBus(), []

    async def first(session: Any, event: SomethingHappened) -> None:
        calls.append(("first", session, event.what))

    async def second(session: Any, event: SomethingHappened) -> None:
        calls.append(("second", session, event.what))

    bus.on(SomethingHappened, first)
    bus.on(SomethingHappened, second)
    await bus.publish("session", SomethingHappened("x"))
    await bus.publish("session", SomethingMoreHappened("y"))

    assert calls == [("first", "session", "x"), ("second", "session", "x")]


async def test_a_failing_handler_fails_who_raised_the_event() -> None:
    bus = EventBus()

    async def refuse(_session: Any, _event: SomethingHappened) -> None:
        raise Conflict("No.")

    bus.on(SomethingHappened, refuse)
    with pytest.raises(Conflict):
        await bus.publish(None, SomethingHappened("x"))


async def test_each_task_has_its_own_acting_person() -> None:
    async def act(name: str) -> str:
        enter_context(ActionContext(actor_name=name))
        await asyncio.sleep(0)
        return current_context().actor_name

    assert list(await asyncio.gather(act("a"), act("b"), act("c"))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Product A", "product a"), ("Straße", "STRASSE"), ("Ａlpha", "alpha"), (" a  b ", "a b"), ("É", "e\u0301")],
)
def test_names_that_look_the_same_are_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@given(st.text())
def test_a_name_key_is_stable(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "a\x1bb", "a\x7fb", "a\x85b"])
def test_control_characters_are_refused_in_a_name(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(SingleLine).validate_python(text)


def test_paragraphs_are_kept_in_a_longer_text() -> None:
    adapter = TypeAdapter(SeveralLines)

    assert adapter.validate_python("  one\r\n\ttwo ") == "one\n\ttwo"
    with pytest.raises(ValidationError):
        adapter.validate_python("a\0b")
