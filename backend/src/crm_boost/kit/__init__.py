"""Helpers without a single domain word; every other package may use them."""
