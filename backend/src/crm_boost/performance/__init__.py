"""Targets, progress, ranking and the report: how the people of the desk stand. All figures come from the roll-ups."""
