"""Settings that admins change while the desk runs: one row per group of settings, each with a shape of its own."""
