"""Moving in: reads the collections of a desk that ran on MongoDB and fills an empty one with them (ADR 40)."""
