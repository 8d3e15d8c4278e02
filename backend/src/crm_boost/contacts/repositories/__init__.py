"""All SQL of contact work."""
