"""Products: the brands or lines that databases, reservations and deposits belong to (spec 1.1)."""
