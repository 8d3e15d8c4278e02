"""Sends one body to one address, once. Knows nothing of the desk.

The name is resolved here, every address it has is checked, and the connection goes to one of those: asking again at the
time of connecting could give another answer. Redirects are not followed, proxies of the environment are not used, and the
answer is not read.
"""

import asyncio
import ssl
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from socket import SOCK_STREAM

import httpx

from crm_boost.webhooks.addresses import Address, is_allowed

_SECONDS = 10.0
_USER_AGENT = "CRM-Boost-Webhook/1"


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it. `error` is a stable code, absent when the other side has taken it; `status` is what it answered."""

    error: str | None = None
    status: int | None = None


class _Forbidden(Exception):
    pass


@cache
def _trust() -> ssl.SSLContext:
    """Reading the certificates of the system takes longer than a delivery."""
    return ssl.create_default_context()


async def send(url: str, headers: dict[str, str], body: bytes, *, loopback: bool) -> Sent:
    """Send a body. Everything that can go wrong is an answer, nothing is raised."""
    target = httpx.URL(url)
    try:
        async with asyncio.timeout(_SECONDS):
            address = await _resolved(target, loopback=loopback)
            return await _post(target, address, headers, body)
    except _Forbidden:
        return Sent("address_not_public")
    except (TimeoutError, httpx.TimeoutException):
        return Sent("timeout")
    except (httpx.HTTPError, OSError, UnicodeError):
        return Sent("unreachable")


async def _resolved(target: httpx.URL, *, loopback: bool) -> Address:
    addresses = await addresses_of(target.host, target.port or (443 if target.scheme == "https" else 80))
    if not addresses or not all(is_allowed(address, loopback=loopback) for address in addresses):
        raise _Forbidden
    if target.scheme != "https" and not all(address.is_loopback for address in addresses):
        raise _Forbidden
    return addresses[0]


async def addresses_of(host: str, port: int) -> list[Address]:
    """Return what a name, or an address, means now."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


async def _post(target: httpx.URL, address: Address, headers: dict[str, str], body: bytes) -> Sent:
    # The certificate is checked against the name, the connection goes to the address that was checked.
    pinned = target.copy_with(host=str(address))
    told = {"Host": target.netloc.decode(), "User-Agent": _USER_AGENT, "Content-Type": "application/json", **headers}
    async with (
        httpx.AsyncClient(timeout=_SECONDS, verify=_trust(), trust_env=False, follow_redirects=False) as client,
        client.stream("POST", pinned, content=body, headers=told, extensions={"sni_hostname": target.host}) as answer,
    ):
        status = answer.status_code
    if httpx.codes.is_success(status):
        return Sent(status=status)
    return Sent("redirected" if httpx.codes.is_redirect(status) else "refused", status)
