"""Work by the clock: schedules, runs with a lease, catch-up and retries (spec 3.6, architecture decision 10)."""
