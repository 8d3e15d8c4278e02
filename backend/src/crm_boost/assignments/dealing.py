"""Random hand-outs that several people want at the same time from one database: done together (ADR 58)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, Request

from crm_boost.assignments.hand_out import Order, assign_each
from crm_boost.assignments.policies.base import Policy
from crm_boost.db.engine import Database
from crm_boost.db.gathering import Gathering
from crm_boost.db.idempotency import Idempotency
from crm_boost.db.session import WriteSession
from crm_boost.kit.context import enter_context
from crm_boost.kit.ids import new_id

_LARGE = 1000
"""Of more records than this, a hand-out takes long enough to keep others waiting."""


@dataclass(frozen=True, slots=True)
class _Asked:
    policy: Policy
    database_id: str
    order: Order
    once: Idempotency


class Dealing:
    """The place of a process where hand-outs meet."""

    def __init__(self, database: Database) -> None:
        self._gathering: Gathering[_Asked, dict[str, Any]] = Gathering(database, _deal)

    async def deal(self, policy: Policy, database_id: str, order: Order, once: Idempotency) -> dict[str, Any]:
        """Make a hand-out as `hand_out.assign_random` does, once for its key; return the answer of the API."""
        # A database that is not of the module is a refusal, so people of two modules do not meet. A large hand-out is in
        # nobody's way at a place of its own.
        place = f"{policy.module} {database_id}" if order.quantity <= _LARGE else new_id()
        return await self._gathering.ask(place, _Asked(policy, database_id, order, once))


async def _deal(session: WriteSession, asked: Sequence[_Asked]) -> list[dict[str, Any]]:
    """Make hand-outs of one database in one transaction."""
    answers: list[dict[str, Any] | None] = []
    for one in asked:
        enter_context(one.order.by)
        answers.append(await one.once.claim(session))
    new = [one for one, known in zip(asked, answers, strict=True) if known is None]
    if not new:
        return [known for known in answers if known is not None]
    done = iter(await assign_each(session, new[0].policy, new[0].database_id, [one.order for one in new]))
    for place, one in enumerate(asked):
        if answers[place] is None:
            enter_context(one.order.by)
            answer = next(done).as_answer()
            await one.once.remember(session, answer)
            answers[place] = answer
    return cast(list[dict[str, Any]], answers)


async def _dealing(request: Request) -> Dealing:
    return cast(Dealing, request.app.state.dealing)


Dealer = Annotated[Dealing, Depends(_dealing)]
