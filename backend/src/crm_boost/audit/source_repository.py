"""The tables that say who did what, each shaped alike: the audit log itself, and the histories kept beside what they are about.

What staff do all day (marks on records, deposits booked) stands in the timelines of customers and deposits only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, FromClause, Table, Text, literal, null, select, text
from sqlalchemy.sql.elements import TextClause

from crm_boost.assignments.models import Operation
from crm_boost.db.audit import AuditEntry
from crm_boost.deposits.models import NOT_BOOKED, DepositEvent
from crm_boost.requests.models import RecordRequest, RequestEvent
from crm_boost.reservations.models import ReservationEvent

_Column = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Source:
    """One table. Its rows are read by the indexes on (at, seq) and (actor, at, seq); `kinds` by (kind, at, seq), where
    one table holds several."""

    number: int
    """Its place among rows of the same instant; part of cursors, so it never changes."""
    table: FromClause
    kinds: frozenset[str] | None
    """What its rows are about; None: the row says so itself."""
    kind: _Column
    object_id: _Column
    prefix: str
    action: _Column
    detail: _Column
    reason: _Column
    address: _Column
    database_id: _Column
    only: TextClause | None = None
    """Which of its rows: the words of the condition of its partial indexes."""

    def may_hold(self, kind: str | None) -> bool:
        """Whether a row about `kind` can be here."""
        return kind is None or self.kinds is None or kind in self.kinds


def _nothing() -> _Column:
    return null().cast(Text)


def _events(number: int, kind: str, model: Any, object_id: _Column, action: str, only: str = "") -> Source:
    table = cast(Table, model.__table__)
    return Source(
        number,
        table,
        frozenset({kind}),
        literal(kind, Text),
        object_id,
        f"{kind}.",
        table.c[action],
        table.c["detail"].cast(Text) if "detail" in table.c else _nothing(),
        table.c["reason"],
        _nothing(),
        _nothing(),
        text(only) if only else None,
    )


def _column(attribute: Any) -> _Column:
    return cast(_Column, attribute.expression)


_request_id = (
    select(RecordRequest.id)
    .where(RecordRequest.seq == RequestEvent.request_seq)
    .correlate(RequestEvent)
    .scalar_subquery()
)
_audit = cast(Table, AuditEntry.__table__)
_operation = cast(Table, Operation.__table__)

SOURCES: Sequence[Source] = (
    Source(
        0,
        _audit,
        None,
        _audit.c.object_kind,
        _audit.c.object_id,
        "",
        _audit.c.action,
        _audit.c.detail.cast(Text),
        _nothing(),
        _audit.c.address,
        _nothing(),
    ),
    Source(
        1,
        _operation,
        frozenset({"records"}),
        literal("records", Text),
        _operation.c.id,
        "records.",
        _operation.c.kind,
        _operation.c.detail.cast(Text),
        _operation.c.reason,
        _nothing(),
        _operation.c.database_id,
    ),
    _events(2, "reservation", ReservationEvent, _column(ReservationEvent.reservation_id), "kind"),
    _events(3, "request", RequestEvent, _request_id, "to_status"),
    _events(4, "deposit", DepositEvent, _column(DepositEvent.deposit_id), "kind", NOT_BOOKED),
)
