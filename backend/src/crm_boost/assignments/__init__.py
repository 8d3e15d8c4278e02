"""The assignment engine: one life of a record for all modules; policies hold the differences (spec 2)."""
