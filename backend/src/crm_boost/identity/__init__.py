"""Users, roles, sessions, and the one permission table (spec 1.2)."""
