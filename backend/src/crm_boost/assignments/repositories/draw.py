"""Statements of the random draw. Each locks what it returns and skips what a rival has locked."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Select, Table, Text, and_, bindparam, case, exists, func, or_, select

from crm_boost.databases.models import Record, RecordKey
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import in_numbers, number_rows, numbers_parameter, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import rows_of
from crm_boost.reservations.matching import is_reserved, is_taken_by_other, leads_to
from crm_boost.reservations.models import ReservationKey

_record = cast(Table, Record.__table__)
_r = _record.c


def is_eligible(
    session: ReadSession, staff_ids: Sequence[Any], state: ColumnElement[str] = _r.state
) -> ColumnElement[bool]:
    """Return the condition: this record may be dealt to every one of `staff_ids`.

    One receiver: what nobody else owns, his own reserved records included. Several: what nobody owns, since a
    reserved record can go to one person only.
    """
    if len(staff_ids) == 1:
        (staff_id,) = staff_ids
        free = ~is_taken_by_other(session, _r, staff_id)
        return or_(
            and_(state == RecordState.AVAILABLE, free),
            and_(state == RecordState.RESERVED, is_reserved(session, _r), free),
        )
    return and_(state == RecordState.AVAILABLE, ~is_reserved(session, _r))


def _is_choosable(session: ReadSession, staff_ids: Sequence[str]) -> ColumnElement[bool]:
    """The cheap part of `is_eligible`: decided by the state alone, except for who owns customers himself."""
    available = _r.state == RecordState.AVAILABLE
    if len(staff_ids) > 1:
        return available
    owns_any = exists().where(ReservationKey.staff_id == staff_ids[0])
    return or_(available, and_(_r.state == RecordState.RESERVED, owns_any, is_eligible(session, staff_ids)))


def _states(staff_ids: Sequence[str]) -> list[RecordState]:
    return [RecordState.AVAILABLE, RecordState.RESERVED] if len(staff_ids) == 1 else [RecordState.AVAILABLE]


def _locked(statement: Select[int], count: Any) -> Select[int]:
    return statement.limit(count).with_for_update(skip_locked=True, key_share=True, of=_record)


def _looked_at(column: ColumnElement[str]) -> ColumnElement[str]:
    """Return `column` for a condition that no index answers: every database must use the primary key, whatever it
    believes about the values in the table."""
    return column.op("||", return_type=Text())("")


_probing: dict[tuple[str, bool], Select[int]] = {}


def _probe_statement(session: ReadSession, staff_ids: Sequence[str]) -> Select[int]:
    """Return the statement of `draw_probed`, built once: it runs in every hand-out."""
    key = (session.business.reservation_scope, len(staff_ids) > 1)
    if key not in _probing:
        receivers = staff_ids if len(staff_ids) > 1 else [bindparam("p_staff", type_=Text)]
        probes = numbers_parameter("p_probes")
        # The array finds the records by primary key; its rows only say in which order they were thrown.
        thrown = number_rows(probes, "thrown")
        statement = (
            select(_r.seq)
            .join(thrown, thrown.c.value == _r.seq)
            .where(
                in_numbers(_r.seq, probes),
                _looked_at(_r.database_id) == bindparam("p_database", type_=Text),
                is_eligible(session, receivers, _looked_at(_r.state)),
            )
            .order_by(thrown.c.position)
        )
        _probing[key] = _locked(statement, bindparam("p_count", type_=Integer))
    return _probing[key]


async def draw_probed(
    session: WriteSession, database_id: str, staff_ids: Sequence[str], probes: Sequence[int], count: int
) -> list[int]:
    """Return up to `count` eligible records among `probes`, in the order of the probes, by primary key lookups."""
    parameters = {"p_database": database_id, "p_probes": list(probes), "p_count": count, "p_staff": staff_ids[0]}
    return [row.seq for row in await rows_of(session, _probe_statement(session, staff_ids), parameters)]


async def draw_from_index(
    session: WriteSession, database_id: str, staff_ids: Sequence[str], taken: Sequence[int], count: int
) -> list[int]:
    """Return up to `count` of the eligible records, in random order, choosing from the state index alone.

    The choice looks at no record, the check at those chosen only: where a reservation does not let one pass, fewer
    come back, and `draw_from_all` completes the draw.
    """
    chosen = (
        select(_r.seq)
        .where(
            _r.database_id == database_id,
            _r.state.in_(_states(staff_ids)),
            _is_choosable(session, staff_ids),
            ~in_numbers(_r.seq, taken),
        )
        .order_by(func.random())
        .limit(count)
        .subquery("chosen")
    )
    statement = (
        select(_r.seq)
        .join(chosen, chosen.c.seq == _r.seq)
        .where(is_eligible(session, staff_ids))
        .order_by(func.random())
    )
    return list((await session.scalars(_locked(statement, count))).all())


async def draw_from_all(
    session: WriteSession, database_id: str, staff_ids: Sequence[str], taken: Sequence[int], count: int
) -> list[int]:
    """Return up to `count` of the eligible records, in random order, by looking at every one of them."""
    statement = (
        select(_r.seq)
        .where(
            _r.database_id == database_id,
            _r.state.in_(_states(staff_ids)),
            is_eligible(session, staff_ids),
            ~in_numbers(_r.seq, taken),
        )
        .order_by(func.random())
    )
    return list((await session.scalars(_locked(statement, count))).all())


async def count_eligible(session: ReadSession, database_id: str, staff_ids: Sequence[str], available: int) -> int:
    """Return how many records may be dealt to these staff, of a database with so many available ones.

    Available records of customers whom nobody has reserved may be dealt to anybody. The others are looked at one by one,
    starting from the reservations: of those there are far fewer than of records.
    """
    of_reserved = (
        select(RecordKey.record_seq).select_from(ReservationKey).join(RecordKey, leads_to(RecordKey.customer_key))
    )
    statement = select(
        func.count(case((_r.state == RecordState.AVAILABLE, 1))),
        func.count(case((is_eligible(session, staff_ids), 1))),
    ).where(
        _r.seq.in_(of_reserved), unindexed(_r.database_id) == database_id, unindexed(_r.state).in_(_states(staff_ids))
    )
    looked_at, eligible = (await session.execute(statement)).one()
    return int(available - looked_at + eligible)
