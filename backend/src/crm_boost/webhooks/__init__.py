"""Other systems, told of what happens (ADR 42): signed, after the commit, tried again, never with personal data."""
