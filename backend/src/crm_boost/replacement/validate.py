"""Judging records, and what the rule does at once with those rejected (spec 2.4, 2.5): all in one transaction."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_boost.assignments.archive import (
    NO_ROOM,
    NONE_LEFT,
    NOT_A_RECEIVER,
    Archived,
    Ground,
    Pair,
    replace_invalid,
    stand_on,
)
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.repositories.replacing import holders_of
from crm_boost.contacts import service as contacts
from crm_boost.contacts.service import Reach
from crm_boost.contacts.verdicts import Verdict
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.pools.rows import rows_by_id
from crm_boost.replacement.alerts import reconcile_rows
from crm_boost.replacement.policy_settings import ReplacementRule, rule_of
from crm_boost.replacement.repositories import replacements as repository

QUOTA = "quota"
_secure = random.SystemRandom()

_WHY = {
    QUOTA: "the quota of replacements is used up",
    NONE_LEFT: "no eligible record is left in the database",
    NO_ROOM: "more records are held than the capacity allows",
    NOT_A_RECEIVER: "their holder cannot receive records now",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of records. `is_valid` None takes the verdict back."""

    record_ids: Sequence[str]
    is_valid: bool | None
    reason: str | None = None
    note: str | None = None
    version: int | None = None

    @property
    def verdict(self) -> Verdict | None:
        if self.is_valid is None:
            return None
        return Verdict.VALIDATED if self.is_valid else Verdict.INVALID


@dataclass(slots=True)
class _ByRule:
    """What the rule has done: the new record by the one replaced, and why others were not replaced."""

    replaced: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


async def validate(
    session: WriteSession, wanted: Judgement, reach: Reach, *, rng: random.Random = _secure
) -> dict[str, Any]:
    """Give records a verdict, all or none; where the module's rule is on, replace those newly rejected.

    What cannot be replaced stays rejected and assigned, and the answer says why. The same again changes nothing.
    """
    ids = list(dict.fromkeys(wanted.record_ids))
    rules, ground = await _prepare(session, wanted, ids)
    judged = await contacts.judge(
        session,
        ids,
        wanted.verdict,
        reason=wanted.reason,
        note=wanted.note,
        holder=reach.holder,
        version=wanted.version,
        modules=reach.modules,
    )
    done = _ByRule()
    rejected = [row for row in judged.changed if wanted.is_valid is False and row.validation_status != Verdict.INVALID]
    for module, rule in sorted(rules.items()):
        own = [row for row in rejected if row.module == module]
        await _apply(session, policy_of(module), rule, own, ground, done, rng)
    left = [row for row in rejected if row.id not in done.replaced]
    await reconcile_rows(session, left, grew=True)
    if not rejected:
        await reconcile_rows(session, judged.changed)
    repeated = await _replaced_before(session, wanted, judged.unchanged)
    shown = [*(row.id for row in judged.changed), *done.replaced.values()]
    rows = await rows_by_id(session, shown, staff_id=reach.holder)
    return _answer(wanted, len(judged.changed), done, repeated, rows)


async def _prepare(
    session: WriteSession, wanted: Judgement, ids: Sequence[str]
) -> tuple[dict[str, ReplacementRule], Ground]:
    """Return the rules in force for these records by module, and lock what replacing stands on, before any record."""
    if wanted.is_valid is not False:
        return {}, Ground({}, {})
    found = await holders_of(session, ids)
    rules: dict[str, ReplacementRule] = {}
    for module in sorted({row.module for row in found}):
        rule = (await rule_of(session, policy_of(module))).value
        if rule.auto_replace_invalid:
            rules[module] = rule
    own = [row for row in found if row.module in rules]
    if not own:
        return rules, Ground({}, {})
    return rules, await stand_on(session, [row.database_id for row in own], [row.assigned_to for row in own])


async def _apply(
    session: WriteSession,
    policy: Policy,
    rule: ReplacementRule,
    rows: Sequence[Any],
    ground: Ground,
    done: _ByRule,
    rng: random.Random,
) -> None:
    """Replace these rejected records as far as the quota goes. It is counted under the lock of the database."""
    if not rows:
        return
    keys = {row.id: policy.quota_key(row.assigned_to, row.database_id, row.batch_id) for row in rows}
    used = Counter(await repository.used_of(session, sorted(set(keys.values()))))
    within: list[Any] = []
    for row in rows:
        if used[keys[row.id]] < rule.max_replacements_per_batch:
            used[keys[row.id]] += 1
            within.append(row)
        else:
            done.failed[row.id] = QUOTA
    if not within:
        return
    archived = await replace_invalid(session, policy, within, ground, rng=rng)
    await link(session, policy, archived, by_rule=True)
    done.replaced.update({pair.archived.id: pair.dealt_id for pair in archived.pairs})
    done.failed.update(archived.failed)


async def link(session: WriteSession, policy: Policy, archived: Archived, *, by_rule: bool) -> None:
    """Remember which record was dealt in place of which, and whether the rule did it."""
    operation = archived.operation
    if operation is None:
        return

    def row(pair: Pair) -> dict[str, Any]:
        former = pair.archived
        return {
            "operation_seq": operation.seq,
            "module": policy.module,
            "database_id": former.database_id,
            "staff_id": former.assigned_to,
            "batch_id": former.batch_id,
            "quota_key": policy.quota_key(former.assigned_to, former.database_id, former.batch_id),
            "by_rule": by_rule,
            "archived_seq": former.seq,
            "dealt_seq": pair.dealt_seq,
            "at": operation.at,
        }

    await repository.add(session, [row(pair) for pair in archived.pairs])


async def _replaced_before(session: ReadSession, wanted: Judgement, unchanged: Sequence[str]) -> dict[str, str]:
    """Return what an earlier call with the same verdict had replaced: a repeated call is told the same."""
    if wanted.is_valid is not False or not unchanged:
        return {}
    return await repository.replaced_by(session, unchanged)


def _answer(
    wanted: Judgement, changed: int, done: _ByRule, repeated: Mapping[str, str], rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    details: list[dict[str, Any]] = []
    for record_id in dict.fromkeys(wanted.record_ids):
        replacement = done.replaced.get(record_id) or repeated.get(record_id)
        if replacement is not None:
            details.append({"record_id": record_id, "replaced_by": replacement})
        elif record_id in done.failed:
            details.append({"record_id": record_id, "failed": done.failed[record_id]})
    answer: dict[str, Any] = {
        "success": True,
        "validation_status": wanted.verdict,
        "updated_count": changed,
        "auto_replaced": len(done.replaced),
        "replacement_failed": len(done.failed),
        "replacement_details": details,
        "records": list(rows),
    }
    if done.failed:
        answer["replacement_message"] = _message(done)
    return answer


def _message(done: _ByRule) -> str:
    reasons = Counter(done.failed.values())
    stays = "; ".join(f"{count} stay: {_WHY[reason]}" for reason, count in sorted(reasons.items()))
    return f"{len(done.replaced)} of {len(done.replaced) + len(done.failed)} were replaced. {stays}."
