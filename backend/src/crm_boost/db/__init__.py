"""Storage: engines, typed sessions, the unit of work, and the rows every module shares (audit, outbox, idempotency)."""
