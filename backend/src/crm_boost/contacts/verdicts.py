"""What people find out about a customer, and the codes it is stored under (spec 1.1, 2.4)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from crm_boost.kit.text import name_key

WhatsappStatus = Literal["ada", "ceklis1", "tidak"]
RespondStatus = Literal["ya", "tidak"]
YES: RespondStatus = "ya"
"""The answer of somebody who may become a depositor."""


class Field(StrEnum):
    """What is marked on a contact. The value is what events and conflicts call it."""

    WHATSAPP = "whatsapp_status"
    RESPOND = "respond_status"
    VALIDATION = "validation"


class Verdict(StrEnum):
    """A staff's judgement of the record itself."""

    VALIDATED = "validated"
    INVALID = "invalid"


OTHER = "other"
REASONS = ("wrong_number", "not_on_whatsapp", "duplicate", "not_interested", "wrong_person", OTHER)
"""Why a record can be invalid. The words for them are the web app's."""


def code_of(text: str) -> str:
    """Return what a reason typed by a person would be as a code: `Wrong  number` is `wrong_number`."""
    return name_key(text).replace(" ", "_").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a field's value, its time, its version and its first time are kept in `contacts`."""

    value: str | None
    at: str
    version: str
    first: str


COLUMNS = {
    Field.WHATSAPP: Columns("wa_status", "wa_at", "wa_version", "first_wa_at"),
    Field.RESPOND: Columns("respond_status", "respond_at", "respond_version", "first_respond_at"),
    # The verdict itself is the record's: lists and rules of every module ask for it.
    Field.VALIDATION: Columns(None, "verdict_at", "verdict_version", "first_verdict_at"),
}
