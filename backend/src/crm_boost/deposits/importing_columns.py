"""Which column of a file of deposits is what (spec 2.2). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crm_boost.databases.imports.detect import CONFIDENT, Guess, header_words
from crm_boost.deposits.importing_cells import DateOrder, order_of_dates, parse_amount, parse_day

ROLES = ("date", "customer", "name", "product", "amount", "multiplier", "note", "staff")

_WORDS: dict[str, tuple[str, ...]] = {
    "date": (
        "date", "record date", "deposit date", "transaction date", "day", "tanggal", "tgl", "tanggal deposit",
        "tgl deposit", "tanggal depo", "tgl depo", "tanggal transaksi", "tgl transaksi", "hari", "waktu", "time",
    ),
    "customer": (
        "customer id", "customerid", "customer", "cust id", "id customer", "username", "user name", "user id", "userid",
        "user", "id user", "member", "member id", "id member", "account", "account id", "id pelanggan", "pelanggan",
        "akun", "id akun", "nama user", "player", "player id", "client id", "id",
    ),
    "name": (
        "customer name", "name", "full name", "nama", "nama lengkap", "nama customer", "nama pelanggan", "nama member",
    ),
    "product": ("product", "product name", "product id", "produk", "nama produk", "brand", "merek", "situs", "site"),
    "amount": (
        "nominal", "amount", "jumlah", "deposit", "depo", "nilai", "deposit amount", "jumlah deposit", "jumlah depo",
        "nominal deposit", "nominal depo", "total deposit", "value", "omset", "turnover",
    ),
    "multiplier": (
        "kelipatan", "depo kelipatan", "kelipatan depo", "kelipatan deposit", "multiplier", "multiple", "times", "kali",
        "x",
    ),
    "note": ("note", "notes", "keterangan", "ket", "catatan", "remark", "remarks", "comment"),
    "staff": (
        "staff", "staff name", "staff id", "staff email", "nama staff", "staf", "nama staf", "crm", "cs", "agent",
        "agen", "pic", "admin", "petugas", "owner", "marketing",
    ),
}  # fmt: skip
_EXACT, _PART, _BY_CONTENT = 1.0, 0.7, 0.4


@dataclass(frozen=True, slots=True)
class DepositColumns:
    """The columns (from 0) of a file of deposits; None where there is none. `product_id` and `staff_id` say what all
    rows are of that name nothing themselves."""

    date: int | None = None
    customer: int | None = None
    name: int | None = None
    product: int | None = None
    amount: int | None = None
    multiplier: int | None = None
    note: int | None = None
    staff: int | None = None
    product_id: str | None = None
    staff_id: str | None = None
    date_order: DateOrder = DateOrder.DAY_FIRST

    def stored(self) -> dict[str, Any]:
        """Return this as plain values."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "DepositColumns":
        """Rebuild this from `stored`."""
        return cls(**{**stored, "date_order": DateOrder(stored.get("date_order", DateOrder.DAY_FIRST))})


def detect_columns(columns: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, Guess]:
    """Return a guess for each role, from the names of the columns and some rows; a column serves one role only. What
    only looks like days or amounts stays below `CONFIDENT`."""
    cells = [[row[at] for row in sample if at < len(row) and row[at].strip()] for at in range(len(columns))]
    scores = {
        (role, at): _score(role, name, cells[at], place)
        for place, role in enumerate(ROLES)
        for at, name in enumerate(columns)
    }
    guesses = dict.fromkeys(ROLES, Guess(None, 0.0))
    used: set[int] = set()
    for (role, at), score in sorted(scores.items(), key=lambda item: (-item[1], item[0][1])):
        if score > 0 and guesses[role].column is None and at not in used:
            guesses[role] = Guess(at, round(score, 2))
            used.add(at)
    return guesses


def proposed(guesses: dict[str, Guess], sample: Sequence[Sequence[str]]) -> DepositColumns:
    """Return the columns that are sure enough, and the order of days that they show."""
    sure: dict[str, Any] = {role: guess.column for role, guess in guesses.items() if guess.confidence >= CONFIDENT}
    return DepositColumns(**sure, date_order=shown_order(sure.get("date"), sample))


def shown_order(column: int | None, sample: Sequence[Sequence[str]]) -> DateOrder:
    """Return the order of days that a column shows; day first where it shows none, as it is written here."""
    cells = [] if column is None else [row[column] for row in sample if column < len(row)]
    return order_of_dates(cells) or DateOrder.DAY_FIRST


def _score(role: str, name: str, cells: Sequence[str], place: int) -> float:
    words = header_words(name)
    by_header = _EXACT - 0.01 * _WORDS[role].index(words) if words in _WORDS[role] else 0.0
    if not by_header:
        longest = max((len(word) for word in _WORDS[role] if len(word) > 2 and f" {word} " in f" {words} "), default=0)
        # The longer the word that is found, the more it says: "customer name" is rather a name.
        by_header = _PART + min(longest, 20) / 100 if longest else 0.0
    if role not in ("date", "amount") or not cells:
        return by_header
    fit = sum(_reads(role, cell) for cell in cells) / len(cells)
    if by_header:
        return by_header * (0.3 + 0.7 * fit)
    return _BY_CONTENT * fit - 0.01 * place if fit > 0.9 else 0.0


def _reads(role: str, cell: str) -> bool:
    if role == "amount":
        return parse_amount(cell) is not None
    return any(parse_day(cell, order) is not None for order in DateOrder)
