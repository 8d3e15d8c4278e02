"""Reserved members: a customer that one staff owns for one product (spec 3)."""
