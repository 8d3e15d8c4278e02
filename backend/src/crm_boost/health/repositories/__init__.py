"""All SQL of data health."""
