"""Links to files: signed with the secret of their export, bound to it, to a person and to a few minutes. Pure."""

import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import urlencode

VALID = timedelta(minutes=5)


def signature(secret: str, export_id: str, user_id: str, expires: int) -> str:
    """Return the signature of a link; `expires` in seconds since 1970."""
    text = f"{export_id}\n{user_id}\n{expires}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def query_of(secret: str, export_id: str, user_id: str, until: datetime) -> str:
    """Return the query of a link that is valid up to an instant."""
    expires = int(until.timestamp())
    signed = signature(secret, export_id, user_id, expires)
    return urlencode({"user": user_id, "expires": expires, "signature": signed})


def is_valid(secret: str, export_id: str, user_id: str, expires: int, signed: str, now: datetime) -> bool:
    """Whether a link was made by us for this export and person, and is not over."""
    wanted = signature(secret, export_id, user_id, expires)
    return hmac.compare_digest(wanted.encode(), signed.encode()) and now.timestamp() < expires
