"""The deposit ledger: deposits, their class (NDP or RDP), and the daily roll-ups every figure is read from (spec 4)."""
