"""The garbage collector, and what stays for as long as the process does."""

import gc

_YOUNG = 10_000
"""New objects between two looks for cycles among them (the default is 700). A list of fifty bookings makes tens of
thousands, none in a cycle; looking for them took one fortieth of its time."""


def spare_what_stays() -> None:
    """Let the garbage collector never look again at what there is now: once, when everything is loaded. A full collection
    walks over every object, and over those of the libraries it takes longer than dozens of requests. Among the rest it looks
    less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
