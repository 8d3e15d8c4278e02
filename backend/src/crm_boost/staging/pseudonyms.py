"""Names instead of names: the same text always becomes the same pseudonym, and none leads back (ADR 44). Pure.

The key is drawn for one copy and thrown away with the process, so that nobody can try all phone numbers of a country.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from crm_boost.databases.customer_key import customer_key, search_fold
from crm_boost.databases.phones import normalise_phone, phone_digits

_ID = re.compile(r"[0-9a-f]{32}")
_DAY_OR_INSTANT = re.compile(r"\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?")
SYSTEM = "system"
"""Who acts when nobody does."""


class Pseudonyms:
    """Makes them for one copy. `words` are those of the program: they stay."""

    def __init__(self, key: bytes, words: frozenset[str], default_country: str) -> None:
        self._key = key
        self._words = words
        self._country = default_country
        self._digest: Callable[[str, str], str] = lru_cache(maxsize=200_000)(self._compute)

    def _compute(self, kind: str, text: str) -> str:
        return hmac.digest(self._key, f"{kind}\0{text}".encode(), hashlib.sha256).hex()

    def customer_key(self, key: str) -> str:
        """Return the key of a customer: what `customer_key` makes of the customer's pseudonym."""
        return f"customer{self._digest('customer', key)[:16]}" if key else key

    def customer(self, text: str) -> str:
        """Return a customer's identity or name. Two spellings of one customer become one."""
        key = customer_key(text)
        return f"Customer {self._digest('customer', key)[:16]}" if key else text

    def person(self, name: str) -> str:
        """Return the name of somebody of the team."""
        return f"Person {self._digest('person', name)[:8]}" if name and name != SYSTEM else name

    def email(self, email: str) -> str:
        """Return an address at which nobody can be reached."""
        return f"person-{self._digest('email', email.casefold())[:12]}@staging.invalid"

    def international(self, number: str) -> str:
        """Return another number in international form (of a mobile phone, whatever it was)."""
        return f"+6281{int(self._digest('phone', number)[:16], 16) % 10**10:010}"

    def phone(self, text: str) -> str:
        """Return a phone number for one, in whatever form; and for what is no number, something that is none either."""
        if not text:
            return text
        number = normalise_phone(text, self._country)
        return f"0{self.international(number)[3:]}" if number else f"no number {self._digest('text', text)[:8]}"

    def text(self, text: str) -> str:
        """Return what stands for something that a person wrote. The program's own words stay."""
        return f"Text {self._digest('text', text)[:8]}" if text and text not in self._words else text

    def name_of_list(self, name: str) -> str:
        """Return the name of a database, which is often the name of a file."""
        return f"List {self._digest('list', name)[:8]}" if name else name

    def fingerprint(self, text: str) -> str:
        """Return another digest for a digest."""
        return self._digest("fingerprint", text) if text else text

    def json(self, value: Any) -> Any:
        """Return a structure with its figures, ids, days and the program's words; every other text is replaced."""
        if isinstance(value, str):
            stays = _ID.fullmatch(value) or _DAY_OR_INSTANT.fullmatch(value)
            return value if stays else self.text(value)
        if isinstance(value, list):
            return [self.json(item) for item in value]
        if isinstance(value, dict):
            # Keys are names of our fields; where they are words of people they go too.
            return {self._field(name): self.json(item) for name, item in value.items()}
        return value

    def _field(self, name: str) -> str:
        ours = name in self._words or name.isdigit() or _ID.fullmatch(name) or _DAY_OR_INSTANT.fullmatch(name)
        return name if ours or re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) else self.text(name)

    def customers(self, names: list[str]) -> list[str]:
        """Return customers for customers."""
        return [self.customer(name) for name in names]

    def record(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the columns of a record that say who the customer is, each made from the new ones as an import makes them."""
        cells: list[str] = orjson.loads(row["row_data"])
        key, name, phone, number = row["customer_key"], row["display_name"], row["phone"], row["phone_e164"]
        new_name = self.customer(name) if name else name
        new_phone = self.phone(phone) if phone else phone
        new_number = self.international(number) if number else number
        new_key = self.customer_key(key)
        told = [f"customer {new_key[8:]}\n{new_key}"] if new_key else []
        if new_name:
            told.append(search_fold(new_name))
        if new_phone:
            told.append(f"{phone_digits(new_phone)}\n{new_number or ''}")

        def cell(text: str) -> str:
            if not text.strip():
                return text
            if text == phone:
                return str(new_phone)
            if customer_key(text) == key or text == name:
                return self.customer(text)
            return self.phone(text) if normalise_phone(text, self._country) else f"x{self._digest('text', text)[:8]}"

        return {
            "row_data": orjson.dumps([cell(text) for text in cells]).decode(),
            "customer_key": new_key,
            "display_name": new_name,
            "phone": new_phone,
            "phone_e164": new_number,
            "search_text": "\n".join(told),
        }
