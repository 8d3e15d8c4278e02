"""Named refusals of this module."""

from crm_boost.kit.errors import TooManyRequests


class AccessLimited(TooManyRequests):
    """Somebody looked at more customers than the settings allow; carries the kind, the limit and its span."""

    code = "access_limited"
    title = "Too many customers"
