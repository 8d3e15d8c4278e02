"""The staff's day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("record_seq", sa.BigInteger(), nullable=False),
        sa.Column("deal_rank", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("from_value", sa.Text(), nullable=True),
        sa.Column("to_value", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_contact_events")),
    )
    op.create_index("ix_contact_events_record", "contact_events", ["record_seq", "seq"], unique=False)

    op.create_table(
        "record_notes",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("record_seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_record_notes")),
        sa.UniqueConstraint("id", name=op.f("uq_record_notes_id")),
    )
    op.create_index("ix_record_notes_record", "record_notes", ["record_seq", "seq"], unique=False)

    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("updated_by_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "contacts",
        sa.Column("record_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deal_rank", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wa_status", sa.Text(), nullable=True),
        sa.Column("wa_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wa_version", sa.Integer(), nullable=False),
        sa.Column("first_wa_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("respond_status", sa.Text(), nullable=True),
        sa.Column("respond_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("respond_version", sa.Integer(), nullable=False),
        sa.Column("first_respond_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict_note", sa.Text(), nullable=True),
        sa.Column("verdict_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict_version", sa.Integer(), nullable=False),
        sa.Column("first_verdict_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_contacts_staff_id")),
        sa.PrimaryKeyConstraint("record_seq", "deal_rank", name=op.f("pk_contacts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_contacts_staff", "contacts", ["staff_id", "assigned_at"], unique=False)

    op.create_table(
        "group_views",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_group_views_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", "group_id", name=op.f("pk_group_views")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invalid_alerts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_by_name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_invalid_alerts_staff_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_invalid_alerts")),
        sa.UniqueConstraint("id", name=op.f("uq_invalid_alerts_id")),
    )
    op.create_index(
        "uq_invalid_alerts_open",
        "invalid_alerts",
        ["staff_id", "module"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )

    op.create_table(
        "record_requests",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("database_id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("record_count", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_name", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("reviewed_by_name", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("auto_approved", sa.Boolean(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("assigned_count", sa.Integer(), nullable=False),
        sa.Column("skipped_reserved_count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'rejected', 'cancelled', 'expired')",
            name=op.f("ck_record_requests_status"),
        ),
        sa.ForeignKeyConstraint(["database_id"], ["databases.id"], name=op.f("fk_record_requests_database_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_record_requests_staff_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_record_requests")),
        sa.UniqueConstraint("id", name=op.f("uq_record_requests_id")),
    )
    op.create_index("ix_record_requests_database", "record_requests", ["database_id", "seq"], unique=False)
    op.create_index(
        "ix_record_requests_expiry",
        "record_requests",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("ix_record_requests_staff", "record_requests", ["staff_id", "seq"], unique=False)
    op.create_index("ix_record_requests_status", "record_requests", ["status", "seq"], unique=False)

    op.create_table(
        "replacements",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("operation_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("database_id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("quota_key", sa.Text(), nullable=False),
        sa.Column("by_rule", sa.Boolean(), nullable=False),
        sa.Column("archived_seq", sa.BigInteger(), nullable=False),
        sa.Column("dealt_seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["database_id"], ["databases.id"], name=op.f("fk_replacements_database_id")),
        sa.ForeignKeyConstraint(["operation_seq"], ["operations.seq"], name=op.f("fk_replacements_operation_seq")),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_replacements_staff_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_replacements")),
    )
    op.create_index(
        "ix_replacements_quota",
        "replacements",
        ["quota_key"],
        unique=False,
        sqlite_where=sa.text("by_rule"),
        postgresql_where=sa.text("by_rule"),
    )
    op.create_index("uq_replacements_archived", "replacements", ["archived_seq", "operation_seq"], unique=True)

    op.create_table(
        "request_events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("request_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_seq"], ["record_requests.seq"], name=op.f("fk_request_events_request_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_request_events")),
    )
    op.create_index("ix_request_events_request", "request_events", ["request_seq", "seq"], unique=False)

    op.create_index(
        "ix_customer_records_archived",
        "customer_records",
        ["archived_at", "seq"],
        unique=False,
        sqlite_where=sa.text("archived_at IS NOT NULL"),
        postgresql_where=sa.text("archived_at IS NOT NULL"),
    )
    op.create_index(
        "ix_customer_records_invalid",
        "customer_records",
        ["assigned_to", "database_id", "seq"],
        unique=False,
        sqlite_where=sa.text("validation_status = 'invalid' AND state = 'assigned'"),
        postgresql_where=sa.text("validation_status = 'invalid' AND state = 'assigned'"),
    )

    op.add_column("databases", sa.Column("auto_approve", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("databases", "auto_approve")
    op.drop_index("ix_customer_records_invalid", table_name="customer_records")
    op.drop_index("ix_customer_records_archived", table_name="customer_records")
    op.drop_table("request_events")
    op.drop_table("replacements")
    op.drop_table("record_requests")
    op.drop_table("invalid_alerts")
    op.drop_table("group_views")
    op.drop_table("contacts")
    op.drop_table("settings")
    op.drop_table("record_notes")
    op.drop_table("contact_events")
