"""Which column is the username, which the name, which the phone (spec 1.3, column mapping). Pure functions."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

ROLES = ("username", "name", "phone")
# A mapping is proposed from this confidence on; what is below is shown as a mere suggestion.
CONFIDENT = 0.5

_WORDS: dict[str, dict[str, float]] = {
    "username": {
        "username": 1.0, "user name": 1.0, "userid": 1.0, "user id": 1.0, "id user": 1.0, "user": 0.95,
        "nama user": 0.95, "nama pengguna": 0.95, "pengguna": 0.9, "user login": 0.95, "login": 0.9, "login id": 0.95,
        "id login": 0.95, "login name": 0.9, "member id": 0.95, "memberid": 0.95, "id member": 0.95, "member": 0.85,
        "member code": 0.9, "kode member": 0.9, "member no": 0.9, "no member": 0.9, "member number": 0.9,
        "nomor member": 0.9, "member username": 1.0, "account": 0.85, "account id": 0.95, "id account": 0.95,
        "account name": 0.8, "akun": 0.9, "id akun": 0.95, "nama akun": 0.85, "customer id": 0.95, "customerid": 0.95,
        "id customer": 0.95, "cust id": 0.95, "id cust": 0.95, "customer code": 0.9, "kode customer": 0.9,
        "customer username": 1.0, "id pelanggan": 0.95, "kode pelanggan": 0.9, "no pelanggan": 0.85, "player": 0.85,
        "player id": 0.95, "id player": 0.95, "id pemain": 0.9, "uid": 0.9, "client id": 0.9, "id client": 0.9,
        "id": 0.7, "customer": 0.6, "pelanggan": 0.55, "nickname": 0.6, "nick": 0.6, "client": 0.55,
    },
    "name": {
        "name": 1.0, "nama": 1.0, "full name": 1.0, "fullname": 1.0, "nama lengkap": 1.0, "customer name": 1.0,
        "name customer": 0.95, "nama customer": 1.0, "nama pelanggan": 1.0, "nama nasabah": 0.95, "nama member": 0.8,
        "member name": 0.8, "contact name": 0.9, "nama kontak": 0.9, "display name": 0.85, "real name": 0.95,
        "nama asli": 0.95, "first name": 0.8, "nama depan": 0.8, "nama rekening": 0.7, "nama orang": 0.9,
        "client name": 0.95, "person": 0.7, "nasabah": 0.7, "customer": 0.6, "pelanggan": 0.65, "client": 0.55,
        "last name": 0.5, "nama panggilan": 0.7,
    },
    "phone": {
        "phone": 1.0, "phone number": 1.0, "phonenumber": 1.0, "phone no": 1.0, "no phone": 1.0, "telephone": 1.0,
        "telp": 1.0, "tlp": 1.0, "telpon": 1.0, "telepon": 1.0, "no telp": 1.0, "no tlp": 1.0, "no telepon": 1.0,
        "no telpon": 1.0, "nomor telepon": 1.0, "nomor telp": 1.0, "nomor hp": 1.0, "nomor handphone": 1.0,
        "no hp": 1.0, "nohp": 1.0, "hp": 1.0, "handphone": 1.0, "no handphone": 1.0, "mobile": 1.0,
        "mobile number": 1.0, "mobile phone": 1.0, "mobile no": 1.0, "cell": 0.9, "cellphone": 1.0, "cell phone": 1.0,
        "wa": 1.0, "no wa": 1.0, "nomor wa": 1.0, "wa number": 1.0, "whatsapp": 1.0, "whats app": 1.0,
        "no whatsapp": 1.0, "nomor whatsapp": 1.0, "whatsapp number": 1.0, "msisdn": 1.0, "tel": 0.95, "tel no": 0.95,
        "contact number": 0.95, "contact no": 0.95, "nomor kontak": 0.95, "no kontak": 0.95, "kontak": 0.75,
        "contact": 0.75, "nomor": 0.65, "number": 0.5, "ponsel": 1.0, "no ponsel": 1.0, "nomor ponsel": 1.0,
    },
}  # fmt: skip
# A word that makes a header say something about the customer other than who he is.
_OTHER = frozenset(
    [
        "date",
        "time",
        "tanggal",
        "tgl",
        "waktu",
        "since",
        "sejak",
        "type",
        "tipe",
        "jenis",
        "level",
        "status",
        "count",
        "jumlah",
        "total",
        "amount",
        "nominal",
        "group",
        "grup",
        "balance",
        "saldo",
        "bank",
        "email",
        "mail",
        "birth",
        "lahir",
        "last",
        "terakhir",
        "ip",
        "created",
        "updated",
        "by",
        "oleh",
        "referral",
        "upline",
        "agent",
        "agen",
        "rekening",
        "rek",
        "ktp",
        "nik",
        "password",
        "note",
        "notes",
        "keterangan",
        "alamat",
        "address",
        "kota",
        "city",
        "gender",
        "score",
        "rank",
        "days",
        "hari",
        "verified",
        "valid",
        "active",
        "aktif",
    ]
)
_CONTENT_ONLY = 0.4
_PHONE = re.compile(r"^['=\"]*\+?\(?\d[\d\s().\-/]{5,20}\d['\"]*$")
_SPLIT_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Guess:
    """A column (from 0) proposed for a role, and how sure that is, 0..1."""

    column: int | None
    confidence: float


@dataclass(frozen=True, slots=True)
class _Content:
    filled: float
    phones: float
    spaced: float
    letters: float
    distinct: float


def header_words(header: str) -> str:
    """Return a header as plain words: "No. HP" is "no hp", "userName" is "user name"."""
    text = _SPLIT_WORDS.sub(" ", unicodedata.normalize("NFKC", header)).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


def is_header_word(header: str) -> bool:
    """Whether a cell is a known column title of any role, and nothing else."""
    words = header_words(header)
    return any(words in vocabulary for vocabulary in _WORDS.values())


def detect_mapping(columns: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, Guess]:
    """Return a guess per role from the column names and a sample of rows.

    A column serves one role only, so the username is never the person's name. A username found by its content
    alone stays below CONFIDENT: identity is not to be guessed from looks.
    """
    contents = [_content([row[at] for row in sample if at < len(row)]) for at in range(len(columns))]
    scores = {
        (role, at): _confidence(role, column, contents[at]) for role in ROLES for at, column in enumerate(columns)
    }
    guesses = {role: Guess(None, 0.0) for role in ROLES}
    used: set[int] = set()
    for (role, at), score in sorted(scores.items(), key=lambda item: (-item[1], item[0][1])):
        if score > 0 and guesses[role].column is None and at not in used:
            guesses[role] = Guess(at, round(score, 2))
            used.add(at)
    return guesses


def _content(cells: Sequence[str]) -> _Content:
    values = [text for cell in cells if (text := cell.strip())]
    if not values:
        return _Content(0.0, 0.0, 0.0, 0.0, 0.0)
    total = len(values)
    return _Content(
        filled=total / len(cells),
        phones=sum(map(_looks_like_phone, values)) / total,
        spaced=sum(" " in value for value in values) / total,
        letters=sum(any(char.isalpha() for char in value) for value in values) / total,
        distinct=len({value.casefold() for value in values}) / total,
    )


def _looks_like_phone(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    if not 8 <= digits <= 15 or not _PHONE.match(text):
        return False
    # A date has as many digits as a short phone number.
    return not re.match(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}", text)


def _by_header(role: str, column: str) -> float:
    words = header_words(column)
    vocabulary = _WORDS[role]
    if words in vocabulary:
        return vocabulary[words]
    tokens = words.split()
    # "Phone 2" and "Username (lama)" are what they say, a little less surely.
    stripped = " ".join(token for token in tokens if not token.isdecimal())
    if stripped in vocabulary:
        return vocabulary[stripped] * 0.85
    if not tokens or len(tokens) > 6 or _OTHER & set(tokens):
        return 0.0
    known = [
        weight
        for phrase, weight in vocabulary.items()
        if weight >= 0.8 and f" {phrase} " in f" {words} " and not _claimed_by_other(role, words, phrase)
    ]
    return max(known, default=0.0) * 0.75


def _claimed_by_other(role: str, words: str, phrase: str) -> bool:
    """Whether a longer known phrase of another role covers this one: "customer name" is no "customer"."""
    return any(
        len(other) > len(phrase) and phrase in other and f" {other} " in f" {words} "
        for kind, vocabulary in _WORDS.items()
        if kind != role
        for other in vocabulary
    )


def _confidence(role: str, column: str, content: _Content) -> float:
    header = _by_header(role, column)
    empty = content.filled == 0
    if role == "phone":
        fit = content.phones
        if header:
            return header * (0.75 if empty else 0.3 + 0.7 * max(fit, 0.3 if fit else 0.0))
        return 0.9 * fit * (0.55 + 0.45 * content.distinct) * 0.75 if fit >= 0.6 and _neutral(column) else 0.0
    if role == "username":
        fit = (1 - content.spaced) * (0.4 + 0.6 * content.distinct)
        if header:
            return header * (0.8 if empty else 0.55 + 0.45 * fit)
        plausible = content.distinct > 0.9 and content.spaced < 0.05 and content.phones < 0.5 and content.filled > 0.9
        return _CONTENT_ONLY * fit if plausible and _neutral(column) else 0.0
    fit = content.letters * (0.6 + 0.4 * content.spaced)
    if header:
        return header * (0.8 if empty else 0.5 + 0.5 * fit)
    plausible = content.spaced > 0.5 and content.letters > 0.95 and content.distinct > 0.7
    return _CONTENT_ONLY * fit if plausible and _neutral(column) else 0.0


def _neutral(column: str) -> bool:
    """Whether the header does not itself say that the column is something else."""
    words = set(header_words(column).split())
    return not (words & _OTHER) and all(_by_header(role, column) < 0.8 for role in ROLES)
