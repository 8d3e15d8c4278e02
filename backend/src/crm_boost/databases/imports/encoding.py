"""Which encoding a text file is in (spec 2.2: UTF-8 with and without BOM, UTF-16, Windows-1252)."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.errors import ImportRefused

_BLOCK = 1024 * 1024
_SAMPLE = 128 * 1024
_EAST_ASIAN = {"gb18030", "gbk", "gb2312", "big5", "big5hkscs", "cp949", "cp932", "euc_jp", "euc_kr", "shift_jis"}
C1_HANDLER = "crm-boost-c1"


def _keep_byte(error: UnicodeError) -> tuple[str, int]:
    """Five bytes mean nothing in Windows-1252; they are kept as the control characters of the same number."""
    if isinstance(error, UnicodeDecodeError):
        return error.object[error.start : error.end].decode("latin-1"), error.end
    raise error


codecs.register_error(C1_HANDLER, _keep_byte)


@dataclass(frozen=True, slots=True)
class TextForm:
    """How to open a text file, and how many line ends it has (for progress)."""

    encoding: str
    errors: str
    lines: int


def detect_encoding(path: Path) -> TextForm:
    """Return the encoding of a text file; raises ImportRefused when the bytes are no text.

    UTF-8 is proved over the whole file, because one late byte decides; the others are judged by a sample.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif guess := _utf16_without_mark(sample):
        encoding = guess
    else:
        encoding = ""
    if encoding:
        lines = _prove(path, encoding, _line_ends)
        if lines is None:
            raise ImportRefused(errors.UNREADABLE, "The text is marked as UTF-16 but is damaged.")
        return TextForm(encoding, "strict", lines)
    if b"\0" in sample:
        raise _binary()
    lines = _prove(path, "utf-8", _line_ends)
    if lines is not None:
        return TextForm("utf-8-sig" if sample.startswith(codecs.BOM_UTF8) else "utf-8", "strict", lines)
    if sample.startswith(codecs.BOM_UTF8):
        return TextForm("utf-8-sig", "replace", sample.count(b"\n"))
    return _single_byte(path, sample)


def refuse_binary(text: str) -> None:
    """Raise ImportRefused when a decoded sample is full of control characters, as decoded rubbish is."""
    control = sum(char < " " and char not in "\t\n\r\x0b\x0c\x1a\x1b" for char in text)
    if "\0" in text or control > max(2, len(text) // 100):
        raise _binary()


def _binary() -> ImportRefused:
    return ImportRefused(errors.NOT_A_TABLE, "This is not a table: the file holds binary data. Upload CSV or XLSX.")


def _line_ends(text: str) -> int:
    if "\0" in text:
        raise _binary()
    return text.count("\n") or text.count("\r")


def _prove(path: Path, encoding: str, count: Callable[[str], int]) -> int | None:
    """Decode the whole file strictly and count its line ends; None when a byte does not fit."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = 0
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                lines += count(decoder.decode(block))
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return lines


def _utf16_without_mark(sample: bytes) -> str:
    """Recognise UTF-16 by where its zero bytes are: every ASCII character has one, always on the same side."""
    sample = sample[: len(sample) // 2 * 2]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) < 2 or min(even, odd) * 20 > max(even, odd):
        return ""
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(encoding)("strict").decode(sample)
    except UnicodeDecodeError:
        return ""
    return encoding if any(char in text for char in ",;\t|\r\n") and "\0" not in text else ""


def _single_byte(path: Path, sample: bytes) -> TextForm:
    lines = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if b"\0" in block:
                raise _binary()
            lines += block.count(b"\n") or block.count(b"\r")
    encoding = _east_asian(sample)
    if encoding:
        return TextForm(encoding, "replace", lines)
    return TextForm("cp1252", C1_HANDLER, lines)


def _east_asian(sample: bytes) -> str:
    """Return a double-byte encoding when the sample is one: there high bytes come in pairs, in cp1252 alone."""
    high = [byte >= 0x80 for byte in sample]
    total = sum(high)
    paired = sum(
        here and ((at > 0 and high[at - 1]) or (at + 1 < len(high) and high[at + 1])) for at, here in enumerate(high)
    )
    if total < 4 or paired < total * 0.9:
        return ""
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=sorted(_EAST_ASIAN)).best()
    return best.encoding if best is not None and best.encoding in _EAST_ASIAN else ""
