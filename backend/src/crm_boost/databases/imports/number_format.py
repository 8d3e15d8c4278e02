"""Number formats of a workbook: how a stored number looked on the screen (spec 2.2).

A cell that holds 123 under the format ``00000`` showed 00123, and that is the text to keep. Formats that would
throw digits away (scientific, fractions, conditions) are left alone: the full number is kept then.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal

from crm_boost.databases.imports.cells import cell_text, number_text

BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"$"#,##0',
    6: '"$"#,##0',
    7: '"$"#,##0.00',
    8: '"$"#,##0.00',
    9: "0%",
    10: "0.00%",
    15: "d-mmm-yy",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    41: "#,##0",
    43: "#,##0.00",
}
# Built-in formats of dates and times that are not in the table above, and the one of durations.
BUILT_IN_DATES = frozenset({14, 15, 16, 17, 18, 19, 20, 21, 22, *range(27, 37), 45, 47, *range(50, 59)})
BUILT_IN_DURATION = 46
NumberRenderer = Callable[[float], str]
DateRenderer = Callable[[date | datetime | time], str]

_SKIPPED = re.compile(r"\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color\s*\d+)\]|_.|\*.", re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_TOKEN = re.compile(r'"[^"]*"|\\.|[0#?]+(?:,[0#?]+)*,*|\.[0#?]+|%|[^0#?]')
_DATE_TOKEN = re.compile(r'"[^"]*"|\\.|am/pm|a/p|y+|m+|d+|h+|s+|[-/., :]', re.IGNORECASE)
# A float has up to 309 digits before the point; formats add a few behind it.
_WIDE = Context(prec=400)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How one format renders; a part is None where the plain text is what the person saw."""

    number: NumberRenderer | None = None
    date: DateRenderer | None = None

    @property
    def plain(self) -> bool:
        """Whether nothing differs from the plain text, so that cells of this format need no second look."""
        return self.number is None and self.date is None

    def render(self, value: object, plain_text: str) -> str:
        """Return the text of a cell whose value and plain text are given."""
        if isinstance(value, (bool, str)):
            return plain_text
        if isinstance(value, (int, float)):
            return self.number(float(value)) if self.number else plain_text
        if isinstance(value, (date, datetime, time)):
            return self.date(value) if self.date else plain_text
        return plain_text


def date_kind(code: str) -> str:
    """Return "date" for the format of dates or times of day, "duration" for elapsed time, "" for any other."""
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.', "", _sections(code)[0])
    if re.search(r"\[(h+|m+|s+)\]", bare, re.IGNORECASE):
        return "duration"
    bare = re.sub(r"\[[^\]]*\]", "", bare)
    if bare.casefold() == "general" or re.search(r"[0#?]", bare.replace(".0", "")):
        return ""
    return "date" if re.search(r"[dmyhs]", bare, re.IGNORECASE) else ""


def parse_format(code: str) -> NumberFormat:
    """Return how a format code renders numbers and dates; an unknown or plain code gives a plain NumberFormat."""
    if code in ("General", "@", ""):
        return NumberFormat()
    if renderer := _date_renderer(code):
        return NumberFormat(date=renderer)
    return NumberFormat(number=_number_renderer(code))


# --- numbers ---------------------------------------------------------------------------------------------------------


def _sections(code: str) -> list[str]:
    """Split at the semicolons that are not quoted."""
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)


def _number_renderer(code: str) -> NumberRenderer | None:
    sections = [_section(part) for part in _sections(code)[:3]]
    positive = sections[0]
    if positive is None:
        return None
    if len(sections) == 1 and code == "0":
        # The commonest format of all; whole numbers look as they are.
        return lambda value: number_text(value) if value.is_integer() else positive(value)
    negative = sections[1] if len(sections) > 1 else None
    zero = sections[2] if len(sections) > 2 else None

    def render(value: float) -> str:
        if value < 0:
            return negative(-value) if negative else "-" + positive(-value)
        if value == 0 and zero:
            return zero(value)
        return positive(value)

    return render


def _section(code: str) -> NumberRenderer | None:
    """Return the renderer of one section for numbers that are not negative, or None when it is not a plain one."""
    code = _CURRENCY.sub(lambda found: f'"{found[1]}"' if found[1] else "", _SKIPPED.sub("", code))
    bare = re.sub(r'"[^"]*"|\\.', "", code)
    if re.search(r"[eE][+-]|/|\[|general|@", bare, re.IGNORECASE) or not re.search(r"[0#?]", bare):
        return None
    tokens = _TOKEN.findall(code)
    places = sum(len(token) - 1 for token in tokens if token.startswith(".") and len(token) > 1)
    required = sum(char == "0" for token in tokens if token.startswith(".") for char in token)
    whole_tokens = [token for token in tokens if token[0] in "0#?"]
    whole = "".join(whole_tokens)
    scale = len(whole) - len(whole.rstrip(","))
    pattern = whole.rstrip(",")
    grouped, digits = "," in pattern, pattern.replace(",", "")
    least = len(digits.lstrip("#?"))
    percent = tokens.count("%")

    def render(value: float) -> str:
        exact = Decimal(number_text(value)).scaleb(2 * percent - 3 * scale, _WIDE)
        rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_WIDE)
        text = format(rounded, "f")
        integer, _, fraction = text.partition(".")
        integer = integer.lstrip("0").rjust(least, "0")
        optional = places - required
        while optional > 0 and fraction.endswith("0"):
            fraction, optional = fraction[:-1], optional - 1
        if grouped and len(whole_tokens) == 1:
            integer = _grouped(integer)
        return _lay_out(tokens, integer, fraction)

    return render


