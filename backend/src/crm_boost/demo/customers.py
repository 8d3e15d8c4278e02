"""Generates customers and the mess that real files have, deterministic by the generator that is handed in."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from crm_boost.demo.people import ACCENTED, BANKS, CHINESE, CITIES, EMOJI, FAMILY, GIVEN

_FIRST_DAY = date(2024, 1, 1)
_PREFIXES = ("811", "812", "813", "821", "822", "852", "857", "878", "895")
_NOTES = ("", "", "", "", "prefers evening", "call after 17:00", "sudah dihubungi", "minta promo", "WA only")
_FORMULA_LIKE = ("=SUM(A1)", "+10% bonus", "@home", "-", "=cmd", "--")
_ODD_PHONES = ("-", "n/a", "0812", "(kosong)", "081200 / 081300", "8.12E+11", "tidak ada", "+1 555 0100")


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer as a file may show them; every value is a text except the day."""

    username: str
    name: str
    phone: str
    city: str
    bank: str
    joined: date
    code: str
    note: str


Line = Customer | None
"""One row of a file; None is a blank one."""


def make_customers(rng: random.Random, count: int) -> list[Customer]:
    """Return `count` customers with different usernames."""
    seen: set[str] = set()
    customers: list[Customer] = []
    while len(customers) < count:
        given, family = rng.choice(GIVEN), rng.choice(FAMILY)
        username = _username(rng, given, family)
        if username.casefold() in seen:
            continue
        seen.add(username.casefold())
        customers.append(
            Customer(
                username=username,
                name=f"{given} {family}",
                phone=_phone(rng),
                city=rng.choice(CITIES),
                bank=rng.choice(BANKS),
                joined=_FIRST_DAY + timedelta(days=rng.randrange(600)),
                code=f"{rng.randrange(100_000):05d}",
                note=rng.choice(_NOTES),
            )
        )
    return customers


def _username(rng: random.Random, given: str, family: str) -> str:
    number = rng.randrange(10_000)
    return rng.choice(
        (
            f"{given.lower()}{number}",
            f"{given.lower()}_{family.lower()}{number % 100}",
            f"{given.lower()}.{family[0].lower()}{number % 1000}",
            f"{given}{family[:3]}{number % 1000}",
        )
    )


def _phone(rng: random.Random) -> str:
    # The same mobile number in the spellings people use. The middle zeros keep clear of numbers in use.
    prefix, rest = rng.choice(_PREFIXES), f"00{rng.randrange(1_000_000):06d}"
    return rng.choice(
        (
            f"0{prefix}{rest}",
            f"0{prefix}{rest}",
            f"0{prefix}-{rest[:4]}-{rest[4:]}",
            f"+62{prefix}{rest}",
            f"62{prefix}{rest}",
            f"+62 {prefix} {rest[:4]} {rest[4:]}",
        )
    )


def with_mess(
    rng: random.Random, own: Sequence[Customer], shared: Sequence[Customer], *, any_script: bool
) -> list[Line]:
    """Return the rows of a file: its own customers, some that other files have too, and what goes wrong in real files.

    `any_script` allows names that old encodings cannot write.
    """
    lines: list[Line] = [_odd(rng, customer, any_script=any_script) for customer in own]
    lines += [_retyped(rng, customer) for customer in rng.sample(list(shared), min(len(shared), len(own) // 14))]
    lines += [_retyped(rng, customer) for customer in rng.sample(list(own), len(own) // 60)]
    lines += [replace(customer, username="") for customer in rng.sample(list(own), len(own) // 200)]
    rng.shuffle(lines)
    for _ in range(len(own) // 150):
        lines.insert(rng.randrange(1, len(lines)), None)
    return lines


def _odd(rng: random.Random, customer: Customer, *, any_script: bool) -> Customer:
    """Return the customer, sometimes with a value as no form would have accepted it."""
    throw = rng.random()
    if throw < 0.03:
        return replace(customer, phone=rng.choice(_ODD_PHONES))
    if throw < 0.04:
        return replace(customer, name=rng.choice(ACCENTED))
    if throw < 0.06:
        return replace(customer, name=rng.choice(CHINESE)) if any_script else customer
    if throw < 0.07:
        return replace(customer, name=f"{customer.name} {rng.choice(EMOJI)}") if any_script else customer
    if throw < 0.08:
        return replace(customer, note=f"line one\n{customer.city}; line three")
    if throw < 0.09:
        return replace(customer, note=rng.choice(_FORMULA_LIKE))
    if throw < 0.10:
        return replace(customer, note='says "call me"', name=f"  {customer.name}  ")
    if throw < 0.11:
        return replace(customer, phone="", name="")
    return customer


def _retyped(rng: random.Random, customer: Customer) -> Customer:
    """Return the same customer as somebody else typed it: equal by the rules, not by the letter."""
    username = rng.choice((customer.username.upper(), f" {customer.username}", customer.username.title()))
    return replace(customer, username=username, note="")
