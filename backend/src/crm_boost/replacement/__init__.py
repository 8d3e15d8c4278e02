"""Invalid records (spec 2.5): alert, replace, archive."""
