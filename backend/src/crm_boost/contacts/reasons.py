"""Which reasons a record can be judged invalid for: a setting (spec 2.4)."""

from pydantic import BaseModel, ConfigDict

from crm_boost.configuration import service as configuration
from crm_boost.contacts.errors import UnknownReason
from crm_boost.contacts.verdicts import OTHER, REASONS, code_of
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.errors import FieldError, InvalidInput

_SETTING = "reason-codes"


class ReasonCode(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str
    is_active: bool = True


class ReasonCodes(BaseModel):
    """The reasons in the order in which they are offered."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"codes": [{"code": "duplicate", "is_active": False}]}]}
    )

    codes: list[ReasonCode] = [ReasonCode(code=code) for code in REASONS]


async def reason_codes(session: ReadSession) -> ReasonCodes:
    """Return every reason, those out of use too."""
    return (await configuration.read(session, _SETTING, ReasonCodes)).value


async def change_reason_codes(session: WriteSession, wanted: ReasonCodes) -> ReasonCodes:
    """Put reasons into an order, in or out of use. Those not named stay as they are, behind the others."""
    seen: set[str] = set()
    for at, reason in enumerate(wanted.codes):
        if reason.code in seen:
            raise InvalidInput.of(f"codes.{at}.code", "This reason is there twice.", "reason_twice")
        if reason.code not in REASONS:
            raise InvalidInput.of(f"codes.{at}.code", "There is no such reason.", "enum")
        if reason.code == OTHER and not reason.is_active:
            message = "What fits no reason is 'other': it stays in use."
            raise InvalidInput.of(f"codes.{at}.is_active", message, "other_stays")
        seen.add(reason.code)
    kept = [reason for reason in (await reason_codes(session)).codes if reason.code not in seen]
    return (await configuration.write(session, _SETTING, ReasonCodes(codes=[*wanted.codes, *kept]))).value


async def reason_of(session: ReadSession, text: str | None) -> tuple[str, str | None]:
    """Turn what a kept client sends as a reason into a code and a note.

    A code, or its words, is that code; any other text is `other` with the text as the note.
    """
    text = (text or "").strip()
    if not text:
        return OTHER, None
    code = code_of(text)
    return (code, None) if code in await _in_use(session) else (OTHER, text)


async def ensure_reason(session: ReadSession, reason: str | None) -> None:
    """Refuse what is not a reason in use."""
    in_use = await _in_use(session)
    if reason not in in_use:
        message = f"Give one of these reasons: {', '.join(in_use)}."
        raise UnknownReason(message, errors=[FieldError("reason", message)], reasons=in_use)


async def _in_use(session: ReadSession) -> list[str]:
    return [reason.code for reason in (await reason_codes(session)).codes if reason.is_active]
