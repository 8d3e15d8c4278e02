"""All SQL of the engine."""
