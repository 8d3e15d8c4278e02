"""Who did what, to what, when, from where: everything that leaves a trace, in one list (spec 1.5)."""
