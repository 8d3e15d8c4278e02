"""A mark, its event and its announcement are one: whichever fails, none is there."""

from typing import Any

import pytest

from crm_boost.contacts import service
from crm_boost.contacts.repositories import contacts as repository
from crm_boost.contacts.verdicts import Verdict
from crm_boost.db import outbox
from crm_boost.db.engine import Database
from tests.assignments import support as engine
from tests.contacts import support
from tests.support.factories import make_database, make_user, records_of


class Broken(Exception):
    """The machine stops here."""


@pytest.mark.parametrize(
    ("where", "what"), [(repository, "put_contacts"), (service, "announce_to"), (outbox, "write_each")]
)
async def test_a_stop_in_between_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, where: Any, what: str
) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 2)
    await engine.pick(database, stored, staff, stored.record_ids)
    first, second = stored.record_ids

    async def stop(*_arguments: Any, **_options: Any) -> None:
        raise Broken

    monkeypatch.setattr(where, what, stop)
    with pytest.raises(Broken):
        await support.mark(database, staff, first, {support.WHATSAPP: "ada"})
    with pytest.raises(Broken):
        await support.judge(database, staff, [second], Verdict.INVALID, "other")

    assert [await support.contacts_of(database, i) for i in stored.record_ids] == [[], []]
    assert [await support.events_of(database, i) for i in stored.record_ids] == [[], []]
    assert [r.validation_status for r in (await records_of(database, stored)).values()] == [None, None]
    monkeypatch.undo()
    await support.mark(database, staff, first, {support.WHATSAPP: "ada"})
    assert len(await support.events_of(database, first)) == 1
