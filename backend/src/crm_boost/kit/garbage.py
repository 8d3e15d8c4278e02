"""The garbage collector, and what stays for as long as the process does."""

import gc


def spare_what_stays() -> None:
    """Let the garbage collector never look again at what there is now: once, when everything is loaded. A full collection
    walks over every object, and over those of the libraries it takes longer than dozens of requests."""
    gc.collect()
    gc.freeze()
