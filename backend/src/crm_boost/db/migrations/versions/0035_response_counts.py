"""Response times are counted by how long they took (ADR 55)."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_TENTHS = tuple(f"n{number:02}" for number in range(32))
_HANDED = ("staff_id", "handed_on", "deal_rank", "record_seq", "database_id", "wa_seconds", "respond_seconds")
_HANDED_BEFORE = ("staff_id", "handed_on", "database_id", "wa_seconds", "respond_seconds", "record_seq")
_COLUMNS = ", ".join(("times", "seconds", *_TENTHS))
_PART = {
    "sqlite": "CAST(strftime('{sign}', i.handed_on) AS INTEGER)",
    "postgresql": "CAST(extract({name} FROM i.handed_on) AS integer)",
}
_TIMES = """
    SELECT ({year} * 12 + {month}) * 8 AS month, ({day} - 1) / 8 AS quarter, d.product_id AS scope, i.staff_id,
           {timed} AS timed, i.{column} AS seconds, (i.{column} + 180) / 360 AS tenth
    FROM work_items i JOIN databases d ON d.id = i.database_id WHERE i.{column} IS NOT NULL
"""
_SAID = """
    SELECT month, quarter, scope, staff_id, timed, tenth / 32 AS band, count(*) AS times, sum(seconds) AS seconds, {tenths}
    FROM ({times}) t GROUP BY month, quarter, scope, staff_id, timed, tenth / 32
"""
_SPREAD = "SELECT month + {within} AS block, {scope} AS scope, staff_id, timed, band, {columns} FROM said"
_FILL = """
    INSERT INTO response_counts (block, scope, staff_id, timed, band, {columns}) WITH said AS ({said})
    SELECT block, scope, staff_id, timed, band, {sums} FROM ({spread}) s GROUP BY block, scope, staff_id, timed, band
"""


def fill_statement(dialect: str) -> str:
    """Return what counts all hand-outs: in quarters of months and in months, with their product and in all."""
    signs = {"year": "%Y", "month": "%m", "day": "%d"}
    parts = {name: _PART[dialect].format(name=name, sign=sign) for name, sign in signs.items()}
    times = " UNION ALL ".join(
        _TIMES.format(**parts, timed=timed, column=column)
        for timed, column in enumerate(("wa_seconds", "respond_seconds"))
    )
    tenths = ", ".join(
        f"sum(CASE WHEN tenth % 32 = {number} THEN 1 ELSE 0 END) AS {name}" for number, name in enumerate(_TENTHS)
    )
    spread = " UNION ALL ".join(
        _SPREAD.format(within=within, scope=scope, columns=_COLUMNS)
        for within in ("quarter", "7")
        for scope in ("scope", "''")
    )
    sums = ", ".join(f"sum({name})" for name in ("times", "seconds", *_TENTHS))
    return _FILL.format(said=_SAID.format(tenths=tenths, times=times), columns=_COLUMNS, sums=sums, spread=spread)


def upgrade() -> None:
    op.create_table(
        "response_counts",
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("timed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("band", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _TENTHS),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_response_counts_staff_id")),
        sa.PrimaryKeyConstraint("block", "scope", "staff_id", "timed", "band", name=op.f("pk_response_counts")),
        sqlite_with_rowid=False,
    )
    op.execute(fill_statement(op.get_bind().dialect.name))
    op.drop_index("ix_work_items_handed", "work_items")
    op.create_index("ix_work_items_handed", "work_items", list(_HANDED))
    for name, column in (("ix_work_items_check", "wa_seconds"), ("ix_work_items_yes", "respond_seconds")):
        where = sa.text(f"{column} IS NOT NULL")
        columns = ["staff_id", column, "handed_on", "database_id"]
        op.create_index(name, "work_items", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_work_items_yes", "work_items")
    op.drop_index("ix_work_items_check", "work_items")
    op.drop_index("ix_work_items_handed", "work_items")
    op.create_index("ix_work_items_handed", "work_items", list(_HANDED_BEFORE))
    op.drop_table("response_counts")
