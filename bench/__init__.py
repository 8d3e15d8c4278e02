"""Bench scripts: one per promise (`make bench`). Each prints lines `<id> <figure> <bound> ok|short`."""
