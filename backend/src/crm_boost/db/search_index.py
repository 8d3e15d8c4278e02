"""The substring index over `customer_records.search_text`: FTS5 trigrams on SQLite, pg_trgm on PostgreSQL.

Both answer "contains" for terms of three characters and more without reading the records. The statements here are
the migration's; `index_records` fills SQLite's index after a bulk insert: one statement for a chunk costs a quarter of
what an insert trigger costs (100,000 rows: 0.9 s against 3.3 s).
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
POSTGRESQL_UP = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX ix_customer_records_search ON customer_records USING gin (search_text gin_trgm_ops)",
)
POSTGRESQL_DOWN = ("DROP INDEX ix_customer_records_search",)
