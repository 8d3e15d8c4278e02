"""Counts what people look at, and says stop.

Looking must not wait for writers: counts are kept in memory and written every second, in one transaction, as sums of
all processes. A process knows its own counts at once, those of others a second later.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.access import repository
from crm_boost.access.errors import AccessLimited
from crm_boost.access.events import UnusualAccess
from crm_boost.access.limits import SETTINGS, AccessLimits, Kind, Used, hour_of, is_unusual, refusal_of
from crm_boost.configuration.service import read
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.clock import business_date, start_of_day, utc_now

log = structlog.get_logger(__name__)

_KEEP = timedelta(days=35)
_WORDS = {Kind.OPEN: "opened", Kind.SEARCH: "searched for", Kind.ROWS: "listed"}


@dataclass(slots=True)
class _Day:
    """One person's business day: the counts of all processes as far as known, and which are not written yet."""

    day: date
    known: dict[tuple[Kind, datetime], int]
    pending: dict[tuple[Kind, datetime], int] = field(default_factory=lambda: defaultdict(int))
    stopped: set[Kind] = field(default_factory=set)
    is_told: bool = False

    def used(self, kind: Kind, hour: datetime) -> Used:
        return Used(self.known.get((kind, hour), 0), sum(n for (k, _), n in self.known.items() if k is kind))

    def add(self, kind: Kind, hour: datetime, amount: int) -> None:
        self.known[kind, hour] = self.known.get((kind, hour), 0) + amount
        self.pending[kind, hour] += amount


class Meter:
    """The counts of one process."""

    def __init__(self, database: Database, *, interval: float = 1.0) -> None:
        self._database = database
        self._zone = database.business.tz
        self._interval = interval
        self._days: dict[str, _Day] = {}
        self._limits: AccessLimits | None = None
        self._loading = asyncio.Lock()
        self._tidied: date | None = None

    async def use(self, user_id: str, kind: Kind) -> None:
        """Count one of `kind`, or refuse it with 429 and the time to wait; what is refused is not counted."""
        day, limits, now = await self._of(user_id)
        self._ensure(day, limits, kind, now, asked=1)
        day.add(kind, hour_of(now), 1)

    async def ensure_some_left(self, user_id: str, kind: Kind) -> None:
        """Refuse with 429 when a limit is used up; how much is taken is counted afterwards, by `add`."""
        day, limits, now = await self._of(user_id)
        self._ensure(day, limits, kind, now, asked=1)

    async def add(self, user_id: str, kind: Kind, amount: int) -> None:
        """Count what was taken."""
        if amount:
            day, _, now = await self._of(user_id)
            day.add(kind, hour_of(now), amount)

    def change_limits(self, limits: AccessLimits) -> None:
        """Go by other limits from now on. Other processes read them with their next counts."""
        self._limits = limits

    async def _of(self, user_id: str) -> tuple[_Day, AccessLimits, datetime]:
        now = utc_now()
        today = business_date(self._zone, now)
        day = self._days.get(user_id)
        if day is None or day.day != today or self._limits is None:
            async with self._loading:
                day = await self._load(user_id, today)
        assert self._limits is not None
        return day, self._limits, now

    async def _load(self, user_id: str, today: date) -> _Day:
        """Read what all processes counted of a person today, once a day; what is not written yet is not lost."""
        before = self._days.get(user_id)
        async with self._database.read() as session:
            self._limits = await _limits(session)
            if before is not None and before.day == today:
                return before
            known = await repository.counts_of(session, user_id, self._since(today))
        day = self._days[user_id] = _Day(today, known)
        if before is not None:
            for (kind, hour), amount in before.pending.items():
                day.pending[kind, hour] += amount
        return day

    def _since(self, day: date) -> datetime:
        return hour_of(start_of_day(self._zone, day))

    def _ensure(self, day: _Day, limits: AccessLimits, kind: Kind, now: datetime, *, asked: int) -> None:
        used = day.used(kind, hour_of(now))
        next_day = start_of_day(self._zone, day.day + timedelta(days=1))
        refusal = refusal_of(limits, kind, Used(used.hour + asked, used.day + asked), now, next_day)
        if refusal is None:
            return
        if not day.is_told:
            day.stopped.add(kind)
        wait = int((refusal.until - now).total_seconds()) + 1
        raise AccessLimited(
            f"You have {_WORDS[kind]} {refusal.limit:,} customers this {refusal.span}; more is not allowed. "
            f"Go on in {max(wait // 60, 1)} minutes, or ask an administrator.",
            retry_after=wait,
            kind=kind.value,
            limit=refusal.limit,
            span=refusal.span,
        )

    async def flush(self) -> None:
        """Write what was counted, learn what others counted, and tell administrators of what is unusual."""
        now = utc_now()
        today = business_date(self._zone, now)
        taken = {user_id: day.pending for user_id, day in self._days.items() if day.pending}
        concerned = {**dict.fromkeys(taken), **{u: None for u, day in self._days.items() if day.stopped}}
        if not concerned:
            return
        for user_id in taken:
            self._days[user_id].pending = defaultdict(int)
        counts = {(user_id, *key): n for user_id, pending in taken.items() for key, n in pending.items()}
        try:
            async with self._database.write() as session:
                totals = await repository.add(session, counts)
                if self._tidied != today:
                    await repository.forget_before(session, now - _KEEP)
                self._limits = await _limits(session)
                told = await self._tell(session, list(concerned), today)
        except SQLAlchemyError:
            for (user_id, kind, hour), amount in counts.items():
                self._days[user_id].pending[kind, hour] += amount
            raise
        self._tidied = today
        for (user_id, kind, hour), total in totals.items():
            day = self._days[user_id]
            if hour >= self._since(day.day):
                day.known[kind, hour] = total + day.pending.get((kind, hour), 0)
        for user_id in told:
            self._days[user_id].is_told = True
        for user_id in concerned:
            self._days[user_id].stopped.clear()
        self._days = {u: day for u, day in self._days.items() if day.day == today or day.pending}

    async def _tell(self, session: WriteSession, user_ids: list[str], today: date) -> list[str]:
        """Raise an alarm about each of these people whose day is unusual, once a day; return about whom."""
        since, told = self._since(today), []
        watched = [u for u in user_ids if self._days[u].day == today and not self._days[u].is_told]
        if not watched:
            return []
        limits = self._limits or AccessLimits()
        found: dict[str, tuple[Kind, int, float | None]] = {}
        for kind in Kind:
            team = await repository.day_of_team(session, kind, since)
            for user_id in watched:
                count = team.get(user_id, 0)
                usual = is_unusual(limits, kind, count, [n for other, n in team.items() if other != user_id])
                if usual is not None or kind in self._days[user_id].stopped:
                    found.setdefault(user_id, (kind, count, usual))
        names = await repository.names_of(session, list(found)) if found else {}
        for user_id, (kind, count, usual) in found.items():
            if await repository.claim_alarm(session, user_id, since):
                await session.emit(UnusualAccess(user_id, names[user_id], kind.value, count, usual))
            told.append(user_id)
        return told

    async def run(self) -> None:
        """Flush until cancelled; a failing flush is logged and tried again with the next one."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.flush()
            except SQLAlchemyError as error:
                log.warning("access_flush_failed", error=type(error).__name__)


async def _limits(session: ReadSession) -> AccessLimits:
    return (await read(session, SETTINGS, AccessLimits)).value
