"""Statements of the random draw. Each locks what it returns and skips what a rival has locked."""

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    FromClause,
    Integer,
    Row,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)

from crm_boost.assignments.models import Operation
from crm_boost.assignments.repositories.slots import numbered, seq_of, slot_of
from crm_boost.databases.models import Record, RecordKey
from crm_boost.databases.state_repository import Keys, between, in_states
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import (
    in_numbers,
    in_texts,
    number_rows,
    numbers_parameter,
    text_at,
    texts_parameter,
    unindexed,
)
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import built_once, rows_of
from crm_boost.reservations.matching import is_reserved, is_taken_by_other, leads_to
from crm_boost.reservations.models import ReservationKey

_record = cast(Table, Record.__table__)
_r = _record.c
_o = cast(Table, Operation.__table__).c


Condition = ColumnElement[bool]


def is_eligible(
    session: ReadSession, staff_ids: Sequence[Any], asked: Callable[[Condition], Condition] = lambda of_state: of_state
) -> Condition:
    """Return the condition: this record may be dealt to every one of `staff_ids`. Its state is `asked` for.

    One receiver: what nobody else owns, his own reserved records included. Several: what nobody owns, since a
    reserved record can go to one person only.
    """
    is_available, is_kept = asked(_r.state == RecordState.AVAILABLE), asked(_r.state == RecordState.RESERVED)
    if len(staff_ids) == 1:
        (staff_id,) = staff_ids
        free = ~is_taken_by_other(session, _r, staff_id)
        return or_(and_(is_available, free), and_(is_kept, is_reserved(session, _r), free))
    return and_(is_available, ~is_reserved(session, _r))


def _choosable(session: ReadSession, keys: Keys, staff_ids: Sequence[str]) -> FromClause:
    """The cheap part of `is_eligible`: decided by the state alone, except for who owns customers himself. One select for
    each state: of both in one, PostgreSQL would read the records."""
    available = select(_r.seq).where(in_states(keys, RecordState.AVAILABLE))
    if len(staff_ids) > 1:
        return available.subquery("choosable")
    owns_any = exists().where(ReservationKey.staff_id == staff_ids[0])
    reserved = select(_r.seq).where(in_states(keys, RecordState.RESERVED), owns_any, is_eligible(session, staff_ids))
    return union_all(available, reserved).subquery("choosable")


def _states(staff_ids: Sequence[str]) -> list[RecordState]:
    return [RecordState.AVAILABLE, RecordState.RESERVED] if len(staff_ids) == 1 else [RecordState.AVAILABLE]


Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])


def _locked(statement: Rows, count: Any) -> Rows:
    return statement.limit(count).with_for_update(skip_locked=True, key_share=True, of=_record)


def _looked_at(condition: Condition) -> Condition:
    """Return a condition that no index answers: every database must use the primary key, whatever it believes about the
    values in the table. Half of the records are taken to meet it; where PostgreSQL expected next to none, it compared
    every key with every record it had found once there were many."""
    return func.coalesce(condition, false())


_DRAWN = "drawn_to"
_probing: dict[tuple[str, bool], Select[*tuple[int, int]]] = {}


def _probe_statement(session: ReadSession, *, several: bool) -> Select[*tuple[int, int]]:
    """Return the statement of `draw_probed`, built once: it runs in every hand-out."""
    key = (session.business.reservation_scope, several)
    if key not in _probing:
        thrown = number_rows(numbers_parameter("p_probes"), "thrown")
        seq, slot = seq_of(thrown.c.value), slot_of(thrown.c.value)
        staff: ColumnElement[str] = bindparam("p_staff", type_=Text)
        if several:
            staff = text_at(texts_parameter("p_staff"), slot)
        statement = (
            select(_r.seq, slot)
            .join_from(thrown, _record, _r.seq == seq)
            .where(
                _looked_at(_r.database_id == bindparam("p_database", type_=Text)),
                is_eligible(session, [staff], _looked_at),
            )
            .order_by(thrown.c.position)
        )
        _probing[key] = _locked(statement, bindparam("p_count", type_=Integer))
    return _probing[key]


class CameBack(NamedTuple):
    """Up to which key a shuffled database was drawn from, and the keys up to it that may be dealt again."""

    drawn_to: int
    seqs: list[int]


