"""Identifiers: opaque, time-ordered strings. Old systems' ids are kept as they are, so nothing may parse one."""

import uuid_utils


def new_id() -> str:
    """Return a fresh identifier: the 32 hexadecimal digits of a UUID version 7."""
    return uuid_utils.uuid7().hex
