"""On PostgreSQL, storing a record no longer looks up its database, record by record (ADR 68): a database that has records
can never be removed instead."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_KEY = "fk_customer_records_database_id"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_constraint(_KEY, "customer_records", type_="foreignkey")
    # The row is locked before this looks, so it sees what was stored by whoever held the row.
    op.execute(
        """
        CREATE FUNCTION crm_database_is_empty() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM customer_records WHERE seq BETWEEN OLD.first_seq AND OLD.last_seq) THEN
                RAISE EXCEPTION 'a database that has records is never removed';
            END IF;
            RETURN OLD;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER databases_no_delete BEFORE DELETE ON databases"
        " FOR EACH ROW EXECUTE FUNCTION crm_database_is_empty()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER databases_no_delete ON databases")
    op.execute("DROP FUNCTION crm_database_is_empty()")
    op.create_foreign_key(_KEY, "customer_records", "databases", ["database_id"], ["id"])
