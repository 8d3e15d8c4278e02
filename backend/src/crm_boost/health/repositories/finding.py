"""What the checks ask: one statement each. None of them changes anything.

Most start from what is few (people, reservations, open conflicts, held records) and go by indexes to the records, so
a clean desk costs the same at any size. Those marked `deep` in the catalogue compare every record with something.
"""

from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CTE, ColumnElement, Table, and_, exists, func, literal, or_, select

from crm_boost.assignments.models import Batch
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.state_repository import is_in
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import is_ascii, json_text_at, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.db.types import Question
from crm_boost.identity.models import User
from crm_boost.kit.clock import business_date, start_of_day
from crm_boost.notifications.models import Notification
from crm_boost.requests.models import RecordRequest
from crm_boost.requests.states import RequestStatus
from crm_boost.reservations.grace import CleanupConfig
from crm_boost.reservations.matching import is_reserved, is_taken_by_other, leads_to
from crm_boost.reservations.models import ConflictEntry, Reservation, ReservationKey
from crm_boost.reservations.states import ACTIVE, ReservationStatus

_record = cast(Table, Record.__table__)
_database = cast(Table, CustomerDatabase.__table__)
_user = cast(Table, User.__table__)
_conflict = cast(Table, ConflictEntry.__table__)
_batch = cast(Table, Batch.__table__)
_r, _d, _u, _c, _b = _record.c, _database.c, _user.c, _conflict.c, _batch.c

_ASCII_SPACE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "


def _columns(key: Any) -> list[Any]:
    return [
        key.label("key"),
        _r.id.label("id"),
        literal("record").label("kind"),
        _d.id.label("database_id"),
        _d.name.label("database_name"),
        _d.module.label("module"),
    ]


def _live(module: str | None) -> list[ColumnElement[bool]]:
    conditions = [_d.state == DatabaseState.READY, _d.deleted_at.is_(None)]
    if module is not None:
        conditions.append(_d.module == module)
    return conditions


def _records(module: str | None) -> Question:
    joined = _d.id == unindexed(_r.database_id)
    return select(*_columns(_r.seq)).join_from(_record, _database, joined).where(*_live(module))


def _distinct(column: Any, name: str) -> CTE:
    """Return the different values of an indexed column by leaping from one to the next: as many steps as values."""
    steps = select(func.min(column).label("value")).where(column.is_not(None)).cte(name, recursive=True)
    leap = select(func.min(column)).where(column > steps.c.value).scalar_subquery()
    return steps.union_all(select(leap).where(steps.c.value.is_not(None)))


def _gone(column: Any, name: str) -> Question:
    """Return those of the people in an indexed column who are unknown or were removed."""
    people = _distinct(column, name)
    return (
        select(people.c.value)
        .outerjoin(_user, _u.id == people.c.value)
        .where(people.c.value.is_not(None), or_(_u.id.is_(None), _u.deleted_at.is_not(None)))
    )


def orphan_holders(_session: ReadSession, module: str | None) -> Question:
    """Records assigned to somebody who is unknown or was removed. (Nobody at all: the database refuses it.)"""
    gone = _gone(_r.assigned_to, "holders")
    return _records(module).where(_r.assigned_to.in_(gone), _r.state == RecordState.ASSIGNED)


def inactive_holders(_session: ReadSession, module: str | None) -> Question:
    """Records assigned to people whose account is switched off."""
    off = select(_u.id).where(~_u.is_active, _u.deleted_at.is_(None))
    return _records(module).where(_r.assigned_to.in_(off), _r.state == RecordState.ASSIGNED)


def dead_requests(_session: ReadSession, module: str | None) -> Question:
    """Records held for a request that is closed or unknown, or for somebody who was removed."""
    alive = exists().where(
        RecordRequest.id == _r.request_id,
        RecordRequest.status == RequestStatus.PENDING,
        User.id == _r.held_for,
        User.deleted_at.is_(None),
    )
    return _records(module).where(_r.held_for.is_not(None), _r.state == RecordState.REQUESTED, ~alive)


def owned_but_available(session: ReadSession, module: str | None) -> Question:
    """Free records whose customers somebody has reserved."""
    return _records(module).where(
        _of_reserved_customers(), unindexed(_r.state) == RecordState.AVAILABLE, is_reserved(session, _r)
    )


def reserved_without_owner(session: ReadSession, module: str | None) -> Question:
    """Records kept back although nobody has reserved their customers."""
    return _records(module).where(is_in(RecordState.RESERVED), ~is_reserved(session, _r))


def _of_reserved_customers() -> ColumnElement[bool]:
    """Return the condition: the record is of a customer whom somebody has reserved. Goes from the reservations to the
    records, never through all records."""
    seqs = select(RecordKey.record_seq).select_from(ReservationKey).join(RecordKey, leads_to(RecordKey.customer_key))
    return _r.seq.in_(seqs)


def stale_conflicts(session: ReadSession, module: str | None) -> Question:
    """Conflicts that the log calls open although the record is not held, or its customer nobody else's, any more."""
    real = and_(
        _r.state == RecordState.ASSIGNED, _r.assigned_to == _c.staff_id, is_taken_by_other(session, _r, _c.staff_id)
    )
    return (
        select(*_columns(_c.seq))
        .select_from(_conflict)
        .join(_record, _r.seq == unindexed(_c.record_seq))
        .join(_database, _d.id == unindexed(_r.database_id))
        .where(_c.ended_at.is_(None), ~func.coalesce(real, False), *_live(module))
    )


