"""The in-app inbox (spec 6.1): what a person should know, written in the transaction that caused it."""
