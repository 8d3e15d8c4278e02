"""Named refusals of this module."""

from crm_boost.kit.errors import Conflict, Forbidden, Unauthenticated


class WrongCredentials(Unauthenticated):
    """Same answer for an unknown address and a wrong password."""

    code = "wrong_credentials"
    title = "Wrong email or password"


class EmailTaken(Conflict):
    code = "email_taken"
    title = "Email already in use"


class TooManyTokens(Conflict):
    code = "too_many_tokens"
    title = "Too many tokens"


class ScopeMissing(Forbidden):
    """The person may do this, the token that asks may not (ADR 41)."""

    code = "scope_missing"
    title = "This token does not allow it"


class AlreadySetUp(Conflict):
    code = "already_set_up"
    title = "Already set up"


class RankTooLow(Forbidden):
    """One manages only users of strictly lower rank, and grants only ranks below one's own (spec 1.2)."""

    code = "rank_too_low"


class PageBlocked(Forbidden):
    code = "page_blocked"
    title = "This page is blocked for you"


class CsrfMissing(Forbidden):
    code = "csrf_missing"
    title = "Missing request token"
