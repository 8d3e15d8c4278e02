"""From the rows of a file to what would be booked, or why not (spec 2.2, 4.2). Pure: the same rules as the entry's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from crm_boost.databases.customer_key import customer_key, tidy
from crm_boost.databases.imports.table import is_blank
from crm_boost.deposits.classification import Key
from crm_boost.deposits.entry import Books, Money, day_fault, is_tambahan, money_of
from crm_boost.deposits.importing_cells import parse_amount, parse_day, parse_times
from crm_boost.deposits.importing_columns import DepositColumns
from crm_boost.deposits.schemas import Amount, CustomerId, CustomerName, Note, Times
from crm_boost.kit.text import name_key

Cells = Sequence[str]

BLANK, REJECTED, OK, DUPLICATE = "blank", "rejected", "ok", "duplicate"
POSSIBLE_DUPLICATE = "possible_duplicate"


class Fault(NamedTuple):
    """Why a row cannot be booked: the column at fault, and a sentence for the file of rejected rows."""

    field: str
    sentence: str


FAULTS: dict[str, Fault] = {
    "row_too_wide": Fault("file", "The row has more cells than the header."),
    "no_day": Fault("date", "Date: it is missing."),
    "bad_day": Fault("date", "Date: this is not a day."),
    "future_day": Fault("date", "Date: this day is in the future."),
    "early_day": Fault("date", "Date: this day is before the year 2000."),
    "closed_day": Fault("date", "Date: the books of this day are closed."),
    "no_customer": Fault("customer", "Customer: it is missing."),
    "bad_customer": Fault("customer", "Customer: this cannot be a customer."),
    "bad_name": Fault("name", "Name: it is too long, or holds control characters."),
    "no_product": Fault("product", "Product: it is missing."),
    "unknown_product": Fault("product", "Product: there is none of this name."),
    "retired_product": Fault("product", "Product: it is retired."),
    "no_amount": Fault("amount", "Amount: it is missing."),
    "bad_amount": Fault("amount", "Amount: this is not a number, or could mean two."),
    "amount_out_of_range": Fault("amount", "Amount: it must be above zero, and at most a trillion."),
    "amount_too_fine": Fault("amount", "Amount: it has more decimals than the currency."),
    "bad_multiplier": Fault("multiplier", "Multiplier: it must be a number above 0 and up to 1000, with two decimals."),
    "multiplier_too_fine": Fault("multiplier", "Multiplier: its product with the amount has too many decimals."),
    "bad_note": Fault("note", "Note: it is too long, or holds control characters."),
    "no_staff": Fault("staff", "Staff: nobody is named."),
    "unknown_staff": Fault("staff", "Staff: there is nobody of this name, email or id."),
    "several_staff": Fault("staff", "Staff: several people have this name. Use the email."),
    "inactive_staff": Fault("staff", "Staff: this person's account is switched off."),
}
SENTENCES: dict[str, str] = {
    **{code: fault.sentence for code, fault in FAULTS.items()},
    BLANK: "The row is blank.",
    POSSIBLE_DUPLICATE: "A deposit of the same staff, customer, product, day and amount exists already.",
}
"""What the file of the rows that were left out says."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A row that can be booked."""

    row: int
    key: Key
    on: date
    customer_id: str
    customer_name: str
    money: Money
    note: str
    tambahan: bool

    @property
    def fingerprint(self) -> tuple[Any, ...]:
        """What makes two deposits look like one entered twice. Notes are not asked: they are corrected later."""
        return (self.key, self.on, self.tambahan, self.money.nominal, self.money.total)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: blank, rejected with its faults, or with what would be booked."""

    number: int
    faults: tuple[str, ...] = ()
    booking: Booking | None = None

    @property
    def is_blank(self) -> bool:
        return not self.faults and self.booking is None


@dataclass(frozen=True, slots=True)
class Names:
    """Whom and what texts stand for: an id, or the code of a fault."""

    products: Mapping[str, str]
    staff: Mapping[str, str]

    def product(self, text: str) -> str:
        """Return the id of a product, by its id or its name, or a fault."""
        return _named(self.products, text, "no_product", "unknown_product")

    def person(self, text: str) -> str:
        """Return the id of a person, by id, email or name, or a fault."""
        return _named(self.staff, text, "no_staff", "unknown_staff")


def names_of(products: Sequence[tuple[str, str, bool]], people: Sequence[tuple[str, str, str, bool]]) -> Names:
    """Build the names from products (id, name, active) and people (id, email, name, active). A name that several people
    have stands for nobody; an id or an email stands before a name."""
    of_products = {text: (id_ if active else "retired_product") for id_, name, active in products
                   for text in (name_key(name), id_)}  # fmt: skip
    of_people: dict[str, str] = {}
    for id_, _, name, active in people:
        known = name_key(name) in of_people
        of_people[name_key(name)] = "several_staff" if known else id_ if active else "inactive_staff"
    for id_, email, _, active in people:
        of_people[name_key(email)] = of_people[id_] = id_ if active else "inactive_staff"
    return Names(of_products, of_people)


def read_row(number: int, cells: Cells, width: int, columns: DepositColumns, names: Names, books: Books) -> Row:
    """Return what a row of the file is, with every fault at once."""
    if is_blank(cells):
        return Row(number)
    if len(cells) > width:
        return Row(number, ("row_too_wide",))

    def cell(role: str) -> str:
        column: int | None = getattr(columns, role)
        return "" if column is None or column >= len(cells) else cells[column].strip()

    faults: list[str] = []
    on = _day_of(cell("date"), columns, books, faults)
    customer = _checked(_CUSTOMER, cell("customer"), "bad_customer" if cell("customer") else "no_customer", faults)
    name = _checked(_NAME, cell("name"), "bad_name", faults)
    product = names.product(cell("product") or columns.product_id or "")
    money = _money_of(cell("amount"), cell("multiplier"), books, faults)
    note = _checked(_NOTE, cell("note"), "bad_note", faults)
    staff = names.person(cell("staff") or columns.staff_id or "")
    faults += [found for found in (product, staff) if found in FAULTS]
    if faults or on is None or customer is None or money is None or note is None:
        return Row(number, tuple(faults))
    key = Key(staff, customer_key(customer), product)
    return Row(
        number,
        booking=Booking(number, key, on, customer, tidy(name or ""), money, note, is_tambahan(note, None)),
    )


_CUSTOMER: TypeAdapter[str] = TypeAdapter(CustomerId)
_NAME: TypeAdapter[str] = TypeAdapter(CustomerName)
_NOTE: TypeAdapter[str] = TypeAdapter(Note)
_AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Amount)
_TIMES: TypeAdapter[Decimal] = TypeAdapter(Times)


def _checked(rules: TypeAdapter[Any], value: Any, fault: str, faults: list[str]) -> Any:
    try:
        return rules.validate_python(value)
    except ValidationError:
        faults.append(fault)
        return None


def _day_of(cell: str, columns: DepositColumns, books: Books, faults: list[str]) -> date | None:
    on = parse_day(cell, columns.date_order)
    fault = ("bad_day" if cell else "no_day") if on is None else day_fault(on, books)
    if fault is not None:
        faults.append(fault)
    return on


def _money_of(amount: str, times: str, books: Books, faults: list[str]) -> Money | None:
    nominal, multiplier = parse_amount(amount), parse_times(times)
    if nominal is None:
        faults.append("bad_amount" if amount else "no_amount")
    else:
        nominal = _checked(_AMOUNT, nominal, "amount_out_of_range", faults)
    multiplier = _checked(_TIMES, multiplier, "bad_multiplier", faults)
    if nominal is None or multiplier is None:
        return None
    money = money_of(nominal, multiplier, books)
    if isinstance(money, Money):
        return money
    faults += ["amount_too_fine" if error.field == "nominal" else "multiplier_too_fine" for error in money]
    return None


def _named(known: Mapping[str, str], text: str, missing: str, unknown: str) -> str:
    text = text.strip()
    if not text:
        return missing
    return known.get(text) or known.get(name_key(text)) or unknown
