"""Follow-ups: people who answered yes and have not deposited since."""
