"""From what somebody typed to what the ledger stores, with every field error at once (spec 4.2)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_boost.databases.customer_key import customer_key
from crm_boost.deposits.classification import says_tambahan
from crm_boost.deposits.money import MULTIPLIER_SCALE, multiplied, to_minor
from crm_boost.kit.errors import FieldError, InvalidInput

EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Books:
    """What is entered against: today, the last closed day, and the minor units of the currency."""

    today: date
    closed_until: date | None
    scale: int

    def is_closed(self, day: date) -> bool:
        """Whether what counts on this day does not change any more."""
        return self.closed_until is not None and day <= self.closed_until


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, its multiplier and their product, as they are stored."""

    nominal: int
    multiplier: int
    total: int


def day_fault(day: date, books: Books) -> str | None:
    """Return the code of what is wrong with the day of a deposit, if anything is."""
    if day > books.today:
        return "future_day"
    if day < EARLIEST:
        return "early_day"
    return "closed_day" if books.is_closed(day) else None


def day_errors(day: date, books: Books) -> list[FieldError]:
    """Return what is wrong with the day of a deposit."""
    sentences = {
        "future_day": "This day is in the future.",
        "early_day": "This day is before the year 2000.",
        "closed_day": f"The books are closed up to {books.closed_until}.",
    }
    fault = day_fault(day, books)
    return [] if fault is None else [FieldError("record_date", sentences[fault], fault)]


def money_of(nominal: Decimal, times: Decimal, books: Books) -> Money | list[FieldError]:
    """Return the money of a deposit as it is stored, or what is wrong with it."""
    stored, multiplier = to_minor(nominal, books.scale), to_minor(times, MULTIPLIER_SCALE)
    errors = []
    if stored is None:
        errors.append(FieldError("nominal", "This has more decimals than the currency.", "amount_too_fine"))
    if multiplier is None:
        errors.append(
            FieldError(
                "depo_kelipatan", "At most two decimals.", "decimal_max_places", {"decimal_places": MULTIPLIER_SCALE}
            )
        )
    if stored is None or multiplier is None:
        return errors
    total = multiplied(stored, multiplier)
    if total is None:
        message = "The product of amount and multiplier has too many decimals."
        return [FieldError("depo_kelipatan", message, "multiplier_too_fine")]
    return Money(stored, multiplier, total)


def checked(day: date, customer_id: str, money: Money | list[FieldError], books: Books) -> Money:
    """Return the money of a form that can be booked; refuse it with every field at fault."""
    errors = day_errors(day, books)
    if isinstance(money, list):
        errors += money
    if not customer_key(customer_id):
        errors.append(FieldError("customer_id", "Name the customer.", "missing"))
    if errors or isinstance(money, list):
        raise InvalidInput("; ".join(error.message for error in errors), errors=errors)
    return money


def is_tambahan(note: str, switched_on: bool | None) -> bool:
    """Whether a new deposit is supplementary: its note says so, or its switch is on."""
    return says_tambahan(note) or bool(switched_on)


def tambahan_after_edit(*, now: bool, old_note: str, new_note: str, switch: bool | None) -> bool:
    """Whether a deposit is supplementary after an edit: the switch decides; else a note that has begun or ceased to say
    so; a switch set by hand outlives other corrections of the note."""
    if switch is not None:
        return switch
    says = says_tambahan(new_note)
    return says if says != says_tambahan(old_note) else now
