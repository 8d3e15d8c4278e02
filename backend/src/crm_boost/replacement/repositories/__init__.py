"""All SQL of replacements and alerts."""
