"""What the demo holds: ten files over three desks, and how their records are dealt. Deterministic by seed."""

import random
from dataclasses import dataclass
from typing import Literal

from crm_boost.demo.customers import Customer, make_customers, with_mess
from crm_boost.demo.files import Writer, commas, semicolons, unicode_text, workbook

_SHARED = 360


@dataclass(frozen=True, slots=True)
class DemoFile:
    """One file and what becomes of it. `dealt` records go to all staff at random; 0 leaves the pool untouched."""

    module: str
    name: str
    filename: str
    product: int
    customers: int
    writer: Writer
    duplicates: Literal["skip", "import"] = "skip"
    dealt: int = 0
    trashed: bool = False

    def content(self, seed: int) -> bytes:
        """Return the bytes of the file."""
        rng = random.Random(f"{seed}:{self.module}:{self.filename}")
        own = make_customers(rng, self.customers)
        lines = with_mess(rng, own, shared_customers(seed, self.product), any_script=self.writer is not semicolons)
        return self.writer(lines, self.name)


def shared_customers(seed: int, product: int) -> list[Customer]:
    """Return the customers of a product that several files hold; the first of them are reserved."""
    return make_customers(random.Random(f"{seed}:shared:{product}"), _SHARED)


FILES = (
    DemoFile("normal", "Customers first half", "customers-h1.csv", 0, 3200, semicolons, dealt=180),
    DemoFile("normal", "Web sign-ups", "sign-ups.xlsx", 1, 2600, workbook, dealt=120),
    DemoFile("normal", "Call list north", "call-list-north.txt", 0, 2400, unicode_text),
    DemoFile("memberwd", "Members west", "members-west.xlsx", 0, 2800, workbook, dealt=150),
    DemoFile("memberwd", "Members east", "members-east.csv", 2, 3000, commas, duplicates="import", dealt=90),
    DemoFile("memberwd", "Members winter", "members-winter.txt", 1, 2200, unicode_text),
    DemoFile("bonanza", "Bonanza spring", "bonanza-spring.csv", 2, 3400, semicolons, dealt=160),
    DemoFile("bonanza", "Bonanza partners", "bonanza-partners.xlsx", 1, 2500, workbook, duplicates="import", dealt=60),
    DemoFile("bonanza", "Bonanza leftovers", "bonanza-leftovers.csv", 0, 2100, commas),
    DemoFile("normal", "Old trial list", "trial-list.csv", 2, 400, commas, trashed=True),
)
