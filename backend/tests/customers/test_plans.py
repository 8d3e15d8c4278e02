"""How SQLite answers My customers: from the holder or the order of the hand-outs, never by reading everybody's."""

import pytest

from crm_boost.contacts.repositories.contacts import contacts_of, lock_dealt
from crm_boost.customers.repositories.dealt import DealtFilter, list_dealt, owns_group
from crm_boost.customers.repositories.groups import groups_of
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession
from tests.support.plans import plans_of

HOLDER = "INDEX ix_customer_records_holder (assigned_to=?"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def looks_nothing_over(plan: str) -> None:
    for table in ("customer_records", "contacts", "record_notes", "contact_events", "reservation_keys"):
        assert f"SCAN {table}\n" not in plan + "\n", plan


@pytest.mark.parametrize("after", [None, (1, "x")])
@pytest.mark.parametrize(
    "marks",
    [
        {},
        {"database_id": "one"},
        {"whatsapp": "ada"},
        {"respond": "none"},
        {"validation": "invalid", "reason": "other"},
        {"is_taken": 1},
    ],
)
async def test_records_of_a_staff_are_read_through_their_holder(
    database: Database, marks: dict[str, str], after: tuple[int, str] | None
) -> None:
    wanted = DealtFilter(staff_id="somebody", **marks)  # type: ignore[arg-type]
    plans = await plans_of(
        database, lambda session: list_dealt(session, wanted, viewer="somebody", after=after, limit=50)
    )
    assert len(plans) == (2 if after is None else 1)
    for plan in plans:
        assert HOLDER in plan, plan
        looks_nothing_over(plan)


@pytest.mark.parametrize("marks", [{}, {"whatsapp": "ada"}, {"respond": "none"}, {"validation": "none"}])
async def test_everybodys_records_come_in_the_order_of_their_hand_out(
    database: Database, marks: dict[str, str]
) -> None:
    wanted = DealtFilter(modules=["normal", "memberwd"], **marks)  # type: ignore[arg-type]
    (page,) = await plans_of(database, lambda session: list_dealt(session, wanted, after=(1, "x"), limit=50))
    assert "customer_records USING INDEX ix_customer_records_dealt" in page, page
    keys = page.split("SCAN page_keys")[0]
    assert "FOR ORDER BY" not in keys, page
    looks_nothing_over(page)


async def test_whose_group_it_is_is_asked_of_the_holder(database: Database) -> None:
    (plan,) = await plans_of(database, lambda session: owns_group(session, "somebody", "database", "one"))
    assert HOLDER in plan, plan


async def test_groups_are_counted_from_the_holders_records(database: Database) -> None:
    (plan,) = await plans_of(database, lambda session: groups_of(session, "somebody", limit=50))
    assert HOLDER in plan, plan
    assert "contacts USING PRIMARY KEY (record_seq=? AND deal_rank=?)" in plan, plan
    looks_nothing_over(plan)


@pytest.mark.parametrize(("holder", "modules"), [("somebody", None), (None, ["normal"]), ("somebody", ["normal"])])
async def test_what_is_marked_is_found_by_its_own_id(
    database: Database, holder: str | None, modules: list[str] | None
) -> None:
    """Not through its holder, who may have thousands: marks wait for each other."""

    async def lock(session: ReadSession) -> None:
        states = (RecordState.ASSIGNED,)
        await lock_dealt(session, ["a", "b"], holder=holder, modules=modules, states=states)  # type: ignore[arg-type]

    (plan,) = await plans_of(database, lock)
    assert "customer_records USING INDEX sqlite_autoindex_customer_records_1 (id=?)" in plan, plan
    assert "databases USING INDEX sqlite_autoindex_databases_1 (id=?)" in plan, plan
    (own,) = await plans_of(database, lambda session: contacts_of(session, [1, 2]))
    assert "contacts USING PRIMARY KEY (record_seq=?)" in own, own
