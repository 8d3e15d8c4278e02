"""Contact work (spec 2.4): marks, verdicts and notes, and what happened when."""
