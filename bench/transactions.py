"""Purchases of real customers, anonymous, of a shop of 1997 and 1998 (CDNOW), from the package `lifetimes`.

Read as a reader of texts would: nothing of the package is imported. The ledger begins in the year 2000, so all days are
moved by the same number, to 2017 and 2018.
"""

from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pandas

LATER = timedelta(days=7305)


@dataclass(frozen=True, slots=True)
class Purchases:
    """`paid` and `free` have the columns customer (text), day (date) and cents (whole number); `free` ones cost
    nothing, so the ledger refuses them."""

    paid: pandas.DataFrame
    free: pandas.DataFrame


def _folder() -> Path:
    found = find_spec("lifetimes")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("the transactions are missing; `make bench` installs them")
    return Path(found.submodule_search_locations[0]) / "datasets"


def _purchases(name: str, columns: list[str], header_rows: int) -> Purchases:
    table = pandas.read_csv(_folder() / name, sep=r"\s+", header=None, skiprows=header_rows, names=columns)
    frame = pandas.DataFrame(
        {
            "customer": "c" + table["customer"].astype(str).str.zfill(5),
            "day": (pandas.to_datetime(table["date"].astype(str), format="%Y%m%d") + LATER).dt.date,
            "cents": (table["amount"] * 100).round().astype(int),
        }
    )
    return Purchases(frame[frame.cents > 0], frame[frame.cents == 0])


def every_purchase() -> Purchases:
    """The purchases of all 23,570 customers."""
    return _purchases("CDNOW_master.txt", ["customer", "date", "pieces", "amount"], 1)


def sampled_purchases() -> Purchases:
    """The purchases of every tenth customer, whom the published summary numbers anew."""
    return _purchases("CDNOW_sample.txt", ["master", "customer", "date", "pieces", "amount"], 0)


def published_frequencies() -> dict[str, int]:
    """On how many later days each sampled customer bought again until 1997-09-30, as published."""
    table = pandas.read_csv(_folder() / "cdnow_customers_summary.csv")
    return {f"c{number:05d}": int(count) for number, count in zip(table["ID"], table["frequency"], strict=True)}