def _grouped(integer: str) -> str:
    head = len(integer) % 3
    parts = [integer[:head]] if head else []
    parts += [integer[at : at + 3] for at in range(head, len(integer), 3)]
    return ",".join(parts)


def _lay_out(tokens: list[str], integer: str, fraction: str) -> str:
    """Put the digits where the placeholders are, right to left, literals between them."""
    slots = [at for at, token in enumerate(tokens) if token[0] in "0#?"]
    out: list[str] = []
    for at in range(len(tokens) - 1, -1, -1):
        token = tokens[at]
        if at in slots:
            if at == slots[0]:
                out.append(integer)
            else:
                width = len(token.replace(",", ""))
                integer, taken = integer[:-width], integer[-width:]
                out.append(taken)
        elif token.startswith(".") and len(token) > 1:
            out.append("." + fraction if fraction else "")
        elif token.startswith('"'):
            out.append(token[1:-1])
        elif token.startswith("\\"):
            out.append(token[1:])
        else:
            out.append(token)
    return "".join(reversed(out)).strip()


# --- dates -----------------------------------------------------------------------------------------------------------


def _date_renderer(code: str) -> DateRenderer | None:
    """Return a renderer for a plain pattern of day, month and year (and a time), None for anything else.

    A pattern without one of the three loses what cannot be brought back, and a format that follows the viewer's
    country does not say what was seen: both keep the ISO form.
    """
    if "[$-F" in code or "[$-f" in code or re.search(r"\[[hms]+\]", code, re.IGNORECASE):
        return None
    pattern = re.sub(r"^\[\$-[0-9a-zA-Z,_-]+\]", "", _sections(code)[0])
    pattern = re.sub(r"_.|\*.", "", pattern)
    tokens = _DATE_TOKEN.findall(pattern)
    if "".join(tokens) != pattern:
        return None
    letters = {token[0].lower() for token in tokens}
    if not {"d", "m", "y"} <= letters or not any(re.fullmatch("d{1,2}", token, re.IGNORECASE) for token in tokens):
        return None
    kinds = _date_kinds(tokens)
    half_day = any(kind in ("am/pm", "a/p") for kind in kinds)

    def render(value: date | datetime | time) -> str:
        if isinstance(value, time):
            return cell_text(value)
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        return "".join(
            _date_part(kind, token, moment, half_day) for kind, token in zip(kinds, tokens, strict=True)
        ).strip()

    return render


def _date_kinds(tokens: list[str]) -> list[str]:
    """Tell months from minutes: an m right after hours or right before seconds is minutes."""
    kinds: list[str] = []
    letters = [(at, token[0].lower()) for at, token in enumerate(tokens) if token[0].lower() in "ymdhs"]
    minutes = {
        at
        for place, (at, letter) in enumerate(letters)
        if letter == "m"
        and len(tokens[at]) <= 2
        and ((place and letters[place - 1][1] == "h") or (place + 1 < len(letters) and letters[place + 1][1] == "s"))
    }
    for at, token in enumerate(tokens):
        kind = token.lower()
        if kind[0] == "m":
            kind = ("minute" if at in minutes else "month") + str(len(kind))
        kinds.append(kind)
    return kinds


def _date_part(kind: str, token: str, moment: datetime, half_day: bool) -> str:
    hour = (moment.hour % 12 or 12) if half_day else moment.hour
    match kind:
        case "d" | "month1" | "h" | "minute1" | "s":
            number = {"d": moment.day, "month1": moment.month, "h": hour, "minute1": moment.minute}
            return str(number.get(kind, moment.second))
        case "dd" | "month2" | "hh" | "minute2" | "ss":
            number = {"dd": moment.day, "month2": moment.month, "hh": hour, "minute2": moment.minute}
            return f"{number.get(kind, moment.second):02}"
        case "ddd":
            return _DAYS[moment.weekday()][:3]
        case "month3":
            return _MONTHS[moment.month - 1][:3]
        case "month4":
            return _MONTHS[moment.month - 1]
        case "y" | "yy":
            return f"{moment.year % 100:02}"
        case "am/pm" | "a/p":
            text = "AM" if moment.hour < 12 else "PM"
            return text if kind == "am/pm" else text[0]
    if kind.startswith("y"):
        return f"{moment.year:04}"
    if kind.startswith("d"):
        return _DAYS[moment.weekday()]
    return token[1:-1] if token.startswith('"') else token.removeprefix("\\")
