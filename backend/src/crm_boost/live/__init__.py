"""Real time: announcements of the outbox, pushed to open browsers as server-sent events (architecture, decision 10)."""