@built_once
def _came_back_statement(_session: ReadSession) -> Executable:
    database_id, first = bindparam("p_database", type_=Text), bindparam("p_first", type_=BigInteger)
    last_drawn = select(func.max(_o.drawn_to)).where(_o.database_id == database_id, _o.drawn_to.is_not(None))
    known = bindparam("p_known", type_=BigInteger)
    drawn_to = func.coalesce(known, last_drawn.scalar_subquery(), first - 1)
    keys = (first, drawn_to)
    owns_any = (
        select(ReservationKey.staff_id).where(in_texts(ReservationKey.staff_id, texts_parameter("p_staff"))).exists()
    )
    limit = bindparam("p_limit", type_=Integer)
    # In the order of the index: it is read no further than the limit. Of what is available, this index has little else;
    # that of the state leads, on PostgreSQL, to all that was dealt lately.
    came_back = and_(between(keys), _r.came_back.is_not(None))
    passed_over = and_(in_states(keys, RecordState.RESERVED), owns_any)
    returned, reserved = (
        select(_r.seq).where(some).order_by(_r.seq).limit(limit).subquery() for some in (came_back, passed_over)
    )
    return union_all(
        select(drawn_to.label("seq"), literal(0).label("kind")),
        *(select(some.c.seq, literal(1)) for some in (returned, reserved)),
    )


async def came_back(
    session: WriteSession, database_id: str, keys: tuple[int, int], staff_ids: Sequence[str], limit: int
) -> CameBack:
    """Return what was drawn from a shuffled database and came back, and what is reserved where one of these staff owns
    customers. Of more than `limit`, some."""
    parameters = {
        "p_database": database_id,
        "p_first": keys[0],
        "p_known": session.info.get(_DRAWN, {}).get(database_id),
        "p_staff": list(staff_ids),
        "p_limit": limit + 1,
    }
    found = await rows_of(session, _came_back_statement(session), parameters)
    drawn_to = next(seq for seq, kind in found if not kind)
    return CameBack(drawn_to, list({seq for seq, kind in found if kind}))


def remember_drawn(session: WriteSession, database_id: str, drawn_to: int) -> None:
    """Remember up to where this transaction has drawn from a database: the operation that deals it says so."""
    session.info.setdefault(_DRAWN, {})[database_id] = drawn_to


def drawn_to(session: WriteSession, database_id: str | None) -> int | None:
    """Return up to where this transaction has drawn from a database, None where it has not."""
    known: dict[str | None, int] = session.info.get(_DRAWN, {})
    return known.get(database_id)


class Probe(NamedTuple):
    """Keys that are looked up for a hand-out, and to whom its records may go: None, where it has several receivers."""

    staff_id: str | None
    keys: Sequence[int]


async def draw_probed(
    session: WriteSession, database_id: str, probes: Sequence[Probe], count: int
) -> Sequence[Row[int, int]]:
    """Return up to `count` records by primary key lookups, in the order of the keys: the key of each, and the place of
    the probe it is eligible for."""
    # Nobody is called so: for somebody who owns no customer, a record is eligible when it is for several.
    staff = [probe.staff_id or "" for probe in probes]
    several = len(probes) > 1
    parameters = {
        "p_database": database_id,
        "p_probes": [number for slot, probe in enumerate(probes) for number in numbered(probe.keys, repeat(slot))],
        "p_count": count,
        "p_staff": staff if several else staff[0],
    }
    return await rows_of(session, _probe_statement(session, several=several), parameters)


async def own_customers(session: ReadSession, staff_ids: Sequence[str]) -> bool:
    """Whether anybody of these staff owns customers."""
    statement = select(ReservationKey.staff_id).where(in_texts(ReservationKey.staff_id, staff_ids)).limit(1)
    return (await session.execute(statement)).first() is not None


async def draw_from_index(
    session: WriteSession, keys: Keys, staff_ids: Sequence[str], taken: Sequence[int], count: int
) -> list[int]:
    """Return up to `count` of the eligible records of a database, in random order, choosing from the state index alone.

    The choice looks at no record, the check at those chosen only: where a reservation does not let one pass, fewer
    come back, and `draw_from_all` completes the draw.
    """
    choosable = _choosable(session, keys, staff_ids)
    chosen = (
        select(choosable.c.seq)
        .where(~in_numbers(choosable.c.seq, taken))
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
    session: WriteSession, keys: Keys, staff_ids: Sequence[str], taken: Sequence[int], count: int
) -> list[int]:
    """Return up to `count` of the eligible records of a database, in random order, by looking at every one of them."""
    statement = (
        select(_r.seq)
        .where(
            in_states(keys, *_states(staff_ids)),
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