def unlogged_conflicts(session: ReadSession, module: str | None) -> Question:
    """Records held by one while their customers are another's, of which the log knows nothing."""
    noted = exists().where(_c.record_seq == _r.seq, _c.ended_at.is_(None), _c.staff_id == _r.assigned_to)
    return _records(module).where(
        _of_reserved_customers(),
        unindexed(_r.state) == RecordState.ASSIGNED,
        is_taken_by_other(session, _r, _r.assigned_to),
        ~noted,
    )


def foreign_batches(_session: ReadSession, module: str | None) -> Question:
    """Assigned records in a batch that is somebody else's, of another database, or nobody's."""
    own = and_(_b.staff_id == _r.assigned_to, _b.database_id == _r.database_id)
    return (
        _records(module)
        .outerjoin(_batch, _b.id == _r.batch_id)
        .where(_r.batch_id.is_not(None), _r.state == RecordState.ASSIGNED, ~func.coalesce(own, False))
    )


def customer_keys(_session: ReadSession, module: str | None) -> Question:
    """Records whose stored customer is not the one in their row, or that are not found by their customer.

    Rows beyond ASCII are compared only with the table by which they are found: their folding is not SQL's.
    """
    cell = json_text_at(_r.row_data, CustomerDatabase.mapping["username"].as_integer())
    plain = func.lower(cell)
    for space in _ASCII_SPACE:
        plain = func.replace(plain, space, "")
    differs = and_(is_ascii(cell), plain != _r.customer_key)
    found = exists().where(RecordKey.customer_key == _r.customer_key, RecordKey.record_seq == _r.seq)
    return _records(module).where(or_(~found, differs))


def product_mismatch(_session: ReadSession, module: str | None) -> Question:
    """Records of another product than their database."""
    return _records(module).where(_r.product_id != _d.product_id)


def _reservations(*conditions: ColumnElement[bool]) -> Question:
    return select(Reservation.id.label("key"), Reservation.id.label("id"), literal("reservation").label("kind")).where(
        Reservation.status.in_(sorted(ACTIVE)), *conditions
    )


def dead_keys(_session: ReadSession, _module: str | None) -> Question:
    """Customers kept for a reservation that is over, or that is somebody else's or in another state by now."""
    right = exists().where(
        Reservation.id == ReservationKey.reservation_id,
        Reservation.status.in_(sorted(ACTIVE)),
        Reservation.staff_id == ReservationKey.staff_id,
        Reservation.product_id == ReservationKey.product_id,
        (Reservation.status == ReservationStatus.APPROVED) == ReservationKey.approved,
    )
    key = ReservationKey.reservation_id
    return select(key.label("key"), key.label("id"), literal("reservation").label("kind")).where(~right).distinct()


def unprotected_reservations(_session: ReadSession, _module: str | None) -> Question:
    """Active reservations that protect no customer."""
    return _reservations(~exists().where(ReservationKey.reservation_id == Reservation.id))


def duplicate_reservations(_session: ReadSession, _module: str | None) -> Question:
    """Active reservations of a customer who has an older active one for the same product."""
    other = Reservation.__table__.alias("older")
    older = exists().where(
        other.c.customer_key == Reservation.customer_key,
        other.c.product_id == Reservation.product_id,
        other.c.status.in_(sorted(ACTIVE)),
        other.c.id < Reservation.id,
    )
    return _reservations(Reservation.customer_key != "", older)


def orphan_reservations(_session: ReadSession, _module: str | None) -> Question:
    """Active reservations of somebody who is unknown or was removed."""
    return _reservations(Reservation.staff_id.in_(_gone(Reservation.staff_id, "owners")))


def past_grace(session: ReadSession, config: CleanupConfig) -> Question:
    """Reservations whose grace was over before today already: the run of this morning should have ended them."""
    today = business_date(session.business.tz)
    claimed_at = func.coalesce(Reservation.claimed_at, Reservation.approved_at, Reservation.created_at)

    def over(days: int) -> ColumnElement[bool]:
        # One day more than `Grace.remaining < 0`: the run of the first day over may still be under way.
        day: date = today - timedelta(days=days + 1)
        start: datetime = start_of_day(session.business.tz, day)
        return and_(claimed_at < start, or_(Reservation.last_omset_date.is_(None), Reservation.last_omset_date < day))

    special = config.product_overrides
    usual = and_(Reservation.product_id.not_in(sorted(special)), over(config.global_grace_days))
    each = [and_(Reservation.product_id == product_id, over(days)) for product_id, days in sorted(special.items())]
    return select(Reservation.id.label("key"), Reservation.id.label("id"), literal("reservation").label("kind")).where(
        Reservation.status == ReservationStatus.APPROVED, ~Reservation.is_permanent, or_(usual, *each)
    )


def notifications_to_nobody(_session: ReadSession, _module: str | None) -> Question:
    """Unread messages to somebody who is unknown or was removed."""
    gone = _gone(Notification.user_id, "readers")
    return select(
        Notification.seq.label("key"), Notification.id.label("id"), literal("notification").label("kind")
    ).where(Notification.user_id.in_(gone), Notification.read_at.is_(None))
