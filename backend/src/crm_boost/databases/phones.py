"""Phone numbers in their international form (spec 1.3).

The text of the file is never changed; this module only answers what number it means. Most numbers of a file are
mobile numbers of one country in one of four spellings, so a pattern built from the library's own metadata answers
those, and the library itself is asked only in doubt.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import phonenumbers

_SEPARATOR = "\0"
_NOISE = " -().\t\r\n'\u00a0"
_DROP_NOISE = {ord(char): None for char in _NOISE}
_DROP_NOISE_BY_LINE = {**_DROP_NOISE, ord(_SEPARATOR): "\n"}
_SEVERAL = re.compile(r"[/,;|\n]| or | atau ", re.IGNORECASE)
_MINIMUM_DIGITS = 5
_MAXIMUM_LENGTH = 64


_KINDS = (
    "mobile",
    "fixed_line",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)


class _Country:
    """What is needed to read a country's plain numbers without asking the library.

    ``decided`` has three groups: a national number written with or without the trunk prefix, the same after the
    country code, and a text whose form leaves no doubt but which is no number of that country.
    """

    def __init__(self, region: str) -> None:
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if metadata is None or metadata.general_desc is None:
            raise ValueError(f"unknown country code: {region}")
        self.prefix = f"+{metadata.country_code}"
        self.decided: re.Pattern[str] | None = None
        trunk = metadata.national_prefix
        # Countries that rewrite numbers on the way (Argentina, Mexico, Brazil), have no trunk prefix or share a
        # calling code are left to the library: there the short pattern could disagree with it.
        plain = trunk == "0" and metadata.national_prefix_for_parsing in (None, trunk) and not metadata.leading_digits
        if plain and len(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[metadata.country_code or 0]) == 1:
            kinds = [getattr(metadata, kind) for kind in _KINDS]
            patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
            code, general = metadata.country_code, metadata.general_desc.national_number_pattern
            valid = rf"(?!0)(?=(?:{general})$)((?:{'|'.join(patterns)}))"
            form = rf"(0[1-9]\d*|\+{code}\d*|(?!0|{code})\d+)"
            self.decided = re.compile(
                rf"^(?:0?{valid}|(?:\+{code}0?|{code}){valid}|{form})$|^.*$", re.MULTILINE | re.ASCII
            )


@lru_cache(maxsize=16)
def _country(region: str) -> _Country:
    return _Country(region.upper())


def normalise_phone(text: str, default_country: str = "ID") -> str | None:
    """Return the E.164 form ("+6281234567890") of a phone number as people write it, or None when it is none.

    ``default_country`` is the two-letter code used for numbers without a country code.
    """
    return normalise_phones([text], default_country)[0]


def normalise_phones(texts: Sequence[str], default_country: str = "ID") -> list[str | None]:
    """Return ``[normalise_phone(text, default_country) for text in texts]``, reading the plain ones in one pass."""
    country, region = _country(default_country), default_country.upper()
    if country.decided is not None and texts:
        prefix = country.prefix
        found = country.decided.findall(_SEPARATOR.join(texts).translate(_DROP_NOISE_BY_LINE))
        if len(found) == len(texts):
            return [
                prefix + (first or second) if first or second else None if none or not text else _in_doubt(text, region)
                for (first, second, none), text in zip(found, texts, strict=True)
            ]
    return [_in_doubt(text, region) if text else None for text in texts]


def phone_digits(text: str) -> str:
    """Return only the digits of a text, for search."""
    if text.isdecimal() and text.isascii():
        return text
    return "".join(char for char in text if char in "0123456789")


@lru_cache(maxsize=65_536)
def _in_doubt(text: str, region: str) -> str | None:
    text = unicodedata.normalize("NFKC", text[:_MAXIMUM_LENGTH])
    # Numbers copied from address books carry invisible direction marks.
    text = "".join(char for char in text if unicodedata.category(char) != "Cf").strip(" '\t\r\n")
    if sum(char.isdecimal() for char in text) < _MINIMUM_DIGITS:
        return None
    return _library(text, region) or next(
        (answer for part in _SEVERAL.split(text) if part != text and (answer := _library(part, region))), None
    )


def _library(text: str, region: str) -> str | None:
    text = text.strip()
    spellings = [text, "+" + text[2:]] if text.startswith("00") else [text]
    for spelling in spellings:
        try:
            number = phonenumbers.parse(spelling, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            number.extension = None
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
