"""Lists as files: every kind of export is one line of the registry, written as a job or sent as it is read (spec 5.5)."""
