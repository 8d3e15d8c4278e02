"""Three weeks at the demo desk: staff are handed customers every few days, look at them at their own pace, reject some
and ask for more. Deterministic by seed, counted back from now."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm_boost.contacts.service import Mark, Reach, mark
from crm_boost.contacts.verdicts import REASONS, Field
from crm_boost.db.engine import Database
from crm_boost.demo import repository
from crm_boost.demo.acting import acting, principal_of
from crm_boost.identity.models import User
from crm_boost.kit.clock import business_date, frozen, start_of_day, utc_now
from crm_boost.replacement.validate import Judgement, validate
from crm_boost.requests.schemas import Ask
from crm_boost.requests.service import ask

DAYS = 21
"""Since when the desk has been at work."""
_HANDED_OUT = (20, 17, 14, 11, 8, 6, 3, 1, 0)
"""How many days ago records were handed out. What is answered in between makes follow-ups of every urgency."""
_OPENS = timedelta(hours=9)
_LATELY = timedelta(hours=2)
_WORKED = 0.6
_REACHED = (("ada", 6), ("ceklis1", 2), ("tidak", 2))
_ROUNDS = (0.4, 1.5, 4, 9, 28, 52)
"""How many hours after a hand-out staff sit down to it."""
_PACES = ((8, 2), (5, 4, 1), (3, 4, 3), (2, 3, 3, 2), (1, 2, 3, 3, 1), (0, 1, 2, 4, 3))
"""How much of it each staff checks in which round; some are quicker than others."""
_ANSWERED = (3, 4, 2, 1)
"""How many rounds after the check an answer comes, and how often."""
_ASKING = 3
_ASKED = 20


def handed_out(zone: ZoneInfo) -> list[datetime]:
    """Return when records were handed out, the oldest first: in the mornings, and never in the future."""
    now, today = utc_now(), business_date(zone)
    mornings = (start_of_day(zone, today - timedelta(days=age)) + _OPENS for age in _HANDED_OUT)
    return [min(morning, now - _LATELY) for morning in mornings]


async def work_a_day(database: Database, seed: int, staff: Sequence[User]) -> None:
    """Let every staff work on a part of their records, and some ask for more."""
    async with database.read() as session:
        held = {person.id: await repository.records_to_work_on(session, person.id) for person in staff}
        open_databases = await repository.databases_with_free_records(session)
    for place, person in enumerate(staff):
        rng = random.Random(f"{seed}:day:{place}")
        with acting(person):
            await _work(database, rng, person, held[person.id], _PACES[place % len(_PACES)])
            if place < _ASKING and open_databases:
                async with database.write() as session:
                    wanted = Ask(database_id=open_databases[place % len(open_databases)], record_count=_ASKED)
                    await ask(session, principal_of(person), wanted, rng=rng)


async def _work(
    database: Database, rng: random.Random, person: User, held: Sequence[tuple[str, datetime]], pace: Sequence[int]
) -> None:
    now = utc_now()
    rounds: dict[tuple[datetime, int], datetime] = {}
    marks: dict[datetime, list[Mark]] = defaultdict(list)
    valid: list[str] = []
    invalid: dict[str, list[str]] = {}

    def sat_down(handed: datetime, number: int) -> datetime:
        hours = _ROUNDS[number] * rng.uniform(0.8, 1.25)
        return rounds.setdefault((handed, number), handed + timedelta(hours=hours))

    for record_id, handed in rng.sample(held, int(len(held) * _WORKED)):
        (number,) = rng.choices(range(len(pace)), pace)
        checked = sat_down(handed, number)
        (found,) = rng.choices([name for name, _ in _REACHED], [weight for _, weight in _REACHED])
        if checked > now:
            continue
        marks[checked].append(Mark(record_id, {Field.WHATSAPP: found}))
        if found == "ada" and rng.random() < 0.7:
            (later,) = rng.choices(range(len(_ANSWERED)), _ANSWERED)
            answered = sat_down(handed, min(number + later, len(_ROUNDS) - 1))
            said = "ya" if rng.random() < 0.6 else "tidak"
            if answered <= now:
                marks[answered].append(Mark(record_id, {Field.RESPOND: said}))
            if rng.random() < 0.5:
                valid.append(record_id)
        elif found == "tidak" and rng.random() < 0.5:
            invalid.setdefault(rng.choice(REASONS[:-1]), []).append(record_id)
    reach = Reach(person.id)
    for at in sorted(marks):
        with frozen(at):
            async with database.write() as session:
                await mark(session, marks[at], reach)
    verdicts = [(True, None, valid), *((False, reason, ids) for reason, ids in sorted(invalid.items()))]
    for is_valid, reason, ids in verdicts:
        if ids:
            async with database.write() as session:
                await validate(session, Judgement(record_ids=ids, is_valid=is_valid, reason=reason), reach, rng=rng)
