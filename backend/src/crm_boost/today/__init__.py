"""The counters of the start page, by what the reader may see (spec 6.1)."""
