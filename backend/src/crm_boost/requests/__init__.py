"""Requests of staff for records (spec 2.3): ask, hold, review, expire."""
