"""All SQL of My customers."""
