"""The texts of the cells of an XLSX sheet, from what the XML holds (spec 2.2)."""

import html
import re
from collections.abc import Sequence
from typing import IO

from crm_boost.databases.imports.cells import cell_text, raw_number_text, serial_value
from crm_boost.databases.imports.source import UnusualSheet
from crm_boost.databases.imports.xlsx_parts import CellStyle

_BLOCK = 512 * 1024
_STRING = re.compile(r"<si><t(?: [^>]*)?>([^<]*)</t></si>|<si(?: [^>]*)?(?:/>|>(.*?)</si>)", re.DOTALL)
_TEXT = re.compile(r"<t(?: [^>]*)?(?:/>|>([^<]*)</t>)")
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)
_STYLE = re.compile(r' s="(\d+)"')
_TYPE = re.compile(r' t="(\w+)"')
_VALUE = re.compile(r"<v(?: [^>]*)?>([^<]*)</v>")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);")
_SHORT = 15
_CACHED_DATES = 50_000


def xml_text(raw: str) -> str:
    """Return the text that the XML stands for, with the escapes that workbooks use for control characters."""
    if "&" in raw:
        raw = _ENTITY.sub(lambda found: html.unescape(found[0]), raw)
    if "_x" in raw:
        raw = _ESCAPED.sub(_character, raw)
    return raw


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    # Halves of a pair are no characters of their own.
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def rich_text(content: str) -> str:
    """Return the text of a formatted string: its runs one after the other, without reading aids."""
    if "<rPh" in content:
        content = _PHONETIC.sub("", content)
    return "".join(xml_text(part) for part in _TEXT.findall(content))


def shared_strings(stream: IO[bytes]) -> list[str]:
    """Return the table of shared strings of a workbook."""
    strings: list[str] = []
    rest, declared = b"", True
    with stream:
        while block := stream.read(_BLOCK):
            data = rest + block
            if declared and (b"<!" in data[:4096] or b"<sst" not in data[:4096]):
                raise UnusualSheet
            declared = False
            cut = max(data.rfind(b"</si>") + 5, data.rfind(b"<si/>") + 5)
            rest = data[cut:] if cut > 4 else data
            if cut > 4:
                _add_strings(data[:cut], strings)
    if b"<si" in rest:
        raise UnusualSheet
    return strings


def _add_strings(data: bytes, strings: list[str]) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise UnusualSheet from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: list[tuple[str, str]] = _STRING.findall(text)
    if len(found) != text.count("<si>") + text.count("<si/>") + text.count("<si "):
        raise UnusualSheet
    if "&" in text or "_x" in text:
        strings += [xml_text(plain) if plain else rich_text(rich) for plain, rich in found]
    else:
        strings += [plain or (rich_text(rich) if rich else "") for plain, rich in found]


class CellReader:
    """Turns what cells hold into texts: shared strings, styles, numbers, dates."""

    def __init__(self, strings: list[str], styles: list[CellStyle], since_1904: bool) -> None:
        self._strings = strings
        self._styles = styles
        self._since_1904 = since_1904
        self._styled: dict[tuple[int, str], str] = {}

    def column(self, raw: Sequence[str], attributes: str, kind: str, *, escaped: bool, optional: bool) -> Sequence[str]:
        """Return the texts of one column whose cells have the same attributes and kind.

        ``escaped`` says whether any text may hold escapes at all, ``optional`` whether rows may lack the cell.
        """
        cell_type = _type_of(attributes)
        if kind == "is" or cell_type == "str":
            return [xml_text(text) for text in raw] if escaped else raw
        if cell_type == "s":
            strings = self._strings
            try:
                if optional:
                    return [strings[int(index)] if index else "" for index in raw]
                return [strings[int(index)] for index in raw]
            except (ValueError, IndexError) as error:
                raise UnusualSheet from error
        style = self._style_of(attributes)
        if cell_type == "n" and style is None:
            return [
                text if text.isdecimal() and len(text) <= _SHORT and text[0] != "0" else self._number(text)
                for text in raw
            ]
        return [self._value(text, cell_type, style, attributes) for text in raw]

    def single(self, attributes: str, content: str) -> str:
        """Return the text of one cell."""
        if not content:
            return ""
        cell_type = _type_of(attributes)
        if cell_type == "inlineStr":
            return rich_text(content)
        found = _VALUE.search(content)
        if found is None:
            if "<v" in content.replace("<v/>", "").replace("<v />", ""):
                raise UnusualSheet
            return ""
        if cell_type == "s":
            try:
                return self._strings[int(found[1])]
            except (ValueError, IndexError) as error:
                raise UnusualSheet from error
        return self._value(found[1], cell_type, self._style_of(attributes), attributes)

    def _style_of(self, attributes: str) -> int | None:
        """Return the number of a style that makes a difference, None for a plain one."""
        found = _STYLE.search(attributes)
        number = int(found[1]) if found else 0
        if number >= len(self._styles):
            return None
        style = self._styles[number]
        return None if style.format.plain and not style.kind else number

    def _value(self, raw: str, cell_type: str, style: int | None, attributes: str) -> str:
        if not raw:
            return ""
        match cell_type:
            case "n":
                return self._number(raw) if style is None else self._styled_number(raw, style)
            case "str" | "d":
                return xml_text(raw)
            case "b":
                return "TRUE" if raw.strip() in ("1", "true") else "FALSE"
            case "e":
                # An error is not what the cell says about the customer; no text is.
                return ""
        raise UnusualSheet(attributes)

    @staticmethod
    def _number(raw: str) -> str:
        try:
            return raw_number_text(raw.strip()) if raw else ""
        except ValueError:
            return xml_text(raw)

    def _styled_number(self, raw: str, number: int) -> str:
        """Return a number under a style; the same few dates and amounts return again and again."""
        known = self._styled.get((number, raw))
        if known is not None:
            return known
        text = self._render(raw, self._styles[number])
        if len(self._styled) < _CACHED_DATES:
            self._styled[number, raw] = text
        return text

    def _render(self, raw: str, style: CellStyle) -> str:
        plain = self._number(raw)
        try:
            value = float(raw)
        except ValueError:
            return plain
        if not style.kind:
            text = style.format.render(value, plain)
            # A plain format must not cost digits that the file has and a float has not.
            digits = len(plain) > _SHORT and plain.lstrip("-").isdecimal() and text.lstrip("-").isdecimal()
            return plain if digits else text
        moment = serial_value(value, style.kind == "duration", self._since_1904)
        return plain if moment is None else style.format.render(moment, cell_text(moment))


def _type_of(attributes: str) -> str:
    found = _TYPE.search(attributes)
    return found[1] if found else "n"
