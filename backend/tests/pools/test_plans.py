"""How SQLite answers the lists: by ranges and indexes, never by reading or sorting the pool (spec 2.7)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from crm_boost.analytics.deposit_repository import database_use
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.queries import eligibility, reserved_and_eligible
from crm_boost.assignments.repositories.activity import list_activity
from crm_boost.databases.models import CustomerDatabase
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession
from crm_boost.health.repositories.modules import databases as health_of_databases
from crm_boost.pools import repository
from crm_boost.pools.places import Place, RecordFilter
from crm_boost.pools.quality_repository import quality_rows
from crm_boost.requests.listing_repository import requestable
from crm_boost.today.repository import records_by_module
from tests.support.factories import Stored, make_database, make_user
from tests.support.plans import BY_STATE, Read, plans_of
from tests.support.statements import recorded_statements

Plan = Callable[[Read], Awaitable[list[str]]]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
async def plan(database: Database) -> Plan:
    """The plan of every statement that a read sends: one text each."""

    async def explained(read: Read) -> list[str]:
        return await plans_of(database, read)

    return explained


async def the_row(database: Database, stored: Stored) -> CustomerDatabase:
    async with database.read() as session:
        return await session.get_one(CustomerDatabase, stored.id)


RANGE = "SEARCH customer_records USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
STATE = "ix_customer_records_{} (seq>? AND seq<?)"
VERDICT = "ix_customer_records_judged (database_id=? AND validation_status=? AND seq>? AND seq<?)"
HOLDER = "ix_customer_records_holder (assigned_to=?"


@pytest.mark.parametrize("after", [None, 7])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("wanted", "used"),
    [
        (RecordFilter(), RANGE),
        (RecordFilter(status=RecordState.AVAILABLE), STATE.format("available")),
        (RecordFilter(status=RecordState.TRASHED), STATE.format("trashed")),
        (RecordFilter(validation="invalid"), VERDICT),
        (RecordFilter(validation="validated", status=RecordState.ASSIGNED), VERDICT),
        (RecordFilter(validation="none"), RANGE),
        (RecordFilter(validation="none", status=RecordState.ASSIGNED), STATE.format("assigned")),
        (RecordFilter(q="customer5"), "VIRTUAL TABLE INDEX"),
        (RecordFilter(q="customer5", status="conflict", validation="invalid"), "VIRTUAL TABLE INDEX"),
        (RecordFilter(q="0812-000"), "VIRTUAL TABLE INDEX"),
        (RecordFilter(q="r5"), RANGE),
    ],
)
async def test_pages_of_records(
    database: Database, plan: Plan, wanted: RecordFilter, used: str, descending: bool, after: int | None
) -> None:
    await make_database(database, 50)
    item = await the_row(database, await make_database(database, 200))
    chosen = replace(wanted, descending=descending)
    place = None if after is None else Place(item.first_seq + after)
    plans = await plan(lambda session: repository.list_records(session, item, chosen, after=place, limit=50))
    # What has no verdict is what there is without what has one: two counts.
    assert len(plans) <= (1 if after is not None else 3 if wanted.validation == "none" else 2)
    assert used in plans[0], plans[0]
    for text in plans:
        assert "SCAN customer_records\n" not in text + "\n", text
        # Where the index of trigrams is asked, it leads: from its matches to the records.
        assert "USING" not in text.partition("customer_records_search VIRTUAL")[0] or "records_search" not in text, text
        assert "FOR ORDER BY" not in text, text


async def test_the_search_reads_its_range_of_the_index_only(database: Database, plan: Plan) -> None:
    item = await the_row(database, await make_database(database, 50))
    wanted = RecordFilter(q="customer5")
    (page, *_) = await plan(lambda session: repository.list_records(session, item, wanted, after=None, limit=50))
    number = page.split("VIRTUAL TABLE INDEX ")[1].split("\n")[0]
    # Of the index's own plan: M = a match, < and > = a range of keys.
    assert "M" in number and "<" in number and ">" in number, page


async def test_counts_are_read_where_they_are_kept(database: Database, plan: Plan) -> None:
    for _ in range(3):
        await make_database(database, 20)
    plans = await plan(lambda session: repository.list_databases(session, "normal", limit=50))
    (counting,) = [text for text in plans if "record_counts" in text]
    assert "SEARCH record_counts USING PRIMARY KEY (database_id=?)" in counting
    (conflicts,) = [text for text in plans if "record_keys" in text]
    assert conflicts.index("reservation_keys") < conflicts.index("record_keys") < conflicts.index("customer_records")
    for text in plans:
        assert "SCAN customer_records" not in text and "SCAN record_keys" not in text, text
        assert "FOR ORDER BY" not in text, text


async def test_no_figure_over_the_pool_reads_the_pool(database: Database, plan: Plan) -> None:
    """Counters of Today, charts, what can be dealt or asked for, the health of a module."""
    stored, staff, other = await make_database(database, 20), await make_user(database), await make_user(database)
    reads: list[Read] = [
        lambda session: records_by_module(session, ["normal", "bonanza"]),
        lambda session: database_use(session, None, None),
        lambda session: database_use(session, stored.product_id, staff.id),
        lambda session: repository.count_records(session, "normal", product_id=None, state=None),
        lambda session: reserved_and_eligible(session, stored.id, staff.id),
        lambda session: eligibility(session, policy_of("normal"), stored.id, [staff.id, other.id]),
        lambda session: requestable(session, staff.id, ["normal"], q=None, after=None, limit=50),
        lambda session: health_of_databases(session, "normal"),
    ]
    for read in reads:
        plans = await plan(read)
        assert any("record_counts" in text for text in plans), plans
        for text in plans:
            assert "SCAN customer_records" not in text and not any(index in text for index in BY_STATE), text


@pytest.mark.parametrize(
    "wanted", [RecordFilter(), RecordFilter(validation="invalid"), RecordFilter(status="conflict", validation="none")]
)
async def test_records_of_a_holder(database: Database, plan: Plan, wanted: RecordFilter) -> None:
    item = await the_row(database, await make_database(database, 50))
    chosen = replace(wanted, assigned_to="somebody")
    plans = await plan(lambda session: repository.list_records(session, item, chosen, after=None, limit=50))
    assert all(f"customer_records USING INDEX {HOLDER}" in text for text in plans), plans


@pytest.mark.parametrize("after", [None, 7])
@pytest.mark.parametrize("verdict", [None, "invalid", "none"])
async def test_conflicts_start_from_the_reservations(
    database: Database, plan: Plan, verdict: str | None, after: int | None
) -> None:
    item = await the_row(database, await make_database(database, 50))
    wanted = RecordFilter(status="conflict", validation=verdict)
    place = None if after is None else Place(item.first_seq + after)
    plans = await plan(lambda session: repository.list_records(session, item, wanted, after=place, limit=50))
    for text in plans:
        assert text.index("reservation_keys") < text.index("record_keys"), text
        assert "SCAN customer_records" not in text and "ix_customer_records_" not in text, text
    assert "customer_records USING INTEGER PRIMARY KEY (rowid=?)" in plans[0]


async def test_verdicts_are_counted_from_their_index_alone(database: Database, plan: Plan) -> None:
    item = await the_row(database, await make_database(database, 50))
    for wanted in (RecordFilter(validation="invalid"), RecordFilter(validation="none", status="assigned")):

        async def count(session: ReadSession, chosen: RecordFilter = wanted) -> int:
            return await repository._count(session, item, chosen, [])

        counting = (await plan(count))[-1]
        assert "COVERING INDEX ix_customer_records_judged (database_id=? AND validation_status=?)" in counting


@pytest.mark.parametrize("descending", [False, True])
async def test_a_late_page_starts_where_the_last_one_ended(database: Database, descending: bool) -> None:
    item = await the_row(database, await make_database(database, 200))
    wanted = RecordFilter(descending=descending)
    with recorded_statements(database) as sent:
        async with database.read() as session:
            page = await repository.list_records(session, item, wanted, after=Place(item.first_seq + 100), limit=10)
    assert [row["row_number"] for row in page.rows] == (
        list(range(100, 90, -1)) if descending else list(range(102, 112))
    )
    (statement,) = sent
    conditions = statement.partition("WHERE")[2]
    # Of two lower bounds SQLite would start at the first one: a single range leaves it no choice.
    assert conditions.count("customer_records.seq BETWEEN") == 1, conditions
    assert "customer_records.seq >" not in conditions and "customer_records.seq <" not in conditions, conditions


async def test_quality_reads_what_is_dealt_and_not_the_pool(database: Database, plan: Plan) -> None:
    item = await the_row(database, await make_database(database, 50))
    (text,) = await plan(lambda session: quality_rows(session, item.id))
    assert all(STATE.format(state) in text for state in ("assigned", "invalid_archived")), text
    assert "SCAN customer_records" not in text and "SCAN contacts" not in text, text


@pytest.mark.parametrize("after", [None, 2])
async def test_activity_is_read_in_its_order(database: Database, plan: Plan, after: int | None) -> None:
    item = await the_row(database, await make_database(database, 50))
    place = None if after is None else (item.uploaded_at, after, 7)
    (page, people) = await plan(lambda session: list_activity(session, item, after=place, limit=50))
    for index in ("ix_operations_database_id (database_id=?", "ix_operations_across (module=?"):
        assert index in page, page
    assert "ix_audit_log_object (object_kind=? AND object_id=?)" in page, page
    history = [line for line in f"{page}\n{people}".splitlines() if "record_history" in line]
    assert len(history) == 2
    assert all("PRIMARY KEY (operation_seq=? AND record_seq>? AND record_seq<?)" in line for line in history), history
