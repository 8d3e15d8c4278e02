"""Three weeks at the demo desk: staff mark what they hold day by day, reject some of it, and ask for more. Deterministic
by seed, counted back from now."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from crm_boost.contacts.service import Mark, Reach, mark
from crm_boost.contacts.verdicts import REASONS, Field
from crm_boost.db.engine import Database
from crm_boost.demo import repository
from crm_boost.demo.acting import acting, principal_of
from crm_boost.identity.models import User
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.replacement.validate import Judgement, validate
from crm_boost.requests.schemas import Ask
from crm_boost.requests.service import ask

_WORKED = 0.6
_REACHED = (("ada", 6), ("ceklis1", 2), ("tidak", 2))
_AGES = ((0, 6), (1, 4), (2, 2), (3, 2), (4, 1), (5, 1), (6, 1), (8, 2), (12, 2), (17, 2))
"""How many days ago a record was worked on, and how often: follow-ups of every urgency come of it."""
DAYS = 21
"""Since when the desk has been at work."""
_ASKING = 3
_ASKED = 20


async def work_a_day(database: Database, seed: int, staff: Sequence[User]) -> None:
    """Let every staff work on a part of their records, and some ask for more."""
    async with database.read() as session:
        held = {person.id: await repository.records_to_work_on(session, person.id) for person in staff}
        open_databases = await repository.databases_with_free_records(session)
    for place, person in enumerate(staff):
        rng = random.Random(f"{seed}:day:{place}")
        with acting(person):
            await _work(database, rng, person, held[person.id])
            if place < _ASKING and open_databases:
                async with database.write() as session:
                    wanted = Ask(database_id=open_databases[place % len(open_databases)], record_count=_ASKED)
                    await ask(session, principal_of(person), wanted, rng=rng)


async def _work(database: Database, rng: random.Random, person: User, record_ids: Sequence[str]) -> None:
    marks: dict[int, list[Mark]] = defaultdict(list)
    valid: list[str] = []
    invalid: dict[str, list[str]] = {}
    for record_id in record_ids[: int(len(record_ids) * _WORKED)]:
        (found,) = rng.choices([name for name, _ in _REACHED], [weight for _, weight in _REACHED])
        values: dict[Field, str | None] = {Field.WHATSAPP: found}
        if found == "ada" and rng.random() < 0.7:
            values[Field.RESPOND] = "ya" if rng.random() < 0.6 else "tidak"
            if rng.random() < 0.5:
                valid.append(record_id)
        elif found == "tidak" and rng.random() < 0.5:
            invalid.setdefault(rng.choice(REASONS[:-1]), []).append(record_id)
        (age,) = rng.choices([days for days, _ in _AGES], [weight for _, weight in _AGES])
        marks[age].append(Mark(record_id, values))
    reach = Reach(person.id)
    if not marks:
        return
    for age in sorted(marks, reverse=True):
        with frozen(utc_now() - timedelta(days=age)):
            async with database.write() as session:
                await mark(session, marks[age], reach)
    verdicts = [(True, None, valid), *((False, reason, ids) for reason, ids in sorted(invalid.items()))]
    for is_valid, reason, ids in verdicts:
        if ids:
            async with database.write() as session:
                await validate(session, Judgement(record_ids=ids, is_valid=is_valid, reason=reason), reach, rng=rng)
