"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_boost.db import search_index

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"], unique=False)
    op.create_index("ix_audit_log_object", "audit_log", ["object_kind", "object_id"], unique=False)

    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)

    op.create_table(
        "login_throttle",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_throttle")),
    )
    op.create_table(
        "operations",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=True),
        sa.Column("database_id", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_operations")),
        sa.UniqueConstraint("id", name=op.f("uq_operations_id")),
    )
    op.create_index("uq_operations_undoes", "operations", ["undoes"], unique=True)

    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("xact", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"], unique=False)
    op.create_index("ix_outbox_position", "outbox", ["xact", "seq"], unique=False)

    op.create_table(
        "products",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("name_key", name=op.f("uq_products_name_key")),
    )
    op.create_table(
        "record_keys",
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("record_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "record_seq", name=op.f("pk_record_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("blocked_pages", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('staff', 'admin', 'master_admin')", name=op.f("ck_users_role")),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_users_capacity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("ix_users_name", "users", ["name", "id"], unique=False)
    op.create_index(
        "uq_users_email_key",
        "users",
        ["email_key"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )

    op.create_table(
        "databases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("columns", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("mapping", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=True),
        sa.Column("uploaded_by_name", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('importing', 'ready', 'discarded')", name=op.f("ck_databases_state")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_databases_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_databases")),
    )
    op.create_index("ix_databases_file_hash", "databases", ["file_hash"], unique=False)
    op.create_index("ix_databases_module", "databases", ["module", "uploaded_at", "id"], unique=False)
    op.create_index("ix_databases_product_id", "databases", ["product_id"], unique=False)

    op.create_table(
        "imports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sheets", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("header_row", sa.Integer(), nullable=True),
        sa.Column("columns", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("preview_rows", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("mapping", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("detected", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("report", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("result", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_field", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("duplicates", sa.Text(), nullable=True),
        sa.Column("reserved", sa.Text(), nullable=True),
        sa.Column("database_id", sa.Text(), nullable=True),
        sa.Column("progress", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_imports_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_database_id", "imports", ["database_id"], unique=False)
    op.create_index("ix_imports_module", "imports", ["module", "created_at", "id"], unique=False)
    op.create_index("ix_imports_state", "imports", ["state"], unique=False)

    op.create_table(
        "notifications",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notifications_user_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_notifications")),
        sa.UniqueConstraint("id", name=op.f("uq_notifications_id")),
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["user_id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index("ix_notifications_user", "notifications", ["user_id", "seq"], unique=False)

    op.create_table(
        "record_history",
        sa.Column(
            "operation_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("record_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("from_holder", sa.Text(), nullable=True),
        sa.Column("to_holder", sa.Text(), nullable=True),
        sa.Column("from_batch", sa.Text(), nullable=True),
        sa.Column("to_batch", sa.Text(), nullable=True),
        sa.Column("from_validation", sa.Text(), nullable=True),
        sa.Column("from_reason", sa.Text(), nullable=True),
        sa.Column("from_assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_deal_rank", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["operation_seq"], ["operations.seq"], name=op.f("fk_record_history_operation_seq")),
        sa.PrimaryKeyConstraint("operation_seq", "record_seq", name=op.f("pk_record_history")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_record_history_record", "record_history", ["record_seq", "operation_seq"], unique=False)

    op.create_table(
        "reserved_members",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'rejected', 'cancelled', 'expired', 'released')",
            name=op.f("ck_reserved_members_status"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_reserved_members_product_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_reserved_members_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserved_members")),
    )
    op.create_index("ix_reserved_members_staff_id", "reserved_members", ["staff_id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"], unique=False)
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)

    op.create_table(
        "batches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("database_id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["database_id"], ["databases.id"], name=op.f("fk_batches_database_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_batches_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_staff_id", "batches", ["staff_id", "created_at", "id"], unique=False)

    op.create_table(
        "reservation_keys",
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("reservation_id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_reservation_keys_product_id")),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reserved_members.id"], name=op.f("fk_reservation_keys_reservation_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_reservation_keys_staff_id")),
        sa.PrimaryKeyConstraint("product_id", "customer_key", name=op.f("pk_reservation_keys")),
    )
    op.create_index(
        "ix_reservation_keys_approved",
        "reservation_keys",
        ["customer_key", "product_id"],
        unique=False,
        sqlite_where=sa.text("approved"),
        postgresql_where=sa.text("approved"),
    )
    op.create_index("ix_reservation_keys_reservation_id", "reservation_keys", ["reservation_id"], unique=False)

    op.create_table(
        "customer_records",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("database_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("row_data", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_e164", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("held_for", sa.Text(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("assigned_to", sa.Text(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deal_rank", sa.BigInteger(), nullable=True),
        sa.Column("validation_status", sa.Text(), nullable=True),
        sa.Column("validation_reason", sa.Text(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'requested') = (held_for IS NOT NULL)", name=op.f("ck_customer_records_held_for")),
        sa.CheckConstraint("state <> 'assigned' OR assigned_to IS NOT NULL", name=op.f("ck_customer_records_holder")),
        sa.CheckConstraint(
            "state IN ('available', 'requested', 'assigned', 'invalid_archived', 'reserved', 'trashed')",
            name=op.f("ck_customer_records_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('available', 'reserved', 'requested') OR assigned_to IS NULL",
            name=op.f("ck_customer_records_no_holder"),
        ),
        sa.ForeignKeyConstraint(["assigned_to"], ["users.id"], name=op.f("fk_customer_records_assigned_to")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_customer_records_batch_id")),
        sa.ForeignKeyConstraint(["database_id"], ["databases.id"], name=op.f("fk_customer_records_database_id")),
        sa.ForeignKeyConstraint(["held_for"], ["users.id"], name=op.f("fk_customer_records_held_for")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_customer_records")),
        sa.UniqueConstraint("id", name=op.f("uq_customer_records_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_customer_records_batch",
        "customer_records",
        ["batch_id", "deal_rank"],
        unique=False,
        sqlite_where=sa.text("batch_id IS NOT NULL"),
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index(
        "ix_customer_records_dealt",
        "customer_records",
        ["deal_rank", "id"],
        unique=False,
        sqlite_where=sa.text("deal_rank IS NOT NULL"),
        postgresql_where=sa.text("deal_rank IS NOT NULL"),
    )
    op.create_index(
        "ix_customer_records_held",
        "customer_records",
        ["held_for", "held_until"],
        unique=False,
        sqlite_where=sa.text("held_for IS NOT NULL"),
        postgresql_where=sa.text("held_for IS NOT NULL"),
    )
    op.create_index(
        "ix_customer_records_holder",
        "customer_records",
        ["assigned_to", "deal_rank", "id"],
        unique=False,
        sqlite_where=sa.text("assigned_to IS NOT NULL"),
        postgresql_where=sa.text("assigned_to IS NOT NULL"),
    )
    op.create_index(
        "ix_customer_records_request",
        "customer_records",
        ["request_id"],
        unique=False,
        sqlite_where=sa.text("request_id IS NOT NULL"),
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )
    op.create_index("ix_customer_records_state", "customer_records", ["database_id", "state", "seq"], unique=False)
    op.create_index(
        "uq_customer_records_replaced_by",
        "customer_records",
        ["replaced_by"],
        unique=True,
        sqlite_where=sa.text("replaced_by IS NOT NULL"),
        postgresql_where=sa.text("replaced_by IS NOT NULL"),
    )
    statements = search_index.SQLITE_UP if op.get_bind().dialect.name == "sqlite" else search_index.POSTGRESQL_FIRST_UP
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    statements = (
        search_index.SQLITE_DOWN if op.get_bind().dialect.name == "sqlite" else search_index.POSTGRESQL_FIRST_DOWN
    )
    for statement in statements:
        op.execute(statement)

    op.drop_table("customer_records")

    op.drop_table("reservation_keys")

    op.drop_table("batches")

    op.drop_table("sessions")

    op.drop_table("reserved_members")

    op.drop_table("record_history")

    op.drop_table("notifications")

    op.drop_table("imports")

    op.drop_table("databases")

    op.drop_table("users")
    op.drop_table("record_keys")
    op.drop_table("products")

    op.drop_table("outbox")

    op.drop_table("operations")
    op.drop_table("login_throttle")

    op.drop_table("idempotency_keys")
    op.drop_table("counters")

    op.drop_table("audit_log")
