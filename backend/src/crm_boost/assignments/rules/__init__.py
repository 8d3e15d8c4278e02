"""The guards of a hand-out, in order; the first one that refuses is the answer (architecture, section 3)."""

from crm_boost.assignments.rules.base import HandOutFacts, Rule
from crm_boost.assignments.rules.receivers import (
    receivers_are_active,
    receivers_are_known,
    receivers_may_receive,
)
from crm_boost.assignments.rules.target import (
    batch_fits,
    batch_has_one_receiver,
    databases_are_known,
    databases_are_live,
)

HAND_OUT_RULES: tuple[Rule, ...] = (
    databases_are_known,
    databases_are_live,
    receivers_are_known,
    receivers_may_receive,
    receivers_are_active,
    batch_has_one_receiver,
    batch_fits,
)


def check_hand_out(facts: HandOutFacts) -> None:
    """Raise the first refusal."""
    for rule in HAND_OUT_RULES:
        rule(facts)


__all__ = ["HAND_OUT_RULES", "HandOutFacts", "Rule", "check_hand_out"]
