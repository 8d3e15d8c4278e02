"""Data health: checks that prove what must hold, repairs for what does not, and who was told (spec 3.5)."""
