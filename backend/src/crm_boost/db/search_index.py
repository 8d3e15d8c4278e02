"""The substring index over `customer_records.search_text`, beside the records on both databases: FTS5 trigrams on
SQLite, on PostgreSQL a table of the texts with a GIN index of trigrams (ADR 60).

Both answer "contains" for terms of three characters and more without reading the records. The statements here are
the migrations'. Whoever inserts records fills it by `INDEX_RANGE`: one statement for a chunk costs SQLite a quarter of
what an insert trigger costs (100,000 rows: 0.9 s against 3.3 s). Changes and removals are followed by triggers.
"""

SQLITE_UP = (
    # `detail=none` halves the index: LIKE is served by the trigrams and then checked against the row itself.
    """
    CREATE VIRTUAL TABLE customer_records_search USING fts5(
        search_text, content='customer_records', content_rowid='seq', tokenize='trigram', detail='none'
    )
    """,
    # Merging segments early costs an import half as much again as writing them, and a search hardly notices sixteen.
    "INSERT INTO customer_records_search(customer_records_search, rank) VALUES ('automerge', 16)",
    """
    CREATE TRIGGER customer_records_search_delete AFTER DELETE ON customer_records BEGIN
        INSERT INTO customer_records_search(customer_records_search, rowid, search_text)
        VALUES ('delete', old.seq, old.search_text);
    END
    """,
    """
    CREATE TRIGGER customer_records_search_update AFTER UPDATE OF search_text ON customer_records BEGIN
        INSERT INTO customer_records_search(customer_records_search, rowid, search_text)
        VALUES ('delete', old.seq, old.search_text);
        INSERT INTO customer_records_search(rowid, search_text) VALUES (new.seq, new.search_text);
    END
    """,
)
# Sixteen segments of a size would be merged at once, within the transaction that brings the sixteenth: 0.2 s at 400,000
# records, and everybody waits. Merging little by little (`automerge`) keeps up without that.
SQLITE_NEVER_AT_ONCE = "INSERT INTO customer_records_search(customer_records_search, rank) VALUES ('crisismerge', 1000)"
SQLITE_AT_ONCE = "INSERT INTO customer_records_search(customer_records_search, rank) VALUES ('crisismerge', 16)"
INDEX_RANGE = """
    INSERT INTO customer_records_search(rowid, search_text)
    SELECT seq, search_text FROM customer_records WHERE seq BETWEEN :first AND :last
"""
SQLITE_DOWN = ("DROP TABLE customer_records_search",)
# As the first schema had it.
POSTGRESQL_FIRST_UP = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX ix_customer_records_search ON customer_records USING gin (search_text gin_trgm_ops)",
)
POSTGRESQL_FIRST_DOWN = ("DROP INDEX ix_customer_records_search",)

# PostgreSQL enters a row that changes into every index of its table anew, and a record changes with each hand-out: the
# trigrams of its text, which stay what they were, were a fifth of what a hand-out cost the server.
_POSTGRESQL_FILL = (
    "INSERT INTO customer_records_search (rowid, search_text) SELECT seq, search_text FROM customer_records ORDER BY seq",
    "CREATE INDEX ix_customer_records_search ON customer_records_search USING gin (search_text gin_trgm_ops)",
)
POSTGRESQL_UP = (
    *POSTGRESQL_FIRST_DOWN,
    # Named as in SQLite's index, so that both are filled and asked alike.
    """
    CREATE TABLE customer_records_search (
        rowid bigint CONSTRAINT pk_customer_records_search PRIMARY KEY, search_text text NOT NULL
    )
    """,
    *_POSTGRESQL_FILL,
    "ANALYZE customer_records_search",
    """
    CREATE FUNCTION crm_search_forgets_records() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM customer_records_search USING removed WHERE rowid = removed.seq;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER customer_records_search_delete AFTER DELETE ON customer_records REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_search_forgets_records()
    """,
    """
    CREATE FUNCTION crm_search_follows_record() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE customer_records_search SET search_text = NEW.search_text WHERE rowid = NEW.seq;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER customer_records_search_update AFTER UPDATE OF search_text ON customer_records
    FOR EACH ROW EXECUTE FUNCTION crm_search_follows_record()
    """,
)
POSTGRESQL_DOWN = (
    "DROP TRIGGER customer_records_search_update ON customer_records",
    "DROP TRIGGER customer_records_search_delete ON customer_records",
    "DROP FUNCTION crm_search_follows_record()",
    "DROP FUNCTION crm_search_forgets_records()",
    "DROP TABLE customer_records_search",
    POSTGRESQL_FIRST_UP[1],
)
# New entries wait in a list, which every search reads from end to end. Who makes it longer than 4 MB works it off, in
# the middle of a statement, unless somebody else does: returns how many pages it had.
POSTGRESQL_FILE_NEW = "SELECT gin_clean_pending_list('ix_customer_records_search')"
POSTGRESQL_REBUILD = (
    "DROP INDEX ix_customer_records_search",
    "TRUNCATE customer_records_search",
    *_POSTGRESQL_FILL,
)
"""After the texts of records were changed while triggers were off."""
