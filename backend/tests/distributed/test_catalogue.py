"""What docs/distributed.md says of the schema and of the program, compared with PostgreSQL's catalogue and the sources.

The page is the only list: its tables are read here. Whatever it claims and is not so fails, and so does what it forgets.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.rows import namedtuple_row
from sqlalchemy import text

from crm_boost.db.engine import Database
from crm_boost.settings import DatabaseSettings, Settings
from tests.support.factories import make_user

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / "backend/src/crm_boost"
PAGE = (ROOT / "docs/distributed.md").read_text(encoding="utf-8")


def part(heading: str) -> str:
    """The text below a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}.*?\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def names(text: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", text))


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    lines = [line for line in part(heading).splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


GROUPS = {
    group: {table.strip("`"): key.strip("`") for table, key in rows(f"Group `{group}`")}
    for group in ("record", "customer")
}
KEYS = {table: key for tables in GROUPS.values() for table, key in tables.items()}
FOLLOWING = {"omset_events", "omset_imported"}
REFERENCE = names(part("Reference tables").split("`operations` gets")[0])
LOCAL = names(part("Local tables"))
MISFITS = {name.strip("`") for name, _ in rows("What does not fit this")}


@pytest.fixture(scope="module")
def catalogue(settings: Settings) -> Iterator[Any]:
    """Asks the catalogue of a migrated database."""
    with psycopg.connect(settings.database.url or "", row_factory=namedtuple_row) as connection:

        def ask(question: LiteralString) -> list[Any]:
            return connection.execute(question).fetchall()

        yield ask


TABLES: LiteralString = """
    SELECT c.oid, c.relname AS name, c.relkind AS kind, c.relispartition OR c.relhassubclass AS is_split,
           c.relrowsecurity AS secured, c.relhasrules AS ruled
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relname <> 'alembic_version' AND c.relkind NOT IN ('i', 'S', 'c')
"""
COLUMNS: LiteralString = """
    SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS filled,
           a.attidentity <> '' OR a.attgenerated <> '' AS made
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'alembic_version' AND a.attnum > 0
          AND NOT a.attisdropped
"""
INDEXES: LiteralString = """
    SELECT t.relname AS table, i.relname AS name, m.amname AS method, x.indisunique AS is_unique,
           x.indisprimary AS is_primary, x.indexprs IS NOT NULL AS of_expressions, x.indnullsnotdistinct AS nulls_alike,
           ARRAY(SELECT a.attname::text FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number ORDER BY k.place) AS columns
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_am m ON m.oid = i.relam JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = 'public' AND t.relname <> 'alembic_version'
"""
FOREIGN_KEYS: LiteralString = """
    SELECT k.conname AS name, t.relname AS table, o.relname AS other,
           ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS n(number, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = n.number ORDER BY n.place) AS columns,
           ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS n(number, place)
                 JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = n.number ORDER BY n.place) AS others
    FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid
    WHERE k.contype = 'f'
"""
TRIGGERS: LiteralString = """
    SELECT g.tgname AS name, t.relname AS table, f.proname AS function
    FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_proc f ON f.oid = g.tgfoid WHERE NOT g.tgisinternal
"""


def test_every_table_has_one_place(catalogue: Any) -> None:
    placed = [*KEYS, *FOLLOWING, *REFERENCE, *LOCAL]

    assert sorted(placed) == sorted(set(placed))
    assert set(placed) == {table.name for table in catalogue(TABLES)}
    assert names(part("Group `customer`").rsplit("|", 1)[1]) == FOLLOWING


def test_the_keys_are_columns_of_one_type_that_are_always_filled(catalogue: Any) -> None:
    columns = {(column.table, column.name): column for column in catalogue(COLUMNS)}

    for tables in GROUPS.values():
        assert len({columns[place].type for place in tables.items()}) == 1
        assert all(columns[place].filled for place in tables.items())
    assert not any((table, "customer_key") in columns for table in FOLLOWING)


def _same_group(key: Any) -> bool:
    """Whether a foreign key stays within a group, and holds the column by which the group is spread on both sides."""
    group = next((tables for tables in GROUPS.values() if {key.table, key.other} <= set(tables)), None)
    return group is not None and (group[key.table], group[key.other]) in zip(key.columns, key.others, strict=True)


def test_what_does_not_fit_the_keys_is_all_that_is_listed(catalogue: Any) -> None:
    spread = {*KEYS, *FOLLOWING}
    misfits = {
        index.name
        for index in catalogue(INDEXES)
        if index.is_unique and index.table in KEYS and KEYS[index.table] not in index.columns
    }
    for key in catalogue(FOREIGN_KEYS):
        near, far = key.table in spread, key.other in spread
        if (far and not (near and _same_group(key))) or (near and not far and key.other not in REFERENCE):
            misfits.add(key.name)
        # What lies on every machine points at nothing that lies on one.
        assert key.table not in REFERENCE or key.other in REFERENCE, key.name
    misfits |= {trigger.name for trigger in catalogue(TRIGGERS) if trigger.table in KEYS}

    assert misfits == MISFITS


def test_what_is_said_not_to_be_used_is_not_there(catalogue: Any) -> None:
    tables, columns, indexes = catalogue(TABLES), catalogue(COLUMNS), catalogue(INDEXES)

    assert {table.kind for table in tables} == {"r"}
    assert not any(table.is_split or table.secured or table.ruled for table in tables)
    assert {index.table for index in indexes if index.is_primary} == {table.name for table in tables}
    assert {column.type for column in columns} == {
        "text", "bigint", "integer", "boolean", "date", "timestamp with time zone", "jsonb", "bytea",
    }  # fmt: skip
    assert not any(column.made for column in columns)
    assert not any(index.of_expressions or index.nulls_alike for index in indexes)
    others = [(index.table, index.method, index.columns) for index in indexes if index.method != "btree"]
    # Not of the records: whatever changes of one would be entered into it anew.
    assert others == [("customer_records_search", "gin", ["search_text"])]
    assert {row.extname for row in catalogue("SELECT extname FROM pg_extension")} == {"pg_trgm", "plpgsql"}
    assert {row.seqtypid for row in catalogue("SELECT seqtypid::regtype::text FROM pg_sequence")} == {"bigint"}
    assert catalogue("SELECT 1 FROM pg_constraint WHERE contype = 'x' OR condeferrable") == []
    made = "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e', 'r')"
    assert catalogue(made) == []
    own = catalogue(
        "SELECT p.proname AS name FROM pg_proc p LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'"
        " WHERE p.pronamespace = 'public'::regnamespace AND d.objid IS NULL"
    )
    assert {function.name for function in own} == {trigger.function for trigger in catalogue(TRIGGERS)}
    assert len(own) == 6


USED = {
    "numbers of transactions": r"pg_current_xact_id|pg_snapshot_xmin",
    "advisory locks of a transaction": "pg_advisory_xact_lock",
    "`LOCK TABLE`": "LOCK TABLE",
    "rows passed over": "skip_locked",
    "savepoints": "begin_nested",
    "`COPY": r"cursor\.copy\(",
    "`ANALYZE`": r"\"ANALYZE ",
}
UNUSED = (
    r"\bLISTEN\b|\bNOTIFY\b|pg_notify|pg_advisory_lock|pg_try_advisory|TEMP(ORARY)? TABLE|PREPARE TRANSACTION|twophase"
    r"|lo_import|lo_create|\bctid\b|\bxmin\b|SERIALIZABLE|REPEATABLE READ|SET SESSION"
)


def _sources() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCES.rglob("*.py")):
        # What only a copy or a backup does is done with one machine at each end.
        if path.relative_to(SOURCES).parts[0] != "staging" and path.name != "backups.py":
            yield path.relative_to(SOURCES).parts[0], path.read_text(encoding="utf-8")


def test_what_is_said_to_be_used_is_used_there_and_nowhere_else() -> None:
    said = {row[0]: modules(row[1]) for row in rows("What the program uses of PostgreSQL")}
    sources = list(_sources())

    assert len(said) == len(USED)
    for begins, pattern in USED.items():
        (listed,) = [files for what, files in said.items() if what.startswith(begins)]
        assert listed == {name for name, source in sources if re.search(pattern, source)}, begins
    assert [name for name, source in sources if re.search(UNUSED, source)] == []


def modules(cell: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)/`", cell))


async def test_a_transaction_leaves_nothing_behind_on_its_connection(settings: Settings) -> None:
    alone = DatabaseSettings(url=settings.database.url, pool_size=1)
    database = Database(settings.model_copy(update={"database": alone}))
    try:
        for _ in range(8):
            await make_user(database)
        async with database.read() as session:
            connection = await session.connection()

            async def left(question: str) -> list[Any]:
                return list((await connection.execute(text(question))).all())

            assert (
                await left("SELECT name FROM pg_settings WHERE source = 'session' AND name NOT LIKE 'transaction%'")
                == []
            )
            assert await left("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()") == []
            assert await left("SELECT 1 FROM pg_class WHERE relpersistence = 't'") == []
            assert await left("SELECT pg_listening_channels()") == []
            assert await left("SELECT name FROM pg_cursors WHERE is_holdable") == []
            assert await left("SELECT 1 FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO users%'") != []
    finally:
        await database.dispose()
